// The core over connections, without sockets: who is spoken to where, and what becomes of it when a connection ends.

import { assert, suite } from "#suite";
import { Code } from "../../firmware/coap/codes.js";
import { DatagramEndpoint } from "../../firmware/coap/datagram.js";
import type { EndpointEvent, Request } from "../../firmware/coap/endpoint.js";
import { Stream } from "../../firmware/coap/stream.js";
import { limits } from "../../firmware/limits.js";
import { get } from "../../firmware/tests/coap/bench.js";
import { SeededRandom } from "../../firmware/tests/random.js";
import { Core, type Datagram } from "./core.js";
import type { CoreEvent } from "./core-event.js";
import { execute, observe, read } from "./operations.js";

const test = suite("backend/connections");

const REGISTER = ["ep=a", "lt=300", "lwm2m=1.2", "b=T"];

function post(path: string, query: readonly string[] = []): Request {
	return get({ code: Code.Post, path, query });
}

/** A core, and devices of few words that are connected to it, by address. */
class Town {
	now = 0;
	readonly core = new Core(new SeededRandom(5));
	readonly events: CoreEvent[] = [];
	/** Connections that the core wants closed. */
	readonly closed: string[] = [];
	readonly #ends = new Map<string, { readonly stream: Stream; readonly endpoint: DatagramEndpoint }>();
	/** What each device was asked, as "address code path", and the codes of what it was answered. */
	readonly asked: string[] = [];
	readonly answers: number[] = [];
	/** False: devices read, and say nothing. */
	answering = true;
	location = "";

	connect(address: string): void {
		const random = new SeededRandom(address.length);
		const end = { stream: new Stream({ random }), endpoint: new DatagramEndpoint({ random }) };
		end.endpoint.isReliable = true;
		end.stream.handleWritable(1 << 20);
		this.#ends.set(address, end);
		this.core.handleConnected(address);
		this.core.handleWritable(address, 1 << 20);
		this.drain();
	}

	cut(address: string): void {
		this.#ends.delete(address);
		this.core.handleDisconnected(this.now, address);
		this.drain();
	}

	ask(address: string, request: Request): void {
		this.#ends.get(address)!.endpoint.request(this.now, request);
		this.drain();
	}

	notify(address: string, exchange: number, value: string): boolean {
		const response = { code: Code.Content, payload: Buffer.from(value), contentFormat: 0, observe: true };
		const told = this.#ends
			.get(address)!
			.endpoint.respond(this.now, exchange, { ...response, locationPath: undefined, confirmable: undefined });
		this.drain();
		return told;
	}

	drain(): void {
		const out: Datagram = { bytes: new Uint8Array(limits.messageLength), length: 0, path: 0, address: "" };
		for (let turn = 0; turn < 20; turn++) {
			for (const [address, end] of this.#ends) {
				const message = end.stream.pollReceived();
				if (message !== undefined) end.endpoint.handleReceived(this.now, message);
				for (let event = end.endpoint.pollEvent(); event !== undefined; event = end.endpoint.pollEvent())
					this.#take(address, end.endpoint, event);
				end.stream.keep();
				while (end.stream.pollTransmit(this.now, out, end.endpoint))
					this.core.handleReceived(this.now, address, out.bytes.slice(0, out.length));
			}
			if (this.core.pollTimeout() <= this.now) this.core.handleTimeout(this.now);
			for (let event = this.core.pollEvent(); event !== undefined; event = this.core.pollEvent())
				this.events.push(event);
			while (this.core.pollTransmit(this.now, out))
				this.#ends.get(out.address)?.stream.handleReceived(out.bytes.slice(0, out.length));
			for (let order = this.core.pollCommand(); order !== undefined; order = this.core.pollCommand())
				this.closed.push(order.address);
		}
	}

	#take(address: string, endpoint: DatagramEndpoint, event: EndpointEvent): void {
		if (event.kind === "response") {
			this.answers.push(event.message.code);
			const path = [0, 1].map((i) => event.message.text(8, i)).join("/");
			if (event.message.code === Code.Created) this.location = `/${path}`;
		}
		if (event.kind !== "request") return;
		const path = Array.from({ length: event.message.count(11) }, (_, i) => event.message.text(11, i)).join("/");
		this.asked.push(`${address} ${event.message.code} /${path}`);
		if (!this.answering) return;
		const isObserve = event.message.uint(6) === 0;
		endpoint.respond(this.now, event.exchange, {
			code: event.message.code === Code.Post ? Code.Changed : Code.Content,
			payload: Buffer.from("21"),
			contentFormat: 0,
			locationPath: undefined,
			observe: isObserve,
			confirmable: undefined,
		});
		if (isObserve) this.observation = event.exchange;
	}

	observation = 0;

	/** Far ends that were asked to go. */
	released(): string[] {
		return [...this.#ends].filter(([, { stream }]) => stream.release !== undefined).map(([address]) => address);
	}

	outcomes(): string[] {
		const finished = this.events.filter((event) => event.kind === "finished");
		return finished.map(({ outcome }) => (outcome.kind === "response" ? outcome.code.toString(16) : outcome.kind));
	}
}

function registered(): Town {
	const town = new Town();
	town.connect("tcp:192.0.2.7:4711");
	town.ask("tcp:192.0.2.7:4711", post("/rd", REGISTER));
	return town;
}

test("a device registers over a connection, and is asked over it at once", () => {
	const town = registered();
	assert.equal(town.answers, [Code.Created]);
	assert.is(town.core.registration("a")!.address, "tcp:192.0.2.7:4711");
	town.core.command(town.now, "a", read("/3/0/0", undefined), 5000);
	town.core.command(town.now, "a", read("/3/0/1", undefined), 5000);
	town.drain();
	assert.equal(town.asked, ["tcp:192.0.2.7:4711 1 /3/0/0", "tcp:192.0.2.7:4711 1 /3/0/1"]);
	assert.equal(town.outcomes(), ["45", "45"]);
});

test("when the connection ends, what only asks waits, and what acts is not repeated", () => {
	const town = registered();
	town.answering = false;
	town.core.command(town.now, "a", read("/3/0/0", undefined), 60_000);
	town.core.command(town.now, "a", execute("/3/0/4", ""), 60_000);
	town.drain();
	town.cut("tcp:192.0.2.7:4711");
	assert.equal(town.outcomes(), ["no-answer"]);
	town.answering = true;
	town.asked.length = 0;
	town.connect("wss:192.0.2.7:4712");
	town.ask("wss:192.0.2.7:4712", post(town.location));
	assert.equal(town.asked, ["wss:192.0.2.7:4712 1 /3/0/0"]);
	assert.equal(town.outcomes(), ["no-answer", "45"]);
});

test("a command for a device without a connection waits for its next word", () => {
	const town = registered();
	town.cut("tcp:192.0.2.7:4711");
	town.core.command(town.now, "a", execute("/3/0/4", ""), 60_000);
	town.drain();
	assert.equal(town.outcomes(), []);
	town.connect("tcp:192.0.2.7:4713");
	town.ask("tcp:192.0.2.7:4713", post(town.location));
	assert.equal(town.outcomes(), ["44"]);
});

test("observations outlive the connection, by their tokens", () => {
	const town = registered();
	town.core.command(town.now, "a", observe("/3303/0/5700", undefined), 5000);
	town.drain();
	assert.ok(town.notify("tcp:192.0.2.7:4711", town.observation, "22"));
	town.cut("tcp:192.0.2.7:4711");
	assert.ok(town.core.observation("a", "/3303/0/5700") !== undefined);
	assert.is(town.events.filter(({ kind }) => kind === "notified").length, 1);
});

test("a device that speaks elsewhere is asked to leave the old connection", () => {
	const town = registered();
	town.connect("tcp:192.0.2.7:4714");
	town.ask("tcp:192.0.2.7:4714", post(town.location));
	assert.is(town.core.registration("a")!.address, "tcp:192.0.2.7:4714");
	// Its far end read the Release; the core waits for it to close, and not for ever.
	town.now += 41_000;
	town.drain();
	assert.equal(town.closed, ["tcp:192.0.2.7:4711"]);
});

test("a back end that ends says so to all, and closes", () => {
	const town = registered();
	town.connect("wss:192.0.2.8:1");
	town.core.farewell();
	town.drain();
	assert.equal(town.closed.sort(), ["tcp:192.0.2.7:4711", "wss:192.0.2.8:1"]);
	assert.equal(town.released().sort(), ["tcp:192.0.2.7:4711", "wss:192.0.2.8:1"]);
});

test("whoever does not speak CoAP is told so and closed", () => {
	const town = new Town();
	town.core.handleConnected("tcp:192.0.2.9:1");
	town.core.handleWritable("tcp:192.0.2.9:1", 1000);
	town.core.handleReceived(0, "tcp:192.0.2.9:1", Buffer.from("GET / HTTP/1.1\r\n\r\n"));
	town.drain();
	assert.equal(town.closed, ["tcp:192.0.2.9:1"]);
});

test("a connection on which nobody asks anything is given up after a minute", () => {
	const town = new Town();
	town.connect("tcp:192.0.2.9:2");
	assert.equal([town.core.pollTimeout(), town.closed], [60_000, []]);
	town.now = 60_000;
	town.drain();
	assert.equal(town.closed, ["tcp:192.0.2.9:2"]);
});

test("a connection outlives no restart: the device comes back by another one", () => {
	const town = registered();
	const core = new Core(new SeededRandom(6));
	core.restore(0, town.core.save());
	assert.ok(core.registration("a") !== undefined);
	assert.is(core.command(0, "a", read("/3/0/0", undefined), 5000) > 0, true);
	const out: Datagram = { bytes: new Uint8Array(limits.messageLength), length: 0, path: 0, address: "" };
	assert.not(core.pollTransmit(0, out));
});

test.run();
