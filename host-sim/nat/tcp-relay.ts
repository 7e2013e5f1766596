// The TCP side of the gateway: connections of boards, each opened anew outside by whoever drives this. A relay, no NAT:
// there are no mappings, no time-outs and no filter for TCP here.

import type { Instant, Machine, Random } from "../../firmware/contract.js";
import type { Packet } from "./packet.js";
import type { Peer } from "./peer.js";
import { ACK, RST, readSegment, type Segment, SYN, segmentPacket } from "./segment.js";
import { type FlowAction, TcpFlow } from "./tcp-flow.js";

/** Connections at the same time; another one is refused. */
const FLOW_COUNT = 64;

/** The two ends of a connection as the board sees them, as one text. */
export type FlowId = string;

/** What is to be done outside; `remote` is the end that the board wants. */
export type TcpCommand = { readonly id: FlowId; readonly remote: Peer } & FlowAction;

export class TcpRelay implements Machine {
	readonly #random: Random;
	readonly #flows = new Map<FlowId, TcpFlow>();
	readonly #remotes = new Map<FlowId, Peer>();
	readonly #packets: Packet[] = [];
	readonly #commands: TcpCommand[] = [];

	constructor(random: Random) {
		this.#random = random;
	}

	get flowCount(): number {
		return this.#flows.size;
	}

	/** A packet of TCP from a board to somewhere outside. */
	handlePacket(now: Instant, packet: Packet): void {
		const segment = readSegment(packet);
		if (segment === undefined) return;
		const id = `${segment.source}>${segment.destination}`;
		const flow = this.#flows.get(id) ?? this.#open(id, segment);
		if (flow === undefined) {
			if ((segment.flags & RST) === 0) this.#refuse(segment);
			return;
		}
		flow.handleSegment(now, segment);
		this.#drain(id, flow);
	}

	handleOpened(now: Instant, id: FlowId): void {
		this.#with(id, (flow) => flow.handleOpened(now));
	}

	handleAborted(id: FlowId): void {
		this.#with(id, (flow) => flow.handleAborted());
	}

	handleData(now: Instant, id: FlowId, bytes: Buffer): void {
		this.#with(id, (flow) => flow.handleData(now, bytes));
	}

	handleEnded(now: Instant, id: FlowId): void {
		this.#with(id, (flow) => flow.handleEnded(now));
	}

	/** Bytes from outside that the board has not acknowledged. */
	pendingLength(id: FlowId): number {
		return this.#flows.get(id)?.pendingLength ?? 0;
	}

	pollPacket(): Packet | undefined {
		return this.#packets.shift();
	}

	pollCommand(): TcpCommand | undefined {
		return this.#commands.shift();
	}

	pollTimeout(): Instant {
		return Math.min(Infinity, ...Array.from(this.#flows.values(), ({ timeoutAt }) => timeoutAt));
	}

	handleTimeout(now: Instant): void {
		for (const id of [...this.#flows.keys()]) this.#with(id, (flow) => flow.handleTimeout(now));
	}

	#open(id: FlowId, segment: Segment): TcpFlow | undefined {
		if ((segment.flags & (SYN | ACK | RST)) !== SYN || this.#flows.size >= FLOW_COUNT) return undefined;
		const flow = new TcpFlow(segment, this.#random.uint32());
		this.#flows.set(id, flow);
		this.#remotes.set(id, segment.destination);
		return flow;
	}

	/** RFC 9293, 3.10.7.1: what belongs to no connection is reset. */
	#refuse(segment: Segment): void {
		const hasAcknowledgment = (segment.flags & ACK) !== 0;
		const length = segment.payload.length + ((segment.flags & SYN) === 0 ? 0 : 1);
		this.#packets.push(
			segmentPacket({
				source: segment.destination,
				destination: segment.source,
				sequence: hasAcknowledgment ? segment.acknowledgment : 0,
				acknowledgment: (segment.sequence + length) >>> 0,
				flags: hasAcknowledgment ? RST : RST | ACK,
				window: 0,
				payload: Buffer.alloc(0),
			}),
		);
	}

	#with(id: FlowId, act: (flow: TcpFlow) => void): void {
		const flow = this.#flows.get(id);
		if (flow === undefined) return;
		act(flow);
		this.#drain(id, flow);
	}

	#drain(id: FlowId, flow: TcpFlow): void {
		for (let segment = flow.pollSegment(); segment !== undefined; segment = flow.pollSegment()) {
			this.#packets.push(segmentPacket(segment));
		}
		for (let action = flow.pollAction(); action !== undefined; action = flow.pollAction()) {
			this.#commands.push({ id, remote: this.#remotes.get(id)!, ...action });
		}
		if (!flow.finished) return;
		this.#flows.delete(id);
		this.#remotes.delete(id);
	}
}
