// One device behind a NAT of its own: the radio that loses, the NAT that forgets, and an observer who sees both, and so
// knows at each instant whether the service could reach the device.

import { Nat, type NatBehaviour } from "../nat/behaviour.js";
import { addressOf, type Peer, peerOf, portOf } from "../nat/peer.js";
import { Board } from "./board.js";
import type { Chance, Range } from "./chance.js";
import { SERVER_PEER } from "./internet.js";
import { Meter, type Purpose, UDP_HEADERS_LENGTH } from "./meter.js";
import { Purposes, StreamPurposes } from "./purpose.js";
import type { EventQueue } from "./queue.js";
import type { Down, Outage } from "./reach-types.js";
import { refusalOf, type VirtualSegment } from "./tcp-end.js";
import { streamPeerOf } from "./tcp-listener.js";
import type { TcpStack } from "./tcp-stack.js";

export const SERVER_ADDRESS = addressOf(SERVER_PEER);
export const SERVER_PORT = portOf(SERVER_PEER);
const INSIDE_ADDRESS = "10.0.0.1";
const NAME_LOOKUP_MS: Range = [1, 500];

/** What surrounds a site. */
export interface SiteSurroundings {
	readonly queue: EventQueue;
	readonly loss: number;
	readonly delayMs: Range;
	now(): number;
	readonly tcpStack: TcpStack;
	/** A datagram arrives at the service; `from` is its public end. */
	arrive(from: Peer, bytes: Uint8Array): void;
	/** A segment arrives at the service. */
	arriveSegment(from: Peer, segment: VirtualSegment): void;
	/** Whether the service has a connection with a public end. */
	isConnected(from: Peer): boolean;
	/** The radio carries a packet. */
	carry(isUp: boolean, length: number): void;
}

export class ReachSite {
	readonly index: number;
	readonly publicAddress: string;
	readonly board: Board;
	readonly meter = new Meter();
	outages: Outage[] = [];
	unreachableMs = 0;
	rebindingsAt: number[] = [];
	downs: Down[] = [];
	moves = 0;
	readonly #surroundings: SiteSurroundings;
	/** The probability that the radio loses a packet, in each direction. */
	loss: number;
	#nat: Nat;
	readonly #chance: Chance;
	readonly #purposes = new Purposes();
	readonly #streamPurposes = new StreamPurposes();
	#lastUpAt = 0;
	#lastDownAt = 0;
	/** Where the service believes the device to be. */
	#known: Peer | undefined;
	/** Its port, where it is of this site, and its public end where it is a connection. */
	#knownPort: number | undefined;
	#knownStream: Peer | undefined;
	/** The texts of the ports used last: making them anew for each packet would be dear. */
	#insidePort = 0;
	#inside: Peer = "";
	#outsidePort = 0;
	#outside: Peer = "";
	/** The service has known it once: only since then it is missed. */
	#isCounted = false;
	/** While the service is down nobody misses anything: since when it is. */
	#downAt: number | undefined;
	/** What was found when something last changed: until when the way is open, and since when that counts. */
	#openUntil = -Infinity;
	#settledAt = 0;
	/** The outage under way: undefined, none. */
	#outageAt: number | undefined;
	#outageMs = 0;

	constructor(index: number, publicAddress: string, nat: NatBehaviour, surroundings: SiteSurroundings, chance: Chance) {
		this.index = index;
		this.publicAddress = publicAddress;
		this.#surroundings = surroundings;
		this.#chance = chance;
		this.loss = surroundings.loss;
		this.#nat = new Nat(nat, chance.fork());
		const { queue, now } = surroundings;
		this.board = new Board(
			{
				queue,
				now,
				send: (port, bytes, address, remotePort) => this.#sendUp(port, bytes, remoteOf(address, remotePort)),
				socketsWork: () => true,
				resolve: (_host, tell) => void queue.add(now() + chance.whole(NAME_LOOKUP_MS), () => tell(SERVER_ADDRESS)),
				handlePorts: () => this.settle(),
				sendSegment: (port, segment, address, remotePort) =>
					this.#sendSegmentUp(port, segment, remoteOf(address, remotePort)),
				tcpStack: surroundings.tcpStack,
			},
			0,
			chance.fork(),
		);
	}

	/** Whether a datagram that the service sent now would arrive, but for the radio. */
	get isReachable(): boolean {
		return this.#surroundings.now() < this.#truth();
	}

	/** Something may have changed of what only the board or the service knows; counts the time until now. */
	settle(): void {
		this.#begin();
		this.#end();
	}

	/** The outages that have ended, and the one under way. */
	allOutages(): Outage[] {
		return this.#outageAt === undefined ? this.outages : [...this.outages, { at: this.#outageAt, ms: this.#outageMs }];
	}

	/** When the service was down, and since when it is. */
	allDowns(): Down[] {
		return this.#downAt === undefined
			? this.downs
			: [...this.downs, { at: this.#downAt, until: this.#surroundings.now() }];
	}

	/** Forgets what was counted; an outage under way counts from now on. */
	reset(): void {
		this.settle();
		this.meter.reset();
		this.outages = [];
		this.unreachableMs = 0;
		this.rebindingsAt = [];
		this.downs = [];
		if (this.#downAt !== undefined) this.#downAt = this.#surroundings.now();
		this.moves = 0;
		if (this.#outageAt !== undefined) this.#outageAt = this.#surroundings.now();
		this.#outageMs = 0;
	}

	rebind(): void {
		const now = this.#surroundings.now();
		this.rebindingsAt.push(now);
		this.#begin();
		this.#nat.rebind(now);
		this.#ignoreEvents();
		this.#end();
	}

	/** The device is behind another NAT from now on, under the same public address. */
	moveBehind(nat: NatBehaviour): void {
		this.#begin();
		this.#nat = new Nat(nat, this.#chance.fork());
		this.#end();
	}

	/** Where the service believes the device to be. */
	get known(): Peer | undefined {
		return this.#known;
	}

	handleKnown(at: Peer | undefined): void {
		if (at !== undefined && at !== this.#known) this.moves++;
		this.#begin();
		this.#known = at;
		const stream = at === undefined ? undefined : streamPeerOf(at);
		const peer = stream ?? at;
		this.#knownStream = stream;
		this.#knownPort = peer === undefined || addressOf(peer) !== this.publicAddress ? undefined : portOf(peer);
		if (at !== undefined) this.#isCounted = true;
		this.#end();
	}

	handleServiceDown(isDown: boolean): void {
		this.#begin();
		this.downs = this.allDowns();
		this.#downAt = isDown ? this.#surroundings.now() : undefined;
		this.#end();
	}

	/** The service sends; the bytes are borrowed for the call. */
	sendDown(to: Peer, borrowed: Uint8Array): void {
		const { queue, now, delayMs } = this.#surroundings;
		const bytes = borrowed.slice();
		queue.add(now() + this.#chance.whole(delayMs), () => this.#arriveDown(portOf(to), bytes));
	}

	#sendUp(port: number, borrowed: Uint8Array, remote: Peer): void {
		const { queue, now, delayMs, arrive } = this.#surroundings;
		this.#count(true, borrowed, port);
		if (this.#isLost()) return;
		this.#begin();
		const mapping = this.#nat.handleOutbound(now(), this.#insideOf(port), remote);
		this.#ignoreEvents();
		this.#end();
		if (typeof mapping === "string" || remote !== SERVER_PEER) return;
		const from = this.#outsideOf(mapping.port);
		const bytes = borrowed.slice();
		queue.add(now() + this.#chance.whole(delayMs), () => arrive(from, bytes));
	}

	#arriveDown(port: number, bytes: Uint8Array): void {
		const now = this.#surroundings.now();
		this.#begin();
		const mapping = this.#nat.handleInbound(now, port, SERVER_PEER);
		this.#ignoreEvents();
		this.#end();
		if (typeof mapping === "string" || this.#isLost()) return;
		this.#count(false, bytes, mapping.insidePort);
		this.board.receive(mapping.insidePort, bytes, SERVER_ADDRESS, SERVER_PORT);
	}

	/** The service sends a segment. */
	sendSegmentDown(to: Peer, segment: VirtualSegment): void {
		const { queue } = this.#surroundings;
		queue.add(this.#arrivalOf(false), () => this.#arriveSegmentDown(portOf(to), segment));
	}

	#sendSegmentUp(port: number, segment: VirtualSegment, remote: Peer): void {
		const { queue, now, arriveSegment } = this.#surroundings;
		this.#countPacket(true, segment.length, this.#streamPurposes.of(segment, true));
		if (this.#isLost()) return;
		this.#begin();
		const mapping = this.#nat.handleTcpOutbound(now(), this.#insideOf(port), remote, segment.flags);
		this.#end();
		// Nobody listens anywhere else.
		if (mapping === "reset" || remote !== SERVER_PEER) return this.#refuse(port, segment, remote);
		if (typeof mapping === "string") return;
		const from = this.#outsideOf(mapping.port);
		queue.add(this.#arrivalOf(true), () => arriveSegment(from, segment));
	}

	/** The NAT itself answers, over the radio. */
	#refuse(port: number, segment: VirtualSegment, remote: Peer): void {
		const refusal = refusalOf(segment);
		if (refusal === undefined || this.#isLost()) return;
		const { queue, now } = this.#surroundings;
		queue.add(now(), () => this.#receiveSegment(port, refusal, remote));
	}

	#arriveSegmentDown(port: number, segment: VirtualSegment): void {
		const now = this.#surroundings.now();
		this.#begin();
		const mapping = this.#nat.handleTcpInbound(now, port, SERVER_PEER, segment.flags);
		this.#end();
		if (typeof mapping === "string" || this.#isLost()) return;
		this.#receiveSegment(mapping.insidePort, segment, SERVER_PEER);
	}

	#receiveSegment(port: number, segment: VirtualSegment, remote: Peer): void {
		this.#countPacket(false, segment.length, this.#streamPurposes.of(segment, false));
		this.board.receiveSegment(port, segment, addressOf(remote), portOf(remote));
	}

	/** Segments do not overtake each other: lost ones are work enough. */
	#arrivalOf(isUp: boolean): number {
		const { now, delayMs } = this.#surroundings;
		const at = Math.max(now() + this.#chance.whole(delayMs), isUp ? this.#lastUpAt : this.#lastDownAt);
		if (isUp) this.#lastUpAt = at;
		else this.#lastDownAt = at;
		return at;
	}

	#count(isUp: boolean, bytes: Uint8Array, port: number): void {
		this.#countPacket(isUp, bytes.length + UDP_HEADERS_LENGTH, this.#purposes.of(bytes, isUp, port));
	}

	#countPacket(isUp: boolean, length: number, purpose: Purpose): void {
		this.meter.count(this.#surroundings.now(), isUp, length, purpose);
		this.#surroundings.carry(isUp, length);
	}

	#isLost(): boolean {
		return this.#chance.happens(this.loss);
	}

	/** Before anything that may open or close the way: counts the time until now. */
	#begin(): void {
		const now = this.#surroundings.now();
		const from = Math.max(this.#settledAt, this.#openUntil);
		this.#settledAt = now;
		if (!this.#isCounted || this.#downAt !== undefined || from >= now) return;
		this.#outageAt ??= from;
		this.#outageMs += now - from;
		this.unreachableMs += now - from;
	}

	/** After it. */
	#end(): void {
		this.#openUntil = this.#truth();
		if (this.#outageAt === undefined || this.#openUntil <= this.#settledAt) return;
		this.outages.push({ at: this.#outageAt, ms: this.#outageMs });
		this.#outageAt = undefined;
		this.#outageMs = 0;
	}

	/** Until when the way is open, as things are. */
	#truth(): number {
		const port = this.#knownPort;
		if (port === undefined) return -Infinity;
		const now = this.#surroundings.now();
		if (this.#knownStream !== undefined) {
			// Both ends have the connection, and the NAT.
			const insidePort = this.#nat.insideTcpPortAt(port);
			const isThere = insidePort !== undefined && this.board.isConnected(insidePort);
			if (!isThere || !this.#surroundings.isConnected(this.#knownStream)) return -Infinity;
			return this.#nat.opensTcpUntil(now, port, SERVER_PEER) ?? -Infinity;
		}
		const insidePort = this.#nat.insidePortAt(port);
		if (insidePort === undefined || !this.board.hasPort(insidePort)) return -Infinity;
		return this.#nat.opensUntil(now, port, SERVER_PEER) ?? -Infinity;
	}

	#insideOf(port: number): Peer {
		if (port !== this.#insidePort) {
			this.#insidePort = port;
			this.#inside = peerOf(INSIDE_ADDRESS, port);
		}
		return this.#inside;
	}

	#outsideOf(port: number): Peer {
		if (port !== this.#outsidePort) {
			this.#outsidePort = port;
			this.#outside = peerOf(this.publicAddress, port);
		}
		return this.#outside;
	}

	#ignoreEvents(): void {
		while (this.#nat.pollEvent() !== undefined);
	}
}

/** One text for the service, which nearly all packets go to. */
function remoteOf(address: string, port: number): Peer {
	return address === SERVER_ADDRESS && port === SERVER_PORT ? SERVER_PEER : peerOf(address, port);
}
