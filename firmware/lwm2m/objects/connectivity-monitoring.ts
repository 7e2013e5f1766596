import { defineObject } from "../object.js";

/** Connectivity Monitoring (4): by which network the device is connected, and how well; the application sets it. */
export const ConnectivityMonitoring = defineObject(4, "1.3", {
	networkBearer: { id: 0, operations: "R", type: "integer", range: [0, 50], mandatory: true },
	availableNetworkBearer: { id: 1, operations: "R", type: "integer", range: [0, 50], multiple: true, mandatory: true },
	radioSignalStrength: { id: 2, operations: "R", type: "integer", unit: "dBm", mandatory: true },
	linkQuality: { id: 3, operations: "R", type: "integer" },
	ipAddresses: { id: 4, operations: "R", type: "string", multiple: true, mandatory: true },
	routerIpAddresses: { id: 5, operations: "R", type: "string", multiple: true },
	linkUtilization: { id: 6, operations: "R", type: "integer", unit: "/100", range: [0, 100] },
	apn: { id: 7, operations: "R", type: "string", multiple: true },
	cellId: { id: 8, operations: "R", type: "integer" },
	smnc: { id: 9, operations: "R", type: "integer", range: [0, 999] },
	smcc: { id: 10, operations: "R", type: "integer", range: [0, 999] },
	signalSnr: { id: 11, operations: "R", type: "integer", unit: "dB" },
	lac: { id: 12, operations: "R", type: "integer", range: [0, 65535] },
	coverageEnhancementLevel: { id: 13, operations: "R", type: "integer", range: [0, 4] },
});
