// The peers as small drivers: what they send, when, and what they do when nobody answers. Lengths are real, words not.

import type { Tcp, TimerId } from "../../firmware/io/ecma-419.js";
import type { Host, Party } from "../world/reach-types.js";
import { DummyStream, encodeDummy } from "./dummy.js";
import { Exchanger } from "./exchanger.js";
import type { Peer, Registrant, SessionHolder, StreamHolder } from "./peers.js";

/** The driver of a peer on a simulated host. */
export function driverOf(peer: Peer, host: Host): Party {
	switch (peer.kind) {
		case "registrant":
			return new RegistrantDriver(peer, host);
		case "session":
			return new SessionDriver(peer, host);
		case "stream":
			return new StreamDriver(peer, host);
		default:
			return peer satisfies never;
	}
}

/** One timer that is set anew each time. */
class Alarm {
	readonly #host: Host;
	#id: TimerId | undefined;

	constructor(host: Host) {
		this.#host = host;
	}

	set(atMs: number, run: () => void): void {
		const { timer } = this.#host.provider;
		timer.clear(this.#id);
		this.#id = timer.set(run, Math.max(0, atMs - this.#host.now()));
	}
}

class RegistrantDriver implements Party {
	readonly #peer: Registrant;
	readonly #host: Host;
	readonly #exchanger: Exchanger;
	readonly #alarm: Alarm;
	#updateAt = 0;

	constructor(peer: Registrant, host: Host) {
		this.#peer = peer;
		this.#host = host;
		this.#exchanger = new Exchanger(host, peer.read);
		this.#alarm = new Alarm(host);
	}

	start(): void {
		this.#exchanger.open();
		this.#register();
	}

	readonly #register = (): void => {
		const { register: weight, retrySeconds } = this.#peer;
		this.#exchanger.ask({
			kind: "register",
			weight,
			done: (reply) => {
				if (reply?.kind === "registered") this.#handleUpdated();
				else this.#alarm.set(this.#host.now() + 1000 * retrySeconds, this.#register);
			},
		});
	};

	#handleUpdated(): void {
		this.#updateAt = this.#host.now() + 1000 * this.#peer.updateSeconds;
		this.#wait(this.#host.now());
	}

	#wait(from: number): void {
		this.#alarm.set(Math.min(this.#updateAt, from + 1000 * this.#peer.everySeconds), this.#keep);
	}

	readonly #keep = (): void => {
		const { keepTells, keep: weight, everySeconds } = this.#peer;
		const { usedAt } = this.#exchanger;
		const now = this.#host.now();
		if (now >= this.#updateAt || keepTells) {
			this.#exchanger.ask({
				kind: "update",
				weight,
				done: (reply) => (reply?.kind === "updated" ? this.#handleUpdated() : this.#register()),
			});
		} else if (now < usedAt + 1000 * everySeconds) this.#wait(usedAt);
		else {
			this.#exchanger.ask({
				kind: "ping",
				weight,
				done: (reply) => (reply === undefined ? this.#register() : this.#wait(this.#host.now())),
			});
		}
	};
}

/** DTLS sends a flight again after a second, CoAP a message after two or three: both are the exchanger's. */
class SessionDriver implements Party {
	readonly #peer: SessionHolder;
	readonly #host: Host;
	readonly #exchanger: Exchanger;
	readonly #alarm: Alarm;

	constructor(peer: SessionHolder, host: Host) {
		this.#peer = peer;
		this.#host = host;
		this.#exchanger = new Exchanger(host, peer.read);
		this.#alarm = new Alarm(host);
	}

	start(): void {
		this.#exchanger.open();
		this.#shake(0);
	}

	#shake(stage: number): void {
		const weight = this.#peer.handshake[stage];
		if (weight === undefined) return this.#wait();
		this.#exchanger.ask({
			kind: "flight",
			stage,
			weight,
			done: (reply) => (reply === undefined ? this.start() : this.#shake(stage + 1)),
		});
	}

	#wait(): void {
		this.#alarm.set(this.#exchanger.usedAt + 1000 * this.#peer.everySeconds, this.#keep);
	}

	readonly #keep = (): void => {
		const { everySeconds, silenceSeconds, keep: weight } = this.#peer;
		const { usedAt, heardAt } = this.#exchanger;
		const now = this.#host.now();
		if (now < usedAt + 1000 * everySeconds) return this.#wait();
		this.#exchanger.ask({ kind: "ping", weight, done: (reply) => reply !== undefined && this.#wait() });
		this.#alarm.set(heardAt + 1000 * silenceSeconds, () => this.start());
	};
}

class StreamDriver implements Party {
	readonly #peer: StreamHolder;
	readonly #host: Host;
	readonly #alarm: Alarm;
	#socket: Tcp | undefined;
	#stream = new DummyStream();
	#usedAt = 0;

	constructor(peer: StreamHolder, host: Host) {
		this.#peer = peer;
		this.#host = host;
		this.#alarm = new Alarm(host);
	}

	readonly start = (): void => {
		const driver = this;
		const { serverAddress: address, serverPort: port, provider } = this.#host;
		let isConnected = false;
		this.#stream = new DummyStream();
		this.#socket = new provider.tcp!.io({
			address,
			port,
			onReadable() {
				for (let bytes = this.read(); bytes !== undefined; bytes = this.read()) driver.#receive(new Uint8Array(bytes));
			},
			onWritable() {
				if (!isConnected) driver.#shake(0);
				isConnected = true;
			},
			onError: () => this.#reconnect(),
		});
		this.#alarm.set(this.#host.now() + 1000 * this.#peer.silenceSeconds, () => this.#reconnect());
	};

	#reconnect(): void {
		this.#socket?.close();
		this.#socket = undefined;
		this.#alarm.set(this.#host.now() + 1000 * this.#peer.reconnectSeconds, this.start);
	}

	#shake(stage: number): void {
		const flight = this.#peer.handshake[stage];
		if (flight === undefined) this.#wait();
		else this.#write(encodeDummy("flight", 0, flight.up, stage));
	}

	#write(bytes: Uint8Array): void {
		this.#usedAt = this.#host.now();
		this.#socket?.write(bytes);
	}

	#receive(bytes: Uint8Array): void {
		this.#usedAt = this.#host.now();
		this.#stream.push(bytes);
		for (let word = this.#stream.next(); word !== undefined; word = this.#stream.next()) {
			if (word.kind === "flight-back") this.#shake(word.stage + 1);
			else if (word.kind === "read") this.#write(encodeDummy("answer", word.number, this.#peer.read.up));
			else if (word.kind === "pong") this.#wait();
		}
	}

	#wait(): void {
		this.#alarm.set(this.#usedAt + 1000 * this.#peer.everySeconds, this.#keep);
	}

	readonly #keep = (): void => {
		const { everySeconds, silenceSeconds, keep } = this.#peer;
		const now = this.#host.now();
		if (now < this.#usedAt + 1000 * everySeconds) return this.#wait();
		this.#write(encodeDummy("ping", 0, keep.up));
		this.#alarm.set(now + 1000 * silenceSeconds, () => this.#reconnect());
	};
}
