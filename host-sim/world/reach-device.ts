// Our firmware as the party of a world of reachability: one server account, one measurement, nothing else to say.

import { renewingOscore } from "../../firmware/agent/oscore-account.js";
import { addServerAccount, type OscoreKeys } from "../../firmware/agent/server-account.js";
import { Code } from "../../firmware/coap/codes.js";
import { Model } from "../../firmware/lwm2m/model.js";
import { Device as DeviceObject } from "../../firmware/lwm2m/objects/device.js";
import { Device } from "../../firmware/main.js";
import type { Primitives } from "../../firmware/security/primitives.js";
import { MemoryStore } from "./memory-store.js";
import type { FirmwareExtras, Host, Party } from "./reach-types.js";

/** What the service reads to see whether a device is there. */
export const COMMAND_PATH = "/3/0/2";

export interface FirmwareOptions {
	readonly lifetimeSeconds: number;
	/** Undefined: the device learns it. */
	readonly keepaliveMs: number | undefined;
	/** False: it treats every server as one without the extension Reach. */
	readonly elective: boolean | undefined;
	readonly extras?: FirmwareExtras | undefined;
	readonly keys: { readonly oscore: OscoreKeys; readonly primitives: Primitives } | undefined;
}

export class FirmwareParty implements Party {
	readonly device: Device;
	readonly model = new Model();
	readonly store = new MemoryStore();

	constructor(host: Host, { lifetimeSeconds, keepaliveMs, elective, extras, keys }: FirmwareOptions) {
		const { provider, name, serverAddress, serverPort } = host;
		const serverUri = `coap://${serverAddress}:${serverPort}`;
		const server = { binding: extras?.binding ?? "UT", muteSend: false, disable: null, disableTimeout: 60 };
		addServerAccount(this.model, { serverUri, shortServerId: 1, lifetimeSeconds, oscore: keys?.oscore, server });
		this.model.add(DeviceObject, 0, {
			manufacturer: "Pinhole",
			modelNumber: "Reach",
			serialNumber: name,
			errorCode: [0],
			currentTime: null,
			supportedBindingAndModes: "UT",
		});
		this.device = new Device(provider, {
			endpointName: name,
			model: this.model,
			keepaliveMs,
			elective,
			awakeMs: extras?.awakeMs,
			...(extras?.onEvent !== undefined && { onEvent: extras.onEvent }),
			store: this.store,
			protect:
				keys === undefined
					? undefined
					: renewingOscore({
							primitives: keys.primitives,
							random: provider.random,
							mustBeFresh: (code) => code === Code.Post,
						}),
		});
	}

	start(): void {
		this.device.start();
	}
}
