import { defineObject } from "../object.js";

/**
 * LwM2M Security (0): where a server is and with which keys. No server may see it, so nothing here has an operation.
 * Without security (mode 3) the three keys are null.
 */
export const Security = defineObject(0, "1.2", {
	serverUri: { id: 0, operations: "", type: "string", mandatory: true },
	bootstrapServer: { id: 1, operations: "", type: "boolean", mandatory: true },
	securityMode: { id: 2, operations: "", type: "integer", range: [0, 4], mandatory: true },
	publicKeyOrIdentity: { id: 3, operations: "", type: "opaque", mandatory: true },
	serverPublicKey: { id: 4, operations: "", type: "opaque", mandatory: true },
	secretKey: { id: 5, operations: "", type: "opaque", mandatory: true },
	shortServerId: { id: 10, operations: "", type: "integer", range: [1, 65534] },
	clientHoldOffTime: { id: 11, operations: "", type: "integer", unit: "s" },
	bootstrapServerAccountTimeout: { id: 12, operations: "", type: "integer", unit: "s" },
	oscoreSecurityMode: { id: 17, operations: "", type: "objectLink" },
	secondaryServerUri: { id: 25, operations: "", type: "string" },
});
