import { defineObject } from "../object.js";

/** Digital Input (3200): a contact, an alarm for instance. */
export const DigitalInput = defineObject(3200, "1.1", {
	digitalInputState: { id: 5500, operations: "R", type: "boolean", mandatory: true },
	digitalInputCounter: { id: 5501, operations: "R", type: "integer" },
	digitalInputPolarity: { id: 5502, operations: "RW", type: "boolean", persistent: true },
	digitalInputDebounce: { id: 5503, operations: "RW", type: "integer", unit: "ms", persistent: true },
	digitalInputEdgeSelection: { id: 5504, operations: "RW", type: "integer", range: [1, 3], persistent: true },
	digitalInputCounterReset: { id: 5505, operations: "E" },
	applicationType: { id: 5750, operations: "RW", type: "string", persistent: true },
	sensorType: { id: 5751, operations: "R", type: "string" },
});
