// suite: real-network serial limit=240
// Our CoAP under OSCORE on XS, with the engine's own cryptography, and aiocoap in both roles.

import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { assert, suite } from "#suite";
import { Code } from "../firmware/coap/codes.js";
import { missingFor } from "../host-sim/engine/build.js";
import { commandOnXs } from "../host-sim/engine/run.js";
import { contextFolder, installAiocoap, startAiocoap } from "./aiocoap/aiocoap.js";
import { CoapPeer } from "./coap/peer.js";
import type { XsRequest } from "./coap/xs-peer.js";
import { PeerProcess } from "./process.js";

const test = suite("interop/oscore: aiocoap, ours on xs");
const problem = missingFor("xs64") ?? (await installAiocoap());
const NEXT_MS = 10_000;
const hex = (bytes: Uint8Array | string): string => Buffer.from(bytes).toString("hex");

interface Answer {
	readonly code?: number;
	readonly payload?: string;
	readonly error?: string;
}

/** Lines of JSON, as they come. */
class Answers {
	readonly #arrived: Answer[] = [];
	#wake = (): void => {};

	readonly take = (line: string): void => {
		this.#arrived.push(JSON.parse(line) as Answer);
		this.#wake();
	};

	async next(): Promise<Answer> {
		if (this.#arrived.length === 0)
			await new Promise<void>((resolve) => {
				this.#wake = resolve;
				setTimeout(resolve, NEXT_MS).unref();
			});
		return this.#arrived.shift() ?? { error: "no answer" };
	}
}

async function freePort(): Promise<number> {
	const place = await CoapPeer.open();
	const { port } = place;
	place.close();
	return port;
}

/** Ours on XS and aiocoap, one of them the server. */
async function together(
	role: "server" | "client",
	body: (ours: PeerProcess, port: number, theirs: PeerProcess, answers: Answers) => Promise<void>,
): Promise<void> {
	const keys = { masterSecret: randomBytes(16), masterSalt: randomBytes(8), idContext: undefined };
	const folder = contextFolder({ ...keys, senderId: Uint8Array.of(1, 2), recipientId: Uint8Array.of(0x73) });
	const port = await freePort();
	const answers = new Answers();
	const said = JSON.stringify({
		masterSecret: hex(keys.masterSecret),
		masterSalt: hex(keys.masterSalt),
		senderId: "73",
		recipientId: "0102",
		port: role === "server" ? await freePort() : port,
	});
	const words = await commandOnXs("xs64", "interop/coap/xs-peer.ts");
	const ours = await PeerProcess.start(words, { said, ...(role === "server" && { onLine: answers.take }) });
	const theirs = await startAiocoap(role, folder, port, role === "client" ? answers.take : undefined);
	try {
		await body(ours, port, theirs, answers);
	} finally {
		await ours.stop();
		await theirs.stop();
		rmSync(folder, { recursive: true });
	}
}

function define(name: string, body: () => Promise<void>): void {
	if (problem !== undefined) test.skip(name, problem);
	else test(name, body);
}

define("OSCORE_11 we read, write and observe at aiocoap's server", () =>
	together("server", async (ours, port, _theirs, answers) => {
		const ask = (wanted: Partial<XsRequest>): Promise<Answer> => {
			ours.say(JSON.stringify({ port, code: Code.Get, path: "/value", payload: "", observe: false, ...wanted }));
			return answers.next();
		};
		assert.equal(await ask({}), { code: Code.Content, payload: hex("hello") });
		assert.equal(await ask({ code: Code.Put, payload: hex("bye") }), { code: Code.Changed, payload: "" });
		assert.equal(await ask({ observe: true }), { code: Code.Content, payload: hex("bye") });
		const both = [await ask({ code: Code.Put, payload: hex("again") }), await answers.next()];
		assert.ok(both.some(({ code, payload }) => code === Code.Content && payload === hex("again")));
	}),
);

define("OSCORE_12 aiocoap's client reads and writes here", () =>
	together("client", async (_ours, _port, theirs, answers) => {
		const ask = (wanted: object): Promise<Answer> => {
			theirs.say(JSON.stringify(wanted));
			return answers.next();
		};
		assert.equal(await ask({ method: "GET", path: "/value" }), { code: Code.Content, payload: hex("hello") });
		const put = await ask({ method: "PUT", path: "/value", payload: hex("bye") });
		assert.equal(put, { code: Code.Changed, payload: "" });
		assert.equal(await ask({ method: "GET", path: "/value" }), { code: Code.Content, payload: hex("bye") });
	}),
);

/** Two blocks; a line of our process has at most 4096 bytes. */
const LARGE = hex("0123456789".repeat(180));

define("OSCORE_13 blocks in both directions at aiocoap's server, and a request is carried out once", () =>
	together("server", async (ours, port, _theirs, answers) => {
		const ask = (wanted: Partial<XsRequest>): Promise<Answer> => {
			ours.say(JSON.stringify({ port, code: Code.Get, path: "/value", payload: "", observe: false, ...wanted }));
			return answers.next();
		};
		assert.equal(await ask({ code: Code.Put, payload: LARGE }), { code: Code.Changed, payload: "" });
		assert.equal(await ask({}), { code: Code.Content, payload: LARGE });
		for (const count of ["1", "2"])
			assert.equal(await ask({ code: Code.Post, path: "/count" }), { code: Code.Changed, payload: hex(count) });
	}),
);

define("OSCORE_14 aiocoap's client writes and reads blocks here, and observes", () =>
	together("client", async (ours, _port, theirs, answers) => {
		const ask = (wanted: object): Promise<Answer> => {
			theirs.say(JSON.stringify({ path: "/value", ...wanted }));
			return answers.next();
		};
		assert.equal(await ask({ method: "PUT", payload: LARGE }), { code: Code.Changed, payload: "" });
		assert.equal(await ask({ method: "GET" }), { code: Code.Content, payload: LARGE });
		assert.equal(await ask({ method: "PUT", payload: hex("0") }), { code: Code.Changed, payload: "" });
		assert.equal(await ask({ method: "GET", observe: 2 }), { code: Code.Content, payload: hex("0") });
		for (const value of ["1", "2"]) {
			ours.say(JSON.stringify({ notify: hex(value) }));
			assert.equal(await answers.next(), { code: Code.Content, payload: hex(value) });
		}
	}),
);

test.run();
