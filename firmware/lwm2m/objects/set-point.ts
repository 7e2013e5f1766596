import { defineObject } from "../object.js";

/** Set Point (3308): a value that a controller is to reach. */
export const SetPoint = defineObject(3308, "1.1", {
	sensorUnits: { id: 5701, operations: "R", type: "string" },
	colour: { id: 5706, operations: "RW", type: "string", persistent: true },
	applicationType: { id: 5750, operations: "RW", type: "string", persistent: true },
	setPointValue: { id: 5900, operations: "RW", type: "float", mandatory: true, persistent: true },
});
