import { defineObject } from "../object.js";

/** Pressure (3323); its sensorUnits say the unit, "Pa" or "hPa". */
export const Pressure = defineObject(3323, "1.1", {
	minMeasuredValue: { id: 5601, operations: "R", type: "float" },
	maxMeasuredValue: { id: 5602, operations: "R", type: "float" },
	minRangeValue: { id: 5603, operations: "R", type: "float" },
	maxRangeValue: { id: 5604, operations: "R", type: "float" },
	resetMinAndMaxMeasuredValues: { id: 5605, operations: "E" },
	sensorValue: { id: 5700, operations: "R", type: "float", mandatory: true },
	sensorUnits: { id: 5701, operations: "R", type: "string" },
	applicationType: { id: 5750, operations: "RW", type: "string", persistent: true },
	currentCalibration: { id: 5821, operations: "RW", type: "float", persistent: true },
});
