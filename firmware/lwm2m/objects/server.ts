import { defineObject } from "../object.js";

/** LwM2M Server (1): how to stay registered with one server, and its defaults for notifications. */
export const Server = defineObject(1, "1.2", {
	shortServerId: { id: 0, operations: "R", type: "integer", range: [1, 65534], mandatory: true },
	lifetime: { id: 1, operations: "RW", type: "integer", unit: "s", range: [1, 0xffffffff], mandatory: true },
	defaultMinimumPeriod: { id: 2, operations: "RW", type: "integer", unit: "s", range: [0, 0xffffffff] },
	defaultMaximumPeriod: { id: 3, operations: "RW", type: "integer", unit: "s", range: [0, 0xffffffff] },
	disable: { id: 4, operations: "E" },
	disableTimeout: { id: 5, operations: "RW", type: "integer", unit: "s", range: [0, 0xffffffff] },
	notificationStoring: { id: 6, operations: "RW", type: "boolean", mandatory: true },
	binding: { id: 7, operations: "RW", type: "string", mandatory: true },
	registrationUpdateTrigger: { id: 8, operations: "E", mandatory: true },
	bootstrapRequestTrigger: { id: 9, operations: "E" },
	lastBootstrapped: { id: 12, operations: "R", type: "time" },
	registrationPriorityOrder: { id: 13, operations: "R", type: "unsigned" },
	initialRegistrationDelayTimer: { id: 14, operations: "RW", type: "unsigned", unit: "s" },
	registrationFailureBlock: { id: 15, operations: "R", type: "boolean" },
	bootstrapOnRegistrationFailure: { id: 16, operations: "R", type: "boolean" },
	communicationRetryCount: { id: 17, operations: "RW", type: "unsigned" },
	communicationRetryTimer: { id: 18, operations: "RW", type: "unsigned", unit: "s" },
	communicationSequenceDelayTimer: { id: 19, operations: "RW", type: "unsigned", unit: "s" },
	communicationSequenceRetryCount: { id: 20, operations: "RW", type: "unsigned" },
	muteSend: { id: 23, operations: "RW", type: "boolean" },
	defaultNotificationMode: { id: 26, operations: "RW", type: "integer", range: [0, 1] },
});
