// Confirmable requests of a peer over one UDP socket, sent again as CoAP or DTLS do.

import type { TimerId, Udp } from "../../firmware/io/ecma-419.js";
import type { Host } from "../world/reach-types.js";
import { type Dummy, decodeDummy, encodeDummy, type Kind } from "./dummy.js";
import type { Weight } from "./oracle.js";
import { UDP_HEADERS } from "./peers.js";

/** RFC 7252, 4.8: the first time-out in milliseconds, drawn, and how often a request is sent again at most. */
const FIRST_MS = [2_000, 3_000] as const;
const AGAIN = 4;

interface Open {
	readonly number: number;
	readonly bytes: Uint8Array;
	readonly done: (reply: Dummy | undefined) => void;
	sentAt: number;
	waitMs: number;
	left: number;
}

/** What a request is, and who wants to know what became of it. */
export interface Asked {
	readonly kind: Kind;
	readonly stage?: number;
	readonly weight: Weight;
	/** How often it is sent again. */
	readonly again?: number;
	/** Undefined: nobody answered. */
	readonly done: (reply: Dummy | undefined, lastSentAt: number) => void;
}

export class Exchanger {
	/** When something came from the server, and when something was sent or came. */
	heardAt = 0;
	usedAt = 0;
	readonly #host: Host;
	readonly #read: Weight;
	readonly #onWord: (word: Dummy) => void;
	#socket: Udp | undefined;
	#open: Open | undefined;
	#timer: TimerId | undefined;
	#number = 0;

	/** `onWord` hears what is neither a reply nor a Read. */
	constructor(host: Host, read: Weight, onWord: (word: Dummy) => void = () => {}) {
		this.#host = host;
		this.#read = read;
		this.#onWord = onWord;
	}

	/** A fresh socket: another port at the NAT. Nothing that was asked is answered any more. */
	open(): void {
		this.#forget();
		this.#socket?.close();
		const exchanger = this;
		this.#socket = new this.#host.provider.udp.io({
			onReadable() {
				for (let bytes = this.read(); bytes !== undefined; bytes = this.read())
					exchanger.#receive(new Uint8Array(bytes));
			},
		});
	}

	/** Asks, in place of what was asked before. */
	ask({ kind, stage, weight, again = AGAIN, done }: Asked): void {
		this.#forget();
		const number = ++this.#number & 0xffff;
		const [from, to] = FIRST_MS;
		const open: Open = {
			number,
			bytes: encodeDummy(kind, number, weight.up - UDP_HEADERS, stage),
			done: (reply) => done(reply, open.sentAt),
			sentAt: 0,
			waitMs: this.#host.chance.within([from, to]),
			left: again,
		};
		this.#open = open;
		this.#transmit(open);
	}

	/** Sends what nobody answers. */
	tell(kind: Kind, length: number): void {
		this.#send(encodeDummy(kind, 0, length));
	}

	#transmit(open: Open): void {
		open.sentAt = this.#host.now();
		this.#send(open.bytes);
		this.#timer = this.#host.provider.timer.set(() => {
			if (open.left-- === 0) {
				this.#open = undefined;
				open.done(undefined);
				return;
			}
			open.waitMs *= 2;
			this.#transmit(open);
		}, open.waitMs);
	}

	#send(bytes: Uint8Array): void {
		const { serverAddress, serverPort } = this.#host;
		this.usedAt = this.#host.now();
		this.#socket?.write(bytes, serverAddress, serverPort);
	}

	#receive(bytes: Uint8Array): void {
		const word = decodeDummy(bytes);
		const open = this.#open;
		this.heardAt = this.usedAt = this.#host.now();
		if (word.kind === "read") this.#send(encodeDummy("answer", word.number, this.#read.up - UDP_HEADERS));
		else if (word.kind === "refresh") this.#onWord(word);
		else if (open !== undefined && word.number === open.number) {
			this.#forget();
			open.done(word);
		}
	}

	#forget(): void {
		this.#open = undefined;
		this.#host.provider.timer.clear(this.#timer);
		this.#timer = undefined;
	}
}
