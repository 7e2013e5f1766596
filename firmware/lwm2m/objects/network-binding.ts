import { defineObject } from "../object.js";

/**
 * Network binding, ours, in the private range: what the device has learned of the NAT between it and one server, what
 * it does to stay reachable, and what that costs. One instance for each account, with the number of its /1 instance.
 */
export const NetworkBinding = defineObject(33_101, "1.0", {
	shortServerId: { id: 0, operations: "R", type: "integer", range: [1, 65534], mandatory: true },
	/** The binding was seen alive after so much silence; 0 while nothing was seen. */
	lowerBound: { id: 1, operations: "R", type: "unsigned", unit: "s", mandatory: true },
	/** It was dead after so much silence; no value while it never was. */
	upperBound: { id: 2, operations: "R", type: "unsigned", unit: "s" },
	/** Between two keepalives; no value where there are none. */
	interval: { id: 3, operations: "R", type: "unsigned", unit: "s" },
	/** "refresh", "ping", "check" or "none". */
	keepalive: { id: 4, operations: "R", type: "string", mandatory: true },
	/** How often the server saw another address, as far as it says so. */
	rebindings: { id: 5, operations: "R", type: "unsigned", mandatory: true },
	/** From each loss that was noticed to its repair, since the start. */
	unreachableTime: { id: 6, operations: "R", type: "unsigned", unit: "s", mandatory: true },
	/** With IP and UDP or TCP: of the last whole day, in the first as if it went on so; no value in its first hour. */
	bytesPerDay: { id: 7, operations: "R", type: "unsigned", unit: "B" },
	wakeUpsPerDay: { id: 8, operations: "R", type: "unsigned" },
	/** "udp", "tcp", "tls", "ws" or "wss". */
	transport: { id: 9, operations: "R", type: "string", mandatory: true },
	/** Which network this is about: its name, a mark made of it, or nothing, as the device is set up. */
	network: { id: 10, operations: "R", type: "string" },
	/** The newest first: "unanswered", "moved", "expired", "unknown-address", "forgotten", "no-way". */
	lastFailures: { id: 11, operations: "R", type: "string", multiple: true, mandatory: true },
	/** How long ago each of them was. */
	failureAges: { id: 12, operations: "R", type: "unsigned", unit: "s", multiple: true, mandatory: true },
	/** The part of the datagrams that is lost, as estimated. */
	loss: { id: 13, operations: "R", type: "float", unit: "%", mandatory: true },
	/** Whether the server's offer to measure bindings is used: "none", "waiting" or "measuring". */
	probe: { id: 14, operations: "R", type: "string", mandatory: true },
	/** What bytesPerDay and wakeUpsPerDay stand on: 86,400 from the second day on; 0: they are not counted. */
	costPeriod: { id: 15, operations: "R", type: "unsigned", unit: "s", mandatory: true },
});
