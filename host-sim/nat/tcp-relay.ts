// The TCP side of the gateway: connections of boards, each opened anew outside by whoever drives this. A relay, no NAT:
// what of its segments a NAT lets through is for the gateway to ask.

import type { Instant, Machine, Random } from "../../firmware/contract.js";
import type { Peer } from "./peer.js";
import { resetOf, type Segment } from "./segment.js";
import { ACK, RST, SYN } from "./tcp-flags.js";
import { type FlowAction, TcpFlow } from "./tcp-flow.js";

/** Connections at the same time; another one is refused. */
const FLOW_COUNT = 64;

/** The two ends of a connection as the board sees them, as one text. */
export type FlowId = string;

/** What is to be done outside; `remote` is the end that the board wants. */
export type TcpCommand = { readonly id: FlowId; readonly remote: Peer } & FlowAction;

/** A segment to a board, and when it was made. */
export interface TimedSegment {
	readonly now: Instant;
	readonly segment: Segment;
}

export class TcpRelay implements Machine {
	readonly #random: Random;
	readonly #flows = new Map<FlowId, TcpFlow>();
	readonly #remotes = new Map<FlowId, Peer>();
	readonly #segments: TimedSegment[] = [];
	readonly #commands: TcpCommand[] = [];

	constructor(random: Random) {
		this.#random = random;
	}

	get flowCount(): number {
		return this.#flows.size;
	}

	/** A segment from a board to somewhere outside. */
	handleSegment(now: Instant, segment: Segment): void {
		const id = `${segment.source}>${segment.destination}`;
		const flow = this.#flows.get(id) ?? this.#open(id, segment);
		if (flow === undefined) {
			if ((segment.flags & RST) === 0) this.#segments.push({ now, segment: resetOf(segment) });
			return;
		}
		flow.handleSegment(now, segment);
		this.#drain(now, id, flow);
	}

	handleOpened(now: Instant, id: FlowId): void {
		this.#with(now, id, (flow) => flow.handleOpened(now));
	}

	handleAborted(now: Instant, id: FlowId): void {
		this.#with(now, id, (flow) => flow.handleAborted());
	}

	handleData(now: Instant, id: FlowId, bytes: Buffer): void {
		this.#with(now, id, (flow) => flow.handleData(now, bytes));
	}

	handleEnded(now: Instant, id: FlowId): void {
		this.#with(now, id, (flow) => flow.handleEnded(now));
	}

	/** Bytes from outside that the board has not acknowledged. */
	pendingLength(id: FlowId): number {
		return this.#flows.get(id)?.pendingLength ?? 0;
	}

	/** What goes to the boards. */
	pollSegment(): TimedSegment | undefined {
		return this.#segments.shift();
	}

	pollCommand(): TcpCommand | undefined {
		return this.#commands.shift();
	}

	pollTimeout(): Instant {
		return Math.min(Infinity, ...Array.from(this.#flows.values(), ({ timeoutAt }) => timeoutAt));
	}

	handleTimeout(now: Instant): void {
		for (const id of [...this.#flows.keys()]) this.#with(now, id, (flow) => flow.handleTimeout(now));
	}

	#open(id: FlowId, segment: Segment): TcpFlow | undefined {
		if ((segment.flags & (SYN | ACK | RST)) !== SYN || this.#flows.size >= FLOW_COUNT) return undefined;
		const flow = new TcpFlow(segment, this.#random.uint32());
		this.#flows.set(id, flow);
		this.#remotes.set(id, segment.destination);
		return flow;
	}

	#with(now: Instant, id: FlowId, act: (flow: TcpFlow) => void): void {
		const flow = this.#flows.get(id);
		if (flow === undefined) return;
		act(flow);
		this.#drain(now, id, flow);
	}

	#drain(now: Instant, id: FlowId, flow: TcpFlow): void {
		for (let segment = flow.pollSegment(); segment !== undefined; segment = flow.pollSegment()) {
			this.#segments.push({ now, segment });
		}
		for (let action = flow.pollAction(); action !== undefined; action = flow.pollAction()) {
			this.#commands.push({ id, remote: this.#remotes.get(id)!, ...action });
		}
		if (!flow.finished) return;
		this.#flows.delete(id);
		this.#remotes.delete(id);
	}
}
