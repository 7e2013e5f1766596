import { defineObject } from "../object.js";

/** Device (3): what the machine is and how it is. */
export const Device = defineObject(3, "1.2", {
	manufacturer: { id: 0, operations: "R", type: "string" },
	modelNumber: { id: 1, operations: "R", type: "string" },
	serialNumber: { id: 2, operations: "R", type: "string" },
	firmwareVersion: { id: 3, operations: "R", type: "string" },
	reboot: { id: 4, operations: "E", mandatory: true },
	factoryReset: { id: 5, operations: "E" },
	availablePowerSources: { id: 6, operations: "R", type: "integer", range: [0, 7], multiple: true },
	powerSourceVoltage: { id: 7, operations: "R", type: "integer", unit: "mV", multiple: true },
	powerSourceCurrent: { id: 8, operations: "R", type: "integer", unit: "mA", multiple: true },
	batteryLevel: { id: 9, operations: "R", type: "integer", unit: "/100", range: [0, 100] },
	memoryFree: { id: 10, operations: "R", type: "integer", unit: "KiB" },
	errorCode: { id: 11, operations: "R", type: "integer", range: [0, 32], multiple: true, mandatory: true },
	resetErrorCode: { id: 12, operations: "E" },
	currentTime: { id: 13, operations: "RW", type: "time" },
	utcOffset: { id: 14, operations: "RW", type: "string", persistent: true },
	timezone: { id: 15, operations: "RW", type: "string", persistent: true },
	supportedBindingAndModes: { id: 16, operations: "R", type: "string", mandatory: true },
	deviceType: { id: 17, operations: "R", type: "string" },
	hardwareVersion: { id: 18, operations: "R", type: "string" },
	softwareVersion: { id: 19, operations: "R", type: "string" },
	batteryStatus: { id: 20, operations: "R", type: "integer", range: [0, 6] },
	memoryTotal: { id: 21, operations: "R", type: "integer", unit: "KiB" },
	extendedDeviceInformation: { id: 22, operations: "R", type: "objectLink", multiple: true },
});
