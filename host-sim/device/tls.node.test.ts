// suite: limit=180 real-network
// TLS of the device on each engine, against Node's own server: who is believed, and what befalls a handshake.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createConnection, createServer, type Server as NetServer, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import { createServer as createTlsServer, type Server as TlsServer } from "node:tls";
import { assert, suite } from "#suite";
import type { Certificate } from "../backend/listener.js";
import { missingFor, type Variant } from "../engine/build.js";
import { runTls, type TlsTask } from "../engine/fixtures/tls-client.js";
import { commandOnXs } from "../engine/run.js";
import { Authority } from "./certificates.js";
import { tlsConstructor } from "./tcp.js";

const test = suite("device/tls");

const LENGTH = 20_000;
const WITHIN_MS = 20_000;
/** In which a socket that hears nothing says nothing either. */
const SILENCE_MS = 500;

interface Trust {
	readonly trust?: string;
	readonly anybody?: boolean;
}

/** What a client says, until it is closed. */
interface Client {
	readonly lines: string[];
	/** By its own doing, or after `close`. */
	readonly ended: Promise<unknown>;
	close(): void;
}

type Engine = "node" | Variant;

async function start(engine: Engine, task: TlsTask, trust: Trust): Promise<Client> {
	return engine === "node" ? startOnNode(task, trust) : await startOnXs(engine, task, trust);
}

function startOnNode(task: TlsTask, { trust, anybody = false }: Trust): Client {
	const lines: string[] = [];
	const io = tlsConstructor(trust === undefined ? { rejectUnauthorized: !anybody } : { ca: trust });
	let end = (): void => {};
	const ended = new Promise<void>((resolve) => {
		end = resolve;
	});
	const socket = runTls({ io }, task, (line) => {
		lines.push(line);
		if (/^(returned|error)/.test(line)) end();
	});
	const close = (): void => {
		socket.close();
		end();
	};
	return { lines, ended, close };
}

async function startOnXs(variant: Variant, task: TlsTask, trust: Trust): Promise<Client> {
	const preload = ["firmware/bytes.ts"];
	const [program, ...words] = await commandOnXs(variant, "host-sim/engine/fixtures/tls.ts", { preload });
	const child = spawn(program!, words, { stdio: ["pipe", "pipe", "inherit"] });
	const lines: string[] = [];
	const reader = createInterface(child.stdout);
	const ended = Promise.all([once(child, "exit"), once(reader, "close")]);
	reader.on("line", (line) => {
		lines.push(line);
		// Standard input keeps it alive, too.
		if (/^(returned|error)/.test(line)) child.stdin.end();
	});
	child.stdin.write(`${JSON.stringify({ ...task, ...trust })}\n`);
	return { lines, ended, close: () => child.stdin.end("close\n") };
}

/** Everything listens on 127.0.0.1 and is closed at the end of its test. */
class Scene {
	readonly #servers: (NetServer | TlsServer)[] = [];
	readonly #sockets = new Set<Socket>();
	/** Bytes that came through TLS. */
	received = 0;
	/** Connections that have ended. */
	endCount = 0;

	async listen(server: NetServer | TlsServer): Promise<number> {
		this.#servers.push(server);
		server.on("connection", (socket: Socket) => this.keep(socket));
		server.listen(0, "127.0.0.1");
		await once(server, "listening");
		return (server.address() as { port: number }).port;
	}

	keep(socket: Socket): Socket {
		this.#sockets.add(socket);
		socket.on("error", () => {});
		socket.on("close", () => this.endCount++);
		return socket;
	}

	/** Sends back what it gets. */
	echo(certificate: Certificate): Promise<number> {
		const server = createTlsServer({ ...certificate, ALPNProtocols: ["coap"] }, (socket) => {
			socket.on("error", () => {});
			socket.on("data", (bytes) => {
				this.received += bytes.length;
				socket.write(bytes);
			});
		});
		server.on("tlsClientError", () => {});
		return this.listen(server);
	}

	/** Lets so many bytes of the server through, then does `what` to the client. */
	async between(port: number, count: number, what: "cut" | "hold"): Promise<number> {
		return await this.listen(
			createServer((client) => {
				let left = count;
				const server = this.keep(createConnection({ host: "127.0.0.1", port }));
				client.on("data", (bytes) => server.write(bytes));
				client.on("close", () => server.destroy());
				server.on("data", (bytes) => {
					client.write(bytes.subarray(0, left));
					left -= Math.min(left, bytes.length);
					if (left === 0 && what === "cut") client.end(() => client.destroy());
				});
			}),
		);
	}

	async close(): Promise<void> {
		for (const socket of this.#sockets) socket.destroy();
		await Promise.all(this.#servers.map((server) => new Promise((resolve) => server.close(resolve))));
	}
}

async function inScene(run: (scene: Scene) => Promise<void>): Promise<void> {
	const scene = new Scene();
	try {
		await run(scene);
	} finally {
		await scene.close();
	}
}

async function linesOf(engine: Engine, task: TlsTask, trust: Trust): Promise<string[]> {
	const client = await start(engine, task, trust);
	const late = wait(WITHIN_MS, "late", { ref: false });
	if ((await Promise.race([client.ended, late])) === "late") throw new Error(`not over: ${client.lines.join("; ")}`);
	return client.lines;
}

const authority = new Authority();
const stranger = new Authority("stranger");
const good = authority.issue();
const { certificate: trust } = authority;
const AT = { address: "127.0.0.1", host: "127.0.0.1", length: LENGTH };
const GOOD = ["open", `returned ${LENGTH}`];

/** What the certificate is, whom the client asks for and trusts, and what it says. */
const ROWS: readonly [string, Certificate, Partial<TlsTask> & Trust, readonly string[]][] = [
	["a certificate for the address", good, { trust }, GOOD],
	["a certificate for the name", good, { trust, host: "localhost" }, GOOD],
	[
		"a certificate for all names below one",
		authority.issue("DNS:*.pinhole.example"),
		{ trust, host: "a.pinhole.example" },
		GOOD,
	],
	["an RSA key", authority.issue(undefined, undefined, "rsa"), { trust }, GOOD],
	["the very certificate that is trusted", authority.own, { trust }, GOOD],
	["one issuer of two that are trusted", good, { trust: `${stranger.certificate}${trust}` }, GOOD],
	["whoever it is, where something inside proves it", stranger.issue(), { anybody: true }, GOOD],
	[
		"a certificate for another name",
		good,
		{ trust, host: "pinhole.example" },
		["error the certificate is for another name, 0 returned"],
	],
	[
		"a certificate for another address",
		authority.issue("DNS:127.0.0.1,IP:127.0.0.2"),
		{ trust },
		["error the certificate is for another name, 0 returned"],
	],
	["an unknown issuer", stranger.issue(), { trust }, ["error the certificate's issuer is not trusted, 0 returned"]],
	[
		"an unknown issuer, though anybody would do without certificates",
		stranger.issue(),
		{ trust, anybody: true },
		["error the certificate's issuer is not trusted, 0 returned"],
	],
	[
		"an expired certificate",
		authority.issue(undefined, { fromDays: -3, untilDays: -1 }),
		{ trust },
		["error the certificate has expired, 0 returned"],
	],
	[
		"a certificate of tomorrow",
		authority.issue(undefined, { fromDays: 1, untilDays: 2 }),
		{ trust },
		["error the certificate is not valid yet, 0 returned"],
	],
];

const ENGINES: readonly Engine[] = ["node", "xs64", "xs32"];

for (const engine of ENGINES) {
	const problem = engine === "node" ? undefined : missingFor(engine);
	if (problem !== undefined) suite.skip(problem);

	for (const [what, certificate, { trust, anybody, ...task }, expected] of ROWS)
		test(`${engine}: ${what}`, () =>
			inScene(async (scene) => {
				const port = await scene.echo(certificate);
				const given = { ...(trust !== undefined && { trust }), ...(anybody && { anybody }) };
				assert.equal(await linesOf(engine, { ...AT, ...task, port }, given), expected);
				// To one that is not believed nothing is ever said.
				assert.is(scene.received, expected === GOOD ? LENGTH : 0);
			}));

	test(`${engine}: a server of unknown make, and nobody trusted`, () =>
		inScene(async (scene) => {
			const port = await scene.echo(good);
			const [line] = await linesOf(engine, { ...AT, port }, {});
			assert.match(line!, /^error (no certificate is trusted here|the certificate's issuer is not trusted), 0 ret/);
		}));

	for (const count of [1, 5, 100, 300, 600])
		test(`${engine}: a handshake that is cut after ${count} bytes of the server`, () =>
			inScene(async (scene) => {
				const port = await scene.between(await scene.echo(good), count, "cut");
				const expected = ["error the connection ended in the handshake, 0 returned"];
				assert.equal(await linesOf(engine, { ...AT, port }, { trust }), expected);
			}));

	for (const [count, what, expected] of [
		[0, "a server that says nothing to a handshake", []],
		[300, "a server that is silent in the midst of a handshake", []],
		[3000, "a way that is silent from then on", ["open"]],
	] as const)
		test(`${engine}: ${what} ends nothing by itself, and is left without a word`, () =>
			inScene(async (scene) => {
				const port = await scene.between(await scene.echo(good), count, "hold");
				const client = await start(engine, { ...AT, port }, { trust });
				await wait(SILENCE_MS);
				assert.equal(client.lines, [...expected]);
				client.close();
				await client.ended;
				for (let turn = 0; scene.endCount < 3 && turn < 200; turn++) await wait(20);
				assert.ok(scene.endCount >= 3); // both ends of the way, and the server's
			}));

	test(`${engine}: a server that speaks something else`, () =>
		inScene(async (scene) => {
			const port = await scene.listen(
				createServer((socket) => socket.once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"))),
			);
			const expected = ["error the TLS handshake failed, 0 returned"];
			assert.equal(await linesOf(engine, { ...AT, port }, { trust }), expected);
		}));

	test(`${engine}: nobody listens: that is no matter of TLS`, async () => {
		const closed = new Scene();
		const port = await closed.listen(createServer());
		await closed.close();
		assert.equal(await linesOf(engine, { ...AT, port }, { trust }), ["error without a reason, 0 returned"]);
	});

	test(`${engine}: what came before the server's end is read before it is told`, () =>
		inScene(async (scene) => {
			const server = createTlsServer({ ...good, ALPNProtocols: ["coap"] }, (socket) => {
				socket.on("error", () => {});
				socket.end(Uint8Array.from({ length: 3000 }, (_, i) => i % 251));
			});
			const port = await scene.listen(server);
			const lines = await linesOf(engine, { ...AT, port }, { trust });
			assert.equal(lines, ["open", "error without a reason, 3000 returned"]);
		}));

	test(`${engine}: a server that goes without a word is told once`, () =>
		inScene(async (scene) => {
			const server = createTlsServer({ ...good, ALPNProtocols: ["coap"] }, (socket) => {
				socket.on("error", () => {});
				socket.once("data", () => socket.destroy());
			});
			const port = await scene.listen(server);
			const lines = await linesOf(engine, { ...AT, port }, { trust });
			assert.equal(lines, ["open", "error without a reason, 0 returned"]);
		}));
}

test.after(() => {
	authority.close();
	stranger.close();
});

test.run();
