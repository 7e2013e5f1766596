import { defineObject } from "../object.js";

/** Actuation (3306): something to switch on and off; onTime counts its seconds on, a written 0 starts over. */
export const Actuation = defineObject(3306, "1.1", {
	applicationType: { id: 5750, operations: "RW", type: "string", persistent: true },
	onOff: { id: 5850, operations: "RW", type: "boolean", mandatory: true },
	dimmer: { id: 5851, operations: "RW", type: "integer", unit: "/100", range: [0, 100] },
	onTime: { id: 5852, operations: "RW", type: "integer", unit: "s" },
	multiStateOutput: { id: 5853, operations: "RW", type: "string" },
});
