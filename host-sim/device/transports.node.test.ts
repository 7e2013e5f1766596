// suite: limit=180
// Our device and our back end over each transport of RFC 8323, on real sockets.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import { assert, suite } from "#suite";
import type { AgentEvent } from "../../firmware/agent/agent.js";
import type { Credentials } from "../../firmware/boot/settings.js";
import type { ConnectionPort } from "../backend/listener.js";
import { type Server, startServer } from "../backend/server.js";
import { createLogger, type HostPort } from "../cli/shared.js";
import { missingFor, type Variant } from "../engine/build.js";
import { commandOnXs } from "../engine/run.js";
import { Authority } from "./certificates.js";
import { encodeHandover, type Handover } from "./handover.js";
import { nodeProvider } from "./provider.js";
import { SimulatedDevice } from "./simulated-device.js";
import { tlsConstructor } from "./tcp.js";

const test = suite("device/transports");

const NAME = "compressor-1";
const ANY: HostPort = { host: "127.0.0.1", port: 0 };
const SECRET = Uint8Array.from({ length: 16 }, (_, i) => i + 1);
const KEYS = {
	masterSecret: SECRET,
	masterSalt: new Uint8Array(0),
	senderId: Uint8Array.of(1),
	recipientId: Uint8Array.of(2),
};
const CREDENTIALS: Credentials = { mode: "oscore", idContext: undefined, ...KEYS };
const WITHIN_MS = 20_000;

type Engine = "node" | Variant;

const authority = new Authority();
const certificate = authority.issue();

/** Waits until something is so. */
async function until(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
	const endAt = Date.now() + WITHIN_MS;
	while (!(await isSo())) {
		if (Date.now() > endAt) throw new Error(`not within ${WITHIN_MS} ms: ${what}`);
		await wait(20);
	}
}

function portOf(kind: ConnectionPort["kind"], at: HostPort): ConnectionPort {
	return kind === "tcp" || kind === "ws" ? { kind, at } : { kind, at, certificate };
}

async function start(kind: ConnectionPort["kind"], at: HostPort, isSecure: boolean): Promise<Server> {
	const credentials = isSecure ? { credentials: [{ endpointName: NAME, ...KEYS }] } : {};
	const log = createLogger("error");
	return startServer({
		coap: ANY,
		http: ANY,
		data: undefined,
		token: undefined,
		log,
		ports: [portOf(kind, at)],
		...credentials,
	});
}

/** A device at a server, and what it says. */
interface Running {
	/** How many events there were of a kind, whose details are such. */
	count(kind: AgentEvent["kind"], detail?: RegExp): number;
	stop(): void;
	close(): void;
}

function settingsFor(server: string, credentials: Credentials | undefined, trusted = authority.certificate): Handover {
	const keepaliveMs = Number.POSITIVE_INFINITY;
	return { server, endpointName: NAME, lifetimeSeconds: 300, keepaliveMs, credentials, trusted };
}

function runOnNode(settings: Handover): Running {
	const events: AgentEvent[] = [];
	const provider = { ...nodeProvider, tls: { io: tlsConstructor({ ca: settings.trusted! }) } };
	const device = new SimulatedDevice("node", provider, settings, (event) => events.push(event));
	return {
		count: (kind, pattern = /^/) => events.filter((event) => event.kind === kind && pattern.test(event.detail)).length,
		stop: () => device.stop(),
		close: () => device.close(),
	};
}

/** As `pinhole device --engine xs` does it. */
async function runOnXs(variant: Variant, settings: Handover): Promise<Running> {
	const [program, ...words] = await commandOnXs(variant, "host-sim/device/xs-main.ts");
	const child = spawn(program!, words, { stdio: ["pipe", "inherit", "pipe"] });
	const lines: string[] = [];
	createInterface(child.stderr).on("line", (line) => lines.push(line));
	child.stdin.end(`${encodeHandover(settings)}\n`);
	return {
		count: (kind, pattern = /^/) => {
			const prefix = `${NAME}: ${kind}`;
			return lines.filter((line) => line.startsWith(prefix) && pattern.test(line.slice(prefix.length + 1))).length;
		},
		stop: () => child.kill("SIGTERM"),
		close: () => child.kill("SIGKILL"),
	};
}

async function run(engine: Engine, settings: Handover): Promise<Running> {
	return engine === "node" ? runOnNode(settings) : await runOnXs(engine, settings);
}

async function read(server: Server, path: string): Promise<{ readonly success: boolean; readonly value: unknown }> {
	const answer = await fetch(`${server.http}/api/clients/${NAME}${path}`);
	const body = (await answer.json()) as { success: boolean; content?: { value: unknown } };
	return { success: body.success, value: body.content?.value };
}

const ROWS: readonly (readonly [ConnectionPort["kind"], Engine])[] = [
	["tcp", "node"],
	["ws", "node"],
	["tls", "node"],
	["wss", "node"],
	["tcp", "xs64"],
	["ws", "xs32"],
	["tls", "xs64"],
	["tls", "xs32"],
	["wss", "xs32"],
];

for (const [kind, engine] of ROWS) {
	const problem = engine === "node" ? undefined : missingFor(engine);
	if (problem !== undefined) suite.skip(problem);

	test(`${kind} on ${engine}: it registers, answers, reports, comes back with the server, says good-bye`, async () => {
		const first = await start(kind, ANY, true);
		const uri = new URL(first.connections[0]!.replace(/^[^:]*/, "http"));
		const device = await run(engine, settingsFor(first.connections[0]!, CREDENTIALS));
		await until(() => device.count("registered") === 1, "registered");
		assert.equal(await read(first, "/3/0/0"), { success: true, value: "Pinhole" });
		await fetch(`${first.http}/api/clients/${NAME}/3303/0/5700/observe`, { method: "POST" });
		await first.close();
		// RFC 8323, 5.5: it does not just go.
		await until(() => device.count("waiting", /^127\.0\.0\.1 asks to be left$/) === 1, "released");
		const second = await start(kind, { host: "127.0.0.1", port: Number(uri.port) }, true);
		await until(() => device.count("registered") === 2, "registered again");
		assert.equal(await read(second, "/3/0/0"), { success: true, value: "Pinhole" });
		device.stop();
		await until(() => device.count("deregistered") === 1, "de-registered");
		device.close();
		await second.close();
	});
}

for (const engine of ["node", "xs32"] as const) {
	test(`without keys on ${engine}, too, where the certificate is the server's`, async () => {
		const server = await start("wss", ANY, false);
		const device = await run(engine, settingsFor(server.connections[0]!, undefined));
		await until(() => device.count("registered") === 1, "registered");
		assert.is((await read(server, "/3/0/0")).value, "Pinhole");
		device.stop();
		await until(() => device.count("deregistered") === 1, "de-registered");
		device.close();
		await server.close();
	});

	test(`on ${engine} a server that is not believed is told nothing, and an event says why`, async () => {
		const server = await start("tls", ANY, false);
		const stranger = new Authority("stranger");
		const device = await run(engine, settingsFor(server.connections[0]!, undefined, stranger.certificate));
		stranger.close();
		await until(
			() => device.count("waiting", /^127\.0\.0\.1: the certificate's issuer is not trusted$/) > 0,
			"refused",
		);
		const clients = (await (await fetch(`${server.http}/api/clients`)).json()) as unknown[];
		assert.equal([device.count("registered"), clients.length], [0, 0]);
		device.close();
		await server.close();
	});
}

test.after(() => authority.close());

test.run();
