// suite: real-network limit=60
// The device before a server that is not ours: a minimal LwM2M server made of npm's `coap`.

import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { Agent, createServer, type IncomingMessage, type Server } from "coap";
import { assert, suite } from "#suite";
import { missingFor } from "../engine/build.js";
import { PinholeProcess } from "../story/process.js";

const ENDPOINT = "foreign-1";
const LOCATION = ["rd", "42"];
const REGISTERED_AT = "/rd/42";
const LOOK_MS = 20;
const EVENT_MS = 10_000;
/** On a first run the engine may have to be built. */
const READY_MS = 50_000;

/** What the server was asked, in order. */
interface Asked {
	readonly method: string;
	readonly url: string;
	readonly contentFormat: unknown;
	readonly payload: string;
	readonly port: number;
}

/** Registration interface only (LwM2M 1.2 Core, 6.2), and requests to the device from the same socket. */
class ForeignServer {
	readonly asked: Asked[] = [];
	readonly #socket: Socket = createSocket("udp4");
	readonly #server: Server;
	readonly #agent: Agent;

	constructor() {
		this.#server = createServer((request, response) => {
			const { method, url, payload, rsinfo } = request;
			const contentFormat = request.headers["Content-Format"];
			this.asked.push({ method, url, contentFormat, payload: payload.toString(), port: rsinfo.port });
			if (url.startsWith("/rd?"))
				response.setOption(
					"Location-Path",
					LOCATION.map((segment) => Buffer.from(segment)),
				);
			response.code = url.startsWith("/rd?") ? "2.01" : method === "DELETE" ? "2.02" : "2.04";
			response.end();
		});
		this.#agent = new Agent({ socket: this.#socket });
	}

	async open(): Promise<string> {
		this.#socket.bind(0, "127.0.0.1");
		await once(this.#socket, "listening");
		this.#server.listen(this.#socket);
		return `coap://127.0.0.1:${this.#socket.address().port}`;
	}

	/** The first request that fits, once it is there. */
	async waitFor(fits: (asked: Asked) => boolean): Promise<Asked> {
		for (const endAt = Date.now() + EVENT_MS; ; await pause(LOOK_MS)) {
			const found = this.asked.find(fits);
			if (found !== undefined) return found;
			if (Date.now() > endAt)
				throw new Error(`asked so far: ${this.asked.map(({ method, url }) => `${method} ${url}`)}`);
		}
	}

	/** Asks the device at a port. */
	async ask(port: number, pathname: string, observe = false): Promise<IncomingMessage> {
		const request = this.#agent.request({ hostname: "127.0.0.1", port, pathname, method: "GET", observe });
		request.end();
		const [response] = await once(request, "response", { signal: AbortSignal.timeout(EVENT_MS) });
		return response as IncomingMessage;
	}

	close(): void {
		this.#agent.close();
		this.#server.close();
		this.#socket.close();
	}
}

/** A device that has registered at a server of its own. */
interface Bench {
	readonly server: ForeignServer;
	readonly device: PinholeProcess;
	readonly register: Asked;
}

async function open(engine: string): Promise<Bench> {
	const server = new ForeignServer();
	const where = ["--server", await server.open(), "--endpoint", ENDPOINT, "--engine", engine];
	const care = ["--lifetime", "90", "--keepalive", "1"];
	const device = await PinholeProcess.start(["device", "--nosec", ...where, ...care], { readyMs: READY_MS });
	return { server, device, register: await server.waitFor(({ url }) => url.startsWith("/rd?")) };
}

/** In this order, on one device. */
type Case = readonly [title: string, body: (bench: Bench) => Promise<void>];
const CASES: readonly Case[] = [
	[
		"registers as LwM2M 1.2 wants it",
		async ({ register }) => {
			assert.is(register.method, "POST");
			const query = new URLSearchParams(register.url.slice("/rd?".length));
			assert.is(query.get("ep"), ENDPOINT);
			assert.is(query.get("lt"), "90");
			assert.is(query.get("lwm2m"), "1.2");
			assert.is(register.contentFormat, "application/link-format");
			for (const link of ["</3/0>", "</3303/0>", "</3306/0>", "</3323/0>"]) assert.match(register.payload, link);
		},
	],
	[
		"is read",
		async ({ server, register: { port } }) => {
			const response = await server.ask(port, "/3/0/0");
			assert.is(response.code, "2.05");
			assert.is(response.payload.toString(), "Pinhole");
		},
	],
	[
		"answers 4.04 for what it does not have",
		async ({ server, register: { port } }) => assert.is((await server.ask(port, "/3303/7/5700")).code, "4.04"),
	],
	[
		"notifies an observer",
		async ({ server, register: { port } }) => {
			const stream = await server.ask(port, "/3323/0/5700", true);
			const values: string[] = [];
			stream.on("data", (value: Buffer) => values.push(value.toString()));
			for (const endAt = Date.now() + EVENT_MS; values.length < 3; ) {
				if (Date.now() > endAt) throw new Error(`only ${values.length} values`);
				await once(stream, "data");
			}
			assert.is.not(values.at(-1), values[0]);
		},
	],
	[
		"updates at the location that it was given",
		async ({ server }) => assert.is((await server.waitFor(({ url }) => url === REGISTERED_AT)).method, "POST"),
	],
	[
		"de-registers when it ends",
		async ({ server, device }) => {
			assert.is(await device.stop(), 0);
			assert.is(server.asked.at(-1)!.method, "DELETE");
			assert.is(server.asked.at(-1)!.url, REGISTERED_AT);
		},
	],
];

const test = suite("device/node-coap");
for (const engine of ["node", "xs"] as const) {
	const missing = engine === "xs" ? missingFor("xs64") : undefined;
	const opened = missing === undefined ? open(engine) : undefined;
	opened?.catch(() => {});
	for (const [title, body] of CASES) {
		if (missing === undefined) test(`on ${engine}: ${title}`, async () => body(await opened!));
		else test.skip(`on ${engine}: ${title}`, missing);
	}
	test.after(async () => {
		const bench = await opened?.catch(() => undefined);
		await bench?.device.stop();
		bench?.server.close();
	});
}
test.run();
