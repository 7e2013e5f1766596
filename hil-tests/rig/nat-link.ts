// The way to the back end through one of our NATs: the relay of UDP datagrams, or the one of Ethernet frames.

import type { Line } from "../../host-sim/nat/line.js";
import { readCapture } from "../../host-sim/nat/pcap.js";
import type { BoardLink } from "./board.js";

/** What both NATs have. */
export interface FaultyNat {
	readonly line: Line;
	rebind(): void;
	reboot(): void;
}

/** What only the machine in front of the NAT knows. */
export interface LinkEnds {
	readonly serverUri: string;
	/** Undefined: this NAT carries no connections. */
	readonly connectionUri: string | undefined;
	readonly bindingLifetimeMs: number;
	/** The file of what passes the NAT, and the back end's address in it. */
	readonly capture: string;
	readonly backend: string;
	/** Undefined: this machine has no cable. */
	readonly cable: ((plugged: boolean) => Promise<void>) | undefined;
}

/** A link whose faults are those of the NAT and its line. */
export function natLink(
	nat: FaultyNat,
	{ serverUri, connectionUri, bindingLifetimeMs, capture, backend, cable }: LinkEnds,
): BoardLink {
	return {
		serverUri,
		connectionUri,
		bindingLifetimeMs,
		async drop(chance) {
			nat.line.loss = chance;
		},
		async delay(milliseconds) {
			nat.line.delayMs = milliseconds;
		},
		async jitter(milliseconds) {
			nat.line.jitterMs = milliseconds;
		},
		async duplicate(chance) {
			nat.line.duplication = chance;
		},
		async silence(on) {
			nat.line.blocked = on;
		},
		async rebind() {
			nat.rebind();
		},
		async forget() {
			nat.reboot();
		},
		passed: () =>
			readCapture(capture).filter(({ source, destination }) => source === backend || destination === backend),
		async cable(plugged) {
			if (cable === undefined) throw new Error("this board has no cable that the rig could pull");
			await cable(plugged);
		},
	};
}
