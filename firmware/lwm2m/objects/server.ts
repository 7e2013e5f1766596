import { defineObject } from "../object.js";

const UINT32 = [0, 0xffffffff] as const;

/** LwM2M Server (1): how to stay registered with one server, and its defaults for notifications. */
export const Server = defineObject(1, "1.2", {
	shortServerId: { id: 0, operations: "R", type: "integer", range: [1, 65534], mandatory: true },
	lifetime: { id: 1, operations: "RW", type: "integer", unit: "s", range: UINT32, mandatory: true, persistent: true },
	defaultMinimumPeriod: { id: 2, operations: "RW", type: "integer", unit: "s", range: UINT32, persistent: true },
	defaultMaximumPeriod: { id: 3, operations: "RW", type: "integer", unit: "s", range: UINT32, persistent: true },
	disable: { id: 4, operations: "E" },
	disableTimeout: { id: 5, operations: "RW", type: "integer", unit: "s", range: UINT32, persistent: true },
	notificationStoring: { id: 6, operations: "RW", type: "boolean", mandatory: true, persistent: true },
	binding: { id: 7, operations: "RW", type: "string", mandatory: true, persistent: true },
	registrationUpdateTrigger: { id: 8, operations: "E", mandatory: true },
	bootstrapRequestTrigger: { id: 9, operations: "E" },
	lastBootstrapped: { id: 12, operations: "R", type: "time" },
	registrationPriorityOrder: { id: 13, operations: "R", type: "unsigned" },
	initialRegistrationDelayTimer: { id: 14, operations: "RW", type: "unsigned", unit: "s", persistent: true },
	registrationFailureBlock: { id: 15, operations: "R", type: "boolean" },
	bootstrapOnRegistrationFailure: { id: 16, operations: "R", type: "boolean" },
	communicationRetryCount: { id: 17, operations: "RW", type: "unsigned", persistent: true },
	communicationRetryTimer: { id: 18, operations: "RW", type: "unsigned", unit: "s", persistent: true },
	communicationSequenceDelayTimer: { id: 19, operations: "RW", type: "unsigned", unit: "s", persistent: true },
	communicationSequenceRetryCount: { id: 20, operations: "RW", type: "unsigned", persistent: true },
	/** The device can be woken by SMS: what comes that way is a trigger, and no message answers it. */
	trigger: { id: 21, operations: "RW", type: "boolean", persistent: true },
	preferredTransport: { id: 22, operations: "RW", type: "string", persistent: true },
	muteSend: { id: 23, operations: "RW", type: "boolean", persistent: true },
	supportedServerVersions: { id: 25, operations: "RW", type: "string", multiple: true },
	defaultNotificationMode: { id: 26, operations: "RW", type: "integer", range: [0, 1], persistent: true },
});
