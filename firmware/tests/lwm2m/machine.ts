// A small device for the tests of operations: a server account, a device, thermometers, a motor, a cabinet of cases.

import { addServerAccount } from "../../agent/server-account.js";
import { defineObject } from "../../lwm2m/object.js";
import { Actuation } from "../../lwm2m/objects/actuation.js";
import { Device } from "../../lwm2m/objects/device.js";
import { Temperature } from "../../lwm2m/objects/temperature.js";
import { Bench } from "./bench.js";

/** An object of no registry with one resource for each case that the standard objects do not have. */
export const Cabinet = defineObject(42, "1.0", {
	secret: { id: 0, operations: "W", type: "string" },
	internal: { id: 1, operations: "", type: "string" },
	blob: { id: 2, operations: "RW", type: "opaque" },
	numbers: { id: 3, operations: "RW", type: "integer", multiple: true, range: [0, 99] },
	link: { id: 4, operations: "RW", type: "objectLink" },
	name: { id: 5, operations: "RW", type: "string", mandatory: true },
	go: { id: 6, operations: "E" },
	count: { id: 7, operations: "RW", type: "unsigned" },
});

/** The device with all its instances, and nothing changed yet. */
export function machine(bench = new Bench()) {
	const { model } = bench;
	const server = addServerAccount(model, {
		serverUri: "coap://192.0.2.1",
		shortServerId: 1,
		lifetimeSeconds: 300,
		server: { defaultMinimumPeriod: null, defaultMaximumPeriod: null, disable: null, defaultNotificationMode: null },
	});
	const device = model.add(Device, 0, {
		manufacturer: "Pinhole",
		serialNumber: null,
		factoryReset: null,
		availablePowerSources: [1, 5],
		errorCode: [3],
		resetErrorCode: null,
		currentTime: null,
		supportedBindingAndModes: "U",
	});
	const temperature = model.add(Temperature, 0, { sensorValue: 21.5, sensorUnits: "Cel" });
	model.add(Temperature, 1, { sensorValue: 40 });
	const motor = model.add(Actuation, 0, { onOff: false, dimmer: 30 });
	const cabinet = model.add(Cabinet, 0, {
		secret: "hidden",
		internal: "hidden",
		blob: new Uint8Array([0, 255]),
		numbers: [7, 8],
		link: "3303:0",
		name: "cabinet",
		go: null,
		count: 0,
	});
	bench.drain();
	return { bench, server, device, temperature, motor, cabinet };
}
