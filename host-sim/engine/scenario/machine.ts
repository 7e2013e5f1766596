// The frozen scenario's device: 8 objects with 60 resources that are present, as a compressor with its controller has.

import { addServerAccount, type OscoreKeys } from "../../../firmware/agent/server-account.js";
import { Model } from "../../../firmware/lwm2m/model.js";
import { defineObject, type TypedInstance } from "../../../firmware/lwm2m/object.js";
import { Actuation } from "../../../firmware/lwm2m/objects/actuation.js";
import { Device } from "../../../firmware/lwm2m/objects/device.js";
import { DigitalInput } from "../../../firmware/lwm2m/objects/digital-input.js";
import { Pressure } from "../../../firmware/lwm2m/objects/pressure.js";
import { Temperature } from "../../../firmware/lwm2m/objects/temperature.js";

/** An object of the maker's own, from the private range of the registry. */
const Controller = defineObject(33001, "1.0", {
	targetPressure: { id: 0, operations: "RW", type: "float", mandatory: true },
	hysteresis: { id: 1, operations: "RW", type: "float", mandatory: true },
	serviceHours: { id: 2, operations: "R", type: "integer", mandatory: true },
	operator: { id: 3, operations: "RW", type: "string", mandatory: true },
	acknowledge: { id: 4, operations: "E", mandatory: true },
});

/** What a run changes while it goes on. */
export interface Machine {
	readonly model: Model;
	readonly pressure: TypedInstance<(typeof Pressure)["resources"]>;
	readonly temperature: TypedInstance<(typeof Temperature)["resources"]>;
}

function addAccount(model: Model, serverUri: string, oscore: OscoreKeys | undefined): void {
	addServerAccount(model, {
		oscore,
		serverUri,
		shortServerId: 1,
		lifetimeSeconds: 86_400,
		server: {
			defaultMinimumPeriod: 0,
			defaultMaximumPeriod: 0,
			disable: null,
			disableTimeout: 86_400,
			defaultNotificationMode: 0,
		},
	});
}

function addDevice(model: Model): void {
	model.add(Device, 0, {
		manufacturer: "Pinhole",
		modelNumber: "Scenario",
		serialNumber: "0011223344",
		firmwareVersion: "0.1.0",
		factoryReset: null,
		batteryLevel: 80,
		memoryFree: 100,
		errorCode: [0],
		resetErrorCode: null,
		currentTime: null,
		utcOffset: "+00:00",
		supportedBindingAndModes: "U",
		deviceType: "Compressor",
	});
}

/** Makes the model anew; with keys, it has the object that holds them, too. */
export function createMachine(serverUri: string, oscore?: OscoreKeys): Machine {
	const model = new Model();
	addAccount(model, serverUri, oscore);
	addDevice(model);
	model.add(DigitalInput, 0, {
		digitalInputState: false,
		digitalInputCounter: 0,
		applicationType: "Overpressure",
	});
	const sensor = { minMeasuredValue: 0, maxMeasuredValue: 100, minRangeValue: -50, maxRangeValue: 12_000 };
	const execute = () => "changed" as const;
	const pressure = model.add(
		Pressure,
		0,
		{ ...sensor, sensorValue: 6000, sensorUnits: "hPa", applicationType: "Tank", resetMinAndMaxMeasuredValues: null },
		{ execute },
	);
	const temperature = model.add(
		Temperature,
		0,
		{
			...sensor,
			sensorValue: 21.5,
			sensorUnits: "Cel",
			applicationType: "Housing",
			resetMinAndMaxMeasuredValues: null,
		},
		{ execute },
	);
	model.add(Actuation, 0, { onOff: true, dimmer: 100, onTime: 0, multiStateOutput: "auto", applicationType: "Motor" });
	model.add(
		Controller,
		0,
		{ targetPressure: 7000, hysteresis: 500, serviceHours: 1200, operator: "night shift" },
		{ execute },
	);
	return { model, pressure, temperature };
}

/** How many objects and present resources a model has: the scenario is frozen at 8 and 60. */
export function countResources(model: Model): string {
	let count = 0;
	for (const instance of model.instances) for (const value of instance.values) if (value !== undefined) count++;
	return `${model.instances.length} objects, ${count} resources`;
}
