import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import {
	createServer,
	type IncomingMessage,
	type ObserveReadStream,
	type OutgoingMessage,
	request,
	type Server,
} from "coap";
import { assert, suite } from "#suite";
import { DatagramEndpoint } from "../../coap/datagram.js";
import type { EndpointEvent, Response } from "../../coap/endpoint.js";
import type { Transmit } from "../../contract.js";
import { limits } from "../../limits.js";
import { SeededRandom } from "../random.js";
import { content, get } from "./bench.js";

const test = suite("coap/datagram against node-coap");
const LARGE = Buffer.from(Array.from({ length: 3000 }, (_, i) => (i * 7 + (i >> 8)) & 0xff));

/** Our endpoint on a real socket; it speaks to whoever spoke last. */
class Host {
	readonly endpoint = new DatagramEndpoint({ random: new SeededRandom(7) });
	readonly events: string[] = [];
	payload: Buffer | undefined;
	/** The exchange by which we were asked last. */
	asked = 0;
	port = 0;
	onRequest: (() => Response) | undefined;
	onEvent: (() => void) | undefined;
	readonly #socket: Socket = createSocket("udp4");
	readonly #out: Transmit = { bytes: new Uint8Array(limits.messageLength), length: 0, path: 0 };
	#peerPort = 0;
	#timer: NodeJS.Timeout | undefined;

	async open(peerPort = 0): Promise<this> {
		this.#peerPort = peerPort;
		this.#socket.on("message", (bytes, { port }) => {
			this.#peerPort = port;
			this.use(() => this.endpoint.handleReceived(performance.now(), bytes));
		});
		this.#socket.bind(0, "127.0.0.1");
		await once(this.#socket, "listening");
		this.port = this.#socket.address().port;
		return this;
	}

	close(): void {
		clearTimeout(this.#timer);
		this.#socket.close();
	}

	/** Uses the endpoint, then drains it. */
	use(input: () => void): void {
		input();
		for (let event = this.endpoint.pollEvent(); event !== undefined; event = this.endpoint.pollEvent())
			this.#note(event);
		while (this.endpoint.pollTransmit(performance.now(), this.#out)) {
			this.#socket.send(this.#out.bytes.slice(0, this.#out.length), this.#peerPort, "127.0.0.1");
		}
		clearTimeout(this.#timer);
		const at = this.endpoint.pollTimeout();
		if (at === Number.POSITIVE_INFINITY) return;
		const timeout = () => this.use(() => this.endpoint.handleTimeout(performance.now()));
		this.#timer = setTimeout(timeout, Math.max(0, at - performance.now() + 1));
	}

	#note(event: EndpointEvent): void {
		this.events.push(event.kind);
		if (event.kind === "response") this.payload = Buffer.from(event.message.payload ?? []);
		if (event.kind === "request") {
			this.asked = event.exchange;
			this.endpoint.respond(performance.now(), event.exchange, this.onRequest!());
		}
		this.onEvent?.();
	}

	/** Waits until so many events of a kind have come. */
	async until(kind: string, count = 1): Promise<void> {
		while (this.events.filter((each) => each === kind).length < count) {
			await new Promise<void>((resolve) => {
				this.onEvent = resolve;
			});
		}
	}
}

/** node-coap as a server on a port of its own. */
async function serve(answer: (response: OutgoingMessage, observe: boolean) => void): Promise<[Server, number]> {
	const server = createServer({ type: "udp4" }, (incoming, outgoing) => {
		answer(outgoing as OutgoingMessage, incoming.headers.Observe === 0);
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
	const socket = (server as unknown as { _sock: { address(): AddressInfo } })._sock;
	return [server, socket.address().port];
}

test("our request is answered by node-coap's server", async () => {
	const [server, port] = await serve((response) => response.end("hello"));
	const host = await new Host().open(port);
	host.use(() => host.endpoint.request(performance.now(), get({ path: "/a/b", query: ["c=1"] })));
	await host.until("response");
	assert.is(host.payload?.toString(), "hello");
	host.close();
	server.close();
});

test("a large response of node-coap's server is fetched block by block", async () => {
	const [server, port] = await serve((response) => response.end(LARGE));
	const host = await new Host().open(port);
	host.use(() => host.endpoint.request(performance.now(), get()));
	await host.until("response");
	assert.ok(host.payload?.equals(LARGE));
	host.close();
	server.close();
});

test("we observe node-coap's server, and cancel", async () => {
	let values = 0;
	let timer: NodeJS.Timeout | undefined;
	const [server, port] = await serve((response, observe) => {
		if (!observe) {
			response.end("plain");
			return;
		}
		response.write(`value ${values++}`);
		timer = setInterval(() => response.write(`value ${values++}`), 20);
		response.on("finish", () => clearInterval(timer));
	});
	const host = await new Host().open(port);
	host.use(() => host.endpoint.request(performance.now(), get({ observe: 0 })));
	await host.until("response", 4);
	assert.match(host.payload!.toString(), /^value/);
	clearInterval(timer);
	host.use(() => host.endpoint.request(performance.now(), get({ observe: 1 })));
	await host.until("response", 5);
	host.close();
	server.close();
});

/** node-coap as a client: asks our host, and gives its response. */
function ask(host: Host, observe = false): Promise<IncomingMessage> {
	return new Promise((resolve, reject) => {
		const outgoing = request({ hostname: "127.0.0.1", port: host.port, pathname: "/a", observe });
		outgoing.on("response", resolve);
		outgoing.on("error", reject);
		outgoing.end();
	});
}

test("we answer node-coap's client", async () => {
	const host = await new Host().open();
	host.onRequest = () => content({ code: 0x84, payload: Buffer.from("no such thing") });
	const response = await ask(host);
	assert.equal([response.code, response.payload.toString()], ["4.04", "no such thing"]);
	host.close();
});

test("node-coap's client fetches our large response block by block", async () => {
	const host = await new Host().open();
	host.onRequest = () => content({ payload: LARGE, contentFormat: 42 });
	const response = await ask(host);
	assert.ok(response.payload.equals(LARGE));
	assert.equal(host.events, ["request"]);
	host.close();
});

test("node-coap's client observes us and gets each notification, until it deregisters", async () => {
	const host = await new Host().open();
	let value = 0;
	host.onRequest = () => content({ payload: Buffer.from(`${value}`), observe: true });
	const response = await ask(host, true);
	assert.ok(Number.isInteger(response.headers.Observe));
	const stream = response as ObserveReadStream;
	const notify = (confirmable: boolean) => {
		const notification = content({ payload: Buffer.from(`${++value}`), confirmable });
		host.use(() => host.endpoint.respond(performance.now(), host.asked, notification));
	};
	const seen: string[] = [];
	stream.on("data", (chunk: Buffer) => {
		seen.push(chunk.toString());
		if (seen.length < 5) notify(seen.length % 2 === 1);
		else stream.close(true);
	});
	await host.until("cancelled");
	assert.equal(seen, ["0", "1", "2", "3", "4"]);
	assert.is(host.endpoint.respond(performance.now(), host.asked, content()), false);
	host.close();
});

test.run();
