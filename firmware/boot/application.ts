// What a firmware is for: the machine that the board sits in, as its maker describes it.

import type { Model } from "../lwm2m/model.js";
import type { InitialValues } from "../lwm2m/object.js";
import type { Device as DeviceObject } from "../lwm2m/objects/device.js";
import type { Device } from "../main.js";

type DeviceValues = InitialValues<(typeof DeviceObject)["resources"]>;

/** The machine at work: made anew with each model, that is, after each start and each provisioning. */
export interface Machine {
	/** The device runs: for what answers a server later, by `Device.complete`. */
	start?(device: Device): void;
	/** What `Device.send` gave this handle for is with a server, or never will be. */
	handleSent?(handle: number, isSent: boolean): void;
	/** Moves the machine on to an instant, in monotone milliseconds; observers are told afterwards. */
	step(nowMs: number): void;
}

/** One machine's firmware. It holds no state: that is the Machine's. */
export interface Application {
	/** Resources of the Device object (/3/0) that only the maker knows; the firmware adds what it knows itself. */
	readonly identity: Partial<Pick<DeviceValues, "manufacturer" | "modelNumber" | "deviceType" | "hardwareVersion">>;
	/** How often the machine wants to move on. */
	readonly stepMs: number;
	/** Adds the machine's objects to a model that holds the accounts and the Device object already. */
	createMachine(model: Model): Machine;
}
