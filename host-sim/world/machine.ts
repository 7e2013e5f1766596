// What a simulated device is: the air compressor of the story, and beside it a few resources that tell on mistakes.

import { addServerAccount, type OscoreKeys } from "../../firmware/agent/server-account.js";
import type { Instant } from "../../firmware/contract.js";
import { airCompressor } from "../../firmware/examples/air-compressor.js";
import { Model } from "../../firmware/lwm2m/model.js";
import type { Later, ObjectHandler, Status } from "../../firmware/lwm2m/object.js";
import { Actuation } from "../../firmware/lwm2m/objects/actuation.js";
import { Device } from "../../firmware/lwm2m/objects/device.js";
import { Pressure } from "../../firmware/lwm2m/objects/pressure.js";
import { SetPoint } from "../../firmware/lwm2m/objects/set-point.js";

/** Resources of the machine that the workload knows. */
export const paths = {
	/** The endpoint name: an answer that says another one comes from somebody else. */
	serialNumber: "/3/0/2",
	reboot: "/3/0/4",
	pressures: "/3323/0",
	/** Executed with a mark as its argument. */
	marked: "/3323/1/5605",
	/** Written with a mark. */
	markable: "/3306/3/5853",
	/** Written slowly: the handler says Later. */
	slow: "/3306/1/5853",
	/** Several blocks long; every part of it says the same number. */
	long: "/3306/2/5853",
	longInstance: "/3306/2",
	/** Set points: the first is always there, the others come and go; all of them survive power cuts. */
	kept: "/3308",
	keptValue: "5900",
	/** Seconds run: rises, as long as the power stays. */
	runTime: "/3306/0/5852",
	temperature: "/3303/0/5700",
	alarm: "/3200/0/5500",
} as const;

export interface MachineOptions {
	readonly serverUri: string;
	readonly endpointName: string;
	readonly lifetimeSeconds: number;
	readonly confirmableNotifications: boolean;
	readonly disableTimeoutSeconds: number;
	/** Undefined: without security. */
	readonly oscore: OscoreKeys | undefined;
	/** A marked Execute or Write is carried out. */
	readonly carriedOut: (mark: string) => void;
	/** A Write is put off: `complete` wants to be told its Later. */
	readonly putOff: (later: Later) => void;
	/** A server writes, creates (the state is the value) or deletes (it is GONE) a set point. */
	readonly changes: (instanceId: number, state: string) => void;
}

export interface Machine {
	readonly model: Model;
	/** Moves the machine on to an instant of its device. */
	step(now: Instant): void;
}

/** pmax: observers hear at least so often. */
export const LONGEST_SILENCE_SECONDS = 300;

/** The state of a set point that is not there. */
export const GONE = "gone";
export const KEPT_COUNT = 4;

/** How often the long text changes: rarely enough that most of its transfers end, often enough that some do not. */
const LONG_TEXT_MS = 180_000;
const LONG_TEXT_PARTS = 500;

export function createMachine(options: MachineOptions): Machine {
	const model = new Model();
	addStandardObjects(model, options);
	const compressor = airCompressor(model);
	model.add(
		Pressure,
		1,
		{ sensorValue: 0, resetMinAndMaxMeasuredValues: null },
		{
			execute: (_instanceId, _name, argument): Status => {
				options.carriedOut(argument);
				return "changed";
			},
		},
	);
	addWritables(model, options);
	addKept(model, options);
	const long = model.add(Actuation, 2, { onOff: false, multiStateOutput: longText(0) });
	let revision = 0;
	return {
		model,
		step(now) {
			compressor.step(now);
			const current = Math.floor(now / LONG_TEXT_MS);
			if (current === revision) return;
			revision = current;
			long.set("multiStateOutput", longText(revision));
		},
	};
}

function addWritables(model: Model, options: MachineOptions): void {
	let laterCount = 0;
	const values = { onOff: false, multiStateOutput: "" };
	model.add(Actuation, 1, values, {
		write: (_instanceId, _name, value): Later => {
			options.carriedOut(String(value));
			const later = { later: ++laterCount };
			options.putOff(later);
			return later;
		},
	});
	model.add(Actuation, 3, values, {
		write: (_instanceId, _name, value): Status => {
			options.carriedOut(String(value));
			return "changed";
		},
	});
}

function addKept(model: Model, { changes }: MachineOptions): void {
	const handler: ObjectHandler<(typeof SetPoint)["resources"]> = {
		write: (instanceId, _name, value): undefined => changes(instanceId, String(value)) as undefined,
		create: (instanceId, { setPointValue }): undefined => changes(instanceId, String(setPointValue)) as undefined,
		delete: (instanceId): undefined => changes(instanceId, GONE) as undefined,
	};
	model.add(SetPoint, 0, { setPointValue: 0 }, handler);
	model.allowCreate(SetPoint, KEPT_COUNT, {}, handler);
}

/** What a set point is: its value as text, or GONE. */
export function keptState(model: Model, instanceId: number): string {
	return String(model.find(SetPoint.objectId, instanceId)?.get("setPointValue") ?? GONE);
}

/** One number, said again and again. */
export function longText(revision: number): string {
	return `${String(revision).padStart(4, "0")};`.repeat(LONG_TEXT_PARTS);
}

/** Whether a text is a long text of one revision, and not parts of two. */
export function isLongText(text: string): boolean {
	return text === text.slice(0, text.indexOf(";") + 1).repeat(LONG_TEXT_PARTS);
}

function addStandardObjects(model: Model, options: MachineOptions): void {
	addServerAccount(model, {
		serverUri: options.serverUri,
		shortServerId: 1,
		lifetimeSeconds: options.lifetimeSeconds,
		oscore: options.oscore,
		server: {
			disable: null,
			disableTimeout: options.disableTimeoutSeconds,
			defaultMinimumPeriod: 5,
			defaultMaximumPeriod: LONGEST_SILENCE_SECONDS,
			defaultNotificationMode: options.confirmableNotifications ? 1 : 0,
		},
	});
	model.add(Device, 0, {
		manufacturer: "Pinhole",
		modelNumber: "Air compressor, simulated",
		serialNumber: options.endpointName,
		errorCode: [0],
		currentTime: null,
		supportedBindingAndModes: "U",
	});
}
