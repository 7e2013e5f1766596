import { defineObject } from "../object.js";

/** LwM2M OSCORE (21): the keys of a server's account, which /0/x/17 points to. No server may see it. */
export const OscoreObject = defineObject(21, "2.0", {
	masterSecret: { id: 0, operations: "", type: "opaque", mandatory: true },
	senderId: { id: 1, operations: "", type: "opaque", mandatory: true },
	recipientId: { id: 2, operations: "", type: "opaque", mandatory: true },
	/** As COSE numbers; AES-CCM-16-64-128 (10) and HKDF with SHA-256 (-10) if not given, and nothing else is built. */
	aeadAlgorithm: { id: 3, operations: "", type: "integer" },
	hmacAlgorithm: { id: 4, operations: "", type: "integer" },
	masterSalt: { id: 5, operations: "", type: "opaque" },
	idContext: { id: 6, operations: "", type: "opaque" },
});
