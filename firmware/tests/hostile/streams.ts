// An enemy at the other end of connections: frames of mutated messages, lies about lengths, signals, cut anywhere.

import { frame } from "../../coap/frame.js";
import { WebSocketEnd } from "../../coap/websocket.js";
import { limits } from "../../limits.js";
import { StreamBench } from "../coap/stream-bench.js";
import { SeededRandom } from "../random.js";
import { corpus } from "./corpus.js";
import { Mutator } from "./mutator.js";

/** What happened to all the connections. */
export interface StreamOutcome {
	readonly connections: number;
	/** How often a connection ended in each way. */
	readonly ends: Readonly<Record<string, number>>;
	readonly requests: number;
	readonly answers: number;
	/** Bytes written in all. */
	readonly written: number;
	/** The most lines of events and pieces for one piece. */
	readonly most: number;
}

/** Lengths and codes of signals, well-formed and not. */
const SIGNALS: readonly (readonly number[])[] = Object.freeze([
	[0x00, 0xe1],
	[0x20, 0xe1, 0x21, 0x40],
	[0x00, 0xe2],
	[0x11, 0xe2, 0x07, 0x20],
	[0x00, 0xe3],
	[0x00, 0x00],
	[0x00, 0xe4],
	[0x10, 0xe1, 0x10],
	[0x00, 0xe5],
	[0x00, 0xe6],
]);
/** What ends a connection at once comes less often, or nothing else would be tried. */
const HARMLESS = 6;

class Enemy {
	readonly #random: SeededRandom;
	readonly #mutator: Mutator;

	constructor(seed: number) {
		this.#random = new SeededRandom(seed);
		this.#mutator = new Mutator(seed, datagrams);
	}

	below(end: number): number {
		return this.#random.uint32() % end;
	}

	/** One frame, mostly of a message; now and then some of its bytes are others. */
	next(): Uint8Array {
		if (this.below(8) === 0)
			return Uint8Array.from(SIGNALS[this.below(this.below(40) === 0 ? SIGNALS.length : HARMLESS)]!);
		const message = this.#mutator.next();
		const bytes = new Uint8Array(Math.max(4, message.length));
		bytes.set(message);
		bytes[0] = (bytes[0]! & 0xf0) | Math.min(bytes[0]! & 0x0f, 8, bytes.length - 4);
		const framed = bytes.subarray(frame(bytes, bytes.length));
		if (this.below(20) === 0) framed[this.below(framed.length)] = this.below(256);
		return framed;
	}
}

const datagrams: readonly Uint8Array[] = corpus.map((sample) => sample.bytes);

/** Sends so many frames over as many connections as they outlive; throws where one misbehaves. */
export function attackStreams(seed: number, count: number): StreamOutcome {
	const enemy = new Enemy(seed);
	const ends: Record<string, number> = {};
	const outcome = { connections: 0, requests: 0, answers: 0, written: 0, most: 0 };
	let bench: StreamBench | undefined;
	let now = 0;
	for (let i = 0; i < count; i++) {
		if (bench === undefined) {
			bench = new StreamBench({ answering: true, room: 1 + enemy.below(4096), pieceLength: 1 + enemy.below(64) });
			outcome.connections++;
		}
		const bytes = enemy.next();
		for (let at = 0; at < bytes.length && bench.stream.ended === undefined; ) {
			const length = 1 + enemy.below(bytes.length - at);
			bench.stream.handleReceived(bytes.subarray(at, at + length));
			at += length;
			if (enemy.below(4) === 0) bench.stream.handleWritable(enemy.below(2000));
			note(outcome, bench.drain(now));
		}
		if (enemy.below(16) === 0) {
			now += enemy.below(20_000);
			note(outcome, bench.pass(now));
		}
		if (!bench.stream.isDone && bench.stream.ended === undefined) continue;
		const why = bench.stream.ended ?? "open";
		ends[why] = (ends[why] ?? 0) + 1;
		bench = undefined;
	}
	return { ...outcome, ends };
}

function note(outcome: { requests: number; answers: number; written: number; most: number }, lines: string[]): void {
	outcome.most = Math.max(outcome.most, lines.length);
	for (const line of lines) {
		if (line.startsWith("request")) outcome.requests++;
		else if (line.startsWith("response")) outcome.answers++;
		else if (!line.includes(" ")) outcome.written += line.length / 2;
	}
}

/** The same for the frames of WebSocket around them; gives how often an end was closed, and how many messages came. */
export function attackWebSockets(seed: number, count: number): { readonly closed: number; readonly messages: number } {
	const enemy = new Enemy(seed);
	const random = new SeededRandom(seed);
	const outcome = { closed: 0, messages: 0 };
	let server = openServer(random);
	for (let i = 0; i < count; i++) {
		const message = enemy.next();
		const bytes = masked(enemy, message);
		for (let at = 0; at < bytes.length; ) {
			const length = 1 + enemy.below(bytes.length - at);
			server.handleReceived(bytes.subarray(at, at + length));
			at += length;
			for (let got = server.pollReceived(); got !== undefined; got = server.pollReceived()) {
				if (got.length > limits.streamMessageLength + 4) throw new Error(`a message of ${got.length} bytes`);
				outcome.messages++;
			}
			while (server.pollTransmit() !== undefined);
		}
		if (!server.isClosed) continue;
		outcome.closed++;
		server = openServer(random);
	}
	return outcome;
}

/** Without a length, in a frame with a mask; now and then some of its bytes are others. */
function masked(enemy: Enemy, message: Uint8Array): Uint8Array {
	const opcode = enemy.below(10) === 0 ? enemy.below(16) : 2;
	const length = Math.min(message.length, 125);
	const bytes = new Uint8Array(6 + length);
	bytes[0] = (enemy.below(12) === 0 ? 0 : 0x80) | opcode;
	bytes[1] = 0x80 | length;
	bytes.set(message.subarray(0, length), 6);
	if (length > 0) bytes[6] = bytes[6]! & 0x0f;
	if (enemy.below(30) === 0) bytes[enemy.below(bytes.length)] = enemy.below(256);
	return bytes;
}

function openServer(random: SeededRandom): WebSocketEnd {
	const server = new WebSocketEnd({ random });
	const client = new WebSocketEnd({ random, host: "a" });
	server.handleReceived(client.pollTransmit()!);
	while (server.pollTransmit() !== undefined);
	if (!server.isOpen) throw new Error("the handshake failed");
	return server;
}
