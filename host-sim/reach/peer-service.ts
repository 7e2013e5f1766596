// The server of the peers' drivers: as good as a server can be that knows nothing of reach. It believes an Update's
// address at once, and asks again what stayed unanswered as soon as it hears where the device is.

import type { Service, ServiceNetwork } from "../world/reach-types.js";
import { type Dummy, DummyStream, decodeDummy, encodeDummy, type Kind } from "./dummy.js";
import type { Weight } from "./oracle.js";
import { type Peer, type Registrant, type SessionHolder, type StreamHolder, UDP_HEADERS } from "./peers.js";

/** One device only: each run has its own server. */
const HOST = 0;
const FIRST_MS = [2_000, 3_000] as const;
const AGAIN = 4;
/** "Who speaks there?": an empty datagram. */
const QUESTION: Weight = { up: 0, down: UDP_HEADERS };

interface Command {
	readonly number: number;
	readonly ended: (isAnswered: boolean) => void;
	waitMs: number;
	left: number;
}

export class PeerService implements Service {
	readonly #network: ServiceNetwork;
	readonly #peer: Peer;
	#address: string | undefined;
	readonly #streams = new Map<string, DummyStream>();
	#expiresAt = Number.POSITIVE_INFINITY;
	#commands: Command[] = [];
	#number = 0;

	constructor(network: ServiceNetwork, peer: Peer) {
		this.#network = network;
		this.#peer = peer;
	}

	handleConnected(connection: string): void {
		this.#streams.set(connection, new DummyStream());
	}

	handleDisconnected(connection: string): void {
		this.#streams.delete(connection);
		if (connection === this.#address) this.#know(undefined);
	}

	handleReceived(from: string, bytes: Uint8Array): void {
		const stream = this.#streams.get(from);
		if (stream === undefined) return this.#handle(from, decodeDummy(bytes));
		stream.push(bytes);
		for (let word = stream.next(); word !== undefined; word = stream.next()) this.#handle(from, word);
	}

	#handle(from: string, word: Dummy): void {
		const peer = this.#peer;
		this.#expire();
		if (peer.kind === "registrant") this.#handleRegistrant(from, word, peer);
		else this.#handleShaken(from, word, peer);
		if (word.kind === "answer") this.#end(word.number, true);
	}

	command(_host: number, ended: (isAnswered: boolean) => void): boolean {
		this.#expire();
		if (this.#address === undefined) return false;
		const command = { number: ++this.#number & 0xffff, ended, waitMs: this.#firstMs(), left: AGAIN };
		this.#commands.push(command);
		this.#ask(command);
		return true;
	}

	restart(keepsState: boolean): void {
		const commands = this.#commands;
		this.#commands = [];
		this.#streams.clear();
		// Neither a DTLS session nor a TCP connection outlives its process.
		if (!keepsState || this.#peer.kind !== "registrant") this.#know(undefined);
		for (const { ended } of commands) ended(false);
	}

	#handleRegistrant(from: string, { kind, number }: Dummy, peer: Registrant): void {
		const { register, keep, lifetimeSeconds, isAsked } = peer;
		if (isAsked === true && from !== this.#address && (kind === "ping" || kind === "refresh"))
			return this.#reply(from, "refresh", number, QUESTION);
		if (kind === "ping") return this.#reply(from, "pong", number, keep);
		if (kind === "update" && this.#address === undefined) return this.#reply(from, "unknown", number, keep);
		if (kind !== "register" && kind !== "update") return;
		this.#expiresAt = this.#network.now() + 1000 * lifetimeSeconds;
		this.#reply(from, kind === "register" ? "registered" : "updated", number, kind === "register" ? register : keep);
		this.#know(from);
	}

	/** A session or a connection: known once all flights of its handshake are answered. */
	#handleShaken(from: string, { kind, number, stage }: Dummy, { handshake, keep }: SessionHolder | StreamHolder): void {
		if (kind === "flight") {
			this.#reply(from, "flight-back", number, handshake[stage]!, stage);
			if (stage === handshake.length - 1) this.#know(from);
		} else if (kind === "ping" && from === this.#address) this.#reply(from, "pong", number, keep);
	}

	#reply(to: string, kind: Kind, number: number, weight: Weight, stage = 0): void {
		const headers = this.#peer.kind === "stream" ? 0 : UDP_HEADERS;
		this.#network.send(encodeDummy(kind, number, Math.max(0, weight.down - headers), stage), to);
	}

	#know(address: string | undefined): void {
		const moved = address !== this.#address;
		this.#address = address;
		this.#network.handleKnown(HOST, address);
		if (!moved || address === undefined) return;
		for (const command of this.#commands) this.#send(command);
	}

	/** Looked at when something happens; the world is told late, but nothing is sent in between. */
	#expire(): void {
		if (this.#network.now() < this.#expiresAt) return;
		this.#expiresAt = Number.POSITIVE_INFINITY;
		this.#know(undefined);
	}

	#ask(command: Command): void {
		if (!this.#commands.includes(command)) return;
		if (command.left-- < 0) return this.#end(command.number, false);
		this.#send(command);
		// TCP repeats by itself, and what was lost with a connection goes out on the next one.
		if (this.#peer.kind === "stream") return;
		const { queue, now } = this.#network;
		queue.add(Math.ceil(now() + command.waitMs), () => this.#ask(command));
		command.waitMs *= 2;
	}

	#send({ number }: Command): void {
		if (this.#address !== undefined) this.#reply(this.#address, "read", number, this.#peer.read);
	}

	#end(number: number, isAnswered: boolean): void {
		const command = this.#commands.find((one) => one.number === number);
		if (command === undefined) return;
		this.#commands = this.#commands.filter((one) => one !== command);
		command.ended(isAnswered);
	}

	#firstMs(): number {
		return this.#network.chance.within(FIRST_MS);
	}
}
