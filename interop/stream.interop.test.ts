// suite: real-network serial limit=180
// Our CoAP over TCP, TLS and WebSocket (RFC 8323) with libcoap and aiocoap: their clients at our back end, ours at
// their servers.

import { execFile, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { assert, suite } from "#suite";
import { get } from "../firmware/tests/coap/bench.js";
import { PinholeProcess } from "../host-sim/story/process.js";
import { installAiocoap, startStreamServer, streamClient } from "./aiocoap/aiocoap.js";
import { freePort } from "./coap/foreign.js";
import { missingLibcoap } from "./coap/libcoap.js";
import { type Answer, StreamClient } from "./coap/stream-client.js";

const test = suite("interop/stream");
const run = promisify(execFile);

const LINKS = '</rd>;rt="core.rd";ct=40';
const LARGE = new Uint8Array(4000).fill(0x61);
const WITHIN_MS = 20_000;
const LIBCOAP_SERVER = "coap-server-notls";
/** aiocoap's server for WebSocket listens so many ports above the one it is told. */
const WS_OFFSET = 3000;

const folder = mkdtempSync(join(tmpdir(), "pinhole-stream-"));
const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
let backend: PinholeProcess;

test.before(async () => {
	const words = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost
		-addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout ${key} -out ${cert}`;
	await run("openssl", words.split(/\s+/));
	const ports = ["--coap", "--tcp", "--ws", "--tls", "--wss", "--http"].flatMap((name) => [name, "127.0.0.1:0"]);
	backend = await PinholeProcess.start(["backend", "--nosec", ...ports, "--certificate", cert, "--key", key]);
});

test.after(async () => {
	await backend?.stop();
	rmSync(folder, { recursive: true });
});

/** Where our back end listens for a scheme, by the name that its certificate has. */
function place(scheme: string): string {
	const uri = backend
		.place("connections")
		.split(" ")
		.find((each) => each.startsWith(`${scheme}:`))!;
	return scheme.startsWith("coaps") ? uri.replace("127.0.0.1", "localhost") : uri;
}

const libcoapProblem = missingLibcoap();
const aiocoapProblem = await installAiocoap();

for (const [scheme, program] of [
	["coap+tcp", ["coap-client-notls"]],
	["coaps+tcp", ["coap-client-openssl", "-R", cert]],
] as const)
	define(`libcoap's client asks our back end over ${scheme}`, libcoapProblem, async () => {
		const file = join(folder, "answer");
		await run(program[0], [...program.slice(1), "-B", "8", "-o", file, `${place(scheme)}/.well-known/core`]);
		assert.is(readFileSync(file, "utf8"), LINKS);
	});

for (const scheme of ["coap+tcp", "coap+ws", "coaps+tcp", "coaps+ws"])
	define(`aiocoap's client asks our back end over ${scheme}`, aiocoapProblem, async () => {
		assert.is((await streamClient(`${place(scheme)}/.well-known/core`, cert)).trim(), LINKS);
	});

/** What every server is asked: a value, one of 4000 bytes written and read again, and whether it is there. */
async function converse(client: StreamClient, readable: string, writable: string): Promise<void> {
	assert.is((await client.fetch(get({ path: readable }))).code, 0x45);
	const written = await client.fetch(get({ code: 0x03, path: writable, payload: LARGE }));
	assert.ok(written.code === 0x41 || written.code === 0x44, written.code.toString(16));
	const read: Answer = await client.fetch(get({ path: writable }));
	assert.equal([read.code, read.payload], [0x45, LARGE]);
	assert.ok(await client.ping(), "no Pong");
}

define("we ask libcoap's server over TCP, with BERT, and observe its clock", libcoapProblem, async () => {
	const port = await freePort();
	const server = spawn(LIBCOAP_SERVER, ["-A", "127.0.0.1", "-p", String(port)], { stdio: "ignore" });
	const client = await connect("tcp", port);
	try {
		await converse(client, "/time", "/example_data");
		await heard(client, "/time", 3);
	} finally {
		client.close();
		server.kill();
	}
});

for (const [transport, name] of [
	["tcp", "tcpserver"],
	["ws", "ws"],
] as const)
	define(`we ask aiocoap's server over ${transport}`, aiocoapProblem, async () => {
		const port = await freePort();
		const server = await startStreamServer(name, port);
		const client = await connect(transport, transport === "ws" ? port + WS_OFFSET : port);
		try {
			await converse(client, "/value", "/value");
		} finally {
			client.close();
			await server.stop();
		}
	});

/** Tries until the server listens. */
async function connect(transport: "tcp" | "ws", port: number): Promise<StreamClient> {
	for (const endAt = Date.now() + WITHIN_MS; ; ) {
		const client = new StreamClient(transport, port);
		if (await client.ping()) return client;
		client.close();
		if (Date.now() > endAt) throw new Error(`nobody answers on port ${port}`);
		await new Promise((resolve) => setTimeout(resolve, 200));
	}
}

/** Waits for so many notifications. */
function heard(client: StreamClient, path: string, count: number): Promise<void> {
	let left = count;
	return new Promise((resolve, reject) => {
		client.ask(get({ path, observe: 0 }), (answer) => {
			if (typeof answer === "string") reject(new Error(answer));
			else if (--left === 0) resolve();
		});
	});
}

function define(title: string, problem: string | undefined, carryOut: () => Promise<void>): void {
	if (problem === undefined) test(title, carryOut);
	else test.skip(title, problem);
}

test.run();
