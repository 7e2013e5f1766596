import { defineObject } from "../object.js";

/** Connectivity Statistics (7): what the device sent and received since Start; `Traffic` counts it. */
export const ConnectivityStatistics = defineObject(7, "1.0", {
	smsTxCounter: { id: 0, operations: "R", type: "integer" },
	smsRxCounter: { id: 1, operations: "R", type: "integer" },
	txData: { id: 2, operations: "R", type: "integer" },
	rxData: { id: 3, operations: "R", type: "integer" },
	maxMessageSize: { id: 4, operations: "R", type: "integer", unit: "B" },
	averageMessageSize: { id: 5, operations: "R", type: "integer", unit: "B" },
	start: { id: 6, operations: "E", mandatory: true },
	stop: { id: 7, operations: "E", mandatory: true },
	collectionPeriod: { id: 8, operations: "RW", type: "integer", unit: "s", range: [0, 0xffffffff] },
});
