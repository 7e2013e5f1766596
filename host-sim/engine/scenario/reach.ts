// What a device keeps in memory to learn how long its binding lives, beside one that is told.

import { PROBE_PATHS, Prober } from "../../../firmware/agent/prober.js";
import { Code } from "../../../firmware/coap/codes.js";
import { probeMessages } from "../../../firmware/coap/probe-messages.js";
import type { Random, Store } from "../../../firmware/contract.js";
import { limits } from "../../../firmware/limits.js";
import { FixedInterval } from "../../../firmware/reach/fixed-interval.js";
import { LearningReach } from "../../../firmware/reach/learning.js";
import { Memory } from "../../../firmware/reach/memory.js";
import { networkCount, putNetwork } from "../../../firmware/reach/networks.js";
import { ReachFlag } from "../../../firmware/reach/reach.js";

const OFFER = { flags: ReachFlag.Keeper | ReachFlag.Probe, lostSeconds: -1, lostCount: 0, heardCount: -1 };
/** Long after a start: the first measurement is due. */
const DUE_MS = 120_000;

const random: Random = { fill: (into) => void into.fill(1), uint32: () => 1 };

/** Makes each in a stage of its own, by whose name the budget knows it; the caller keeps them alive. */
export function keepReach(inStage: <T>(name: string, make: () => T) => T): unknown[] {
	let bytes: Uint8Array | undefined;
	for (let id = 0; id < networkCount; id++) bytes = putNetwork(bytes, id, RECORD);
	const store: Store = { read: () => bytes?.slice(), write: () => {}, delete: () => {}, keys: () => [] };
	const told = inStage("reach: told", () => new FixedInterval(20_000, random));
	const learning = inStage("reach: learning", () => {
		const reach = new LearningReach(random, new Memory(store, "192.0.2.1:5683"));
		reach.handleOpened(0, 0, 1, false);
		reach.handleStarted(0, OFFER);
		return reach;
	});
	const measuring = inStage("reach: measuring", () => measure(learning));
	return [told, learning, measuring];
}

/** Six probes on their sockets. */
function measure(reach: LearningReach): Prober {
	reach.handleTimeout(DUE_MS);
	const delays = reach.takeProbes();
	if (delays.length !== limits.probeSocketCount) throw new Error(`${delays.length} probes were asked for`);
	const prober = new Prober(random, PROBE_PATHS, "192.0.2.1", 5683);
	for (const delayMs of delays) prober.probe(DUE_MS, delayMs);
	prober.takeTicketRequest();
	prober.handleTicket(DUE_MS, Code.Changed, new Uint8Array(probeMessages.ticketLength));
	for (let command = prober.pollCommand(); command !== undefined; command = prober.pollCommand())
		prober.handleOpened(DUE_MS, command.kind === "open" ? command.path : 0);
	return prober;
}

const RECORD = {
	udp: { lowerSeconds: 118, upperSeconds: 121 },
	stream: { lowerSeconds: 0, upperSeconds: 0 },
	moveCount: 0,
	transport: 0,
	isChosen: false,
};
