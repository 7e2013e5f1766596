// suite: limit=120
// Our device and our back end over each transport of RFC 8323, on real sockets.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { assert, suite } from "#suite";
import type { AgentEvent } from "../../firmware/agent/agent.js";
import type { Credentials } from "../../firmware/boot/settings.js";
import type { Certificate, ConnectionPort } from "../backend/listener.js";
import { type Server, startServer } from "../backend/server.js";
import { createLogger, type HostPort } from "../cli/shared.js";
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

/** A certificate for 127.0.0.1 that nobody vouches for but itself. */
function makeCertificate(): Certificate {
	const folder = mkdtempSync(join(tmpdir(), "pinhole-tls-"));
	const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
	const words = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost
		-addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout ${key} -out ${cert}`;
	execFileSync("openssl", words.split(/\s+/), { stdio: "ignore" });
	const made = { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
	rmSync(folder, { recursive: true });
	return made;
}

const certificate = makeCertificate();

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
function run(server: string, credentials: Credentials | undefined) {
	const events: AgentEvent[] = [];
	const provider = { ...nodeProvider, tls: { io: tlsConstructor({ ca: certificate.cert }) } };
	const settings = {
		server,
		endpointName: NAME,
		lifetimeSeconds: 300,
		keepaliveMs: Number.POSITIVE_INFINITY,
		credentials,
	};
	const device = new SimulatedDevice("node", provider, settings, (event) => events.push(event));
	const count = (kind: AgentEvent["kind"]): number => events.filter((event) => event.kind === kind).length;
	return { device, count };
}

async function read(server: Server, path: string): Promise<{ readonly success: boolean; readonly value: unknown }> {
	const answer = await fetch(`${server.http}/api/clients/${NAME}${path}`);
	const body = (await answer.json()) as { success: boolean; content?: { value: unknown } };
	return { success: body.success, value: body.content?.value };
}

for (const kind of ["tcp", "ws", "tls", "wss"] as const) {
	test(`${kind}: it registers, answers, reports, comes back when the back end does, and says good-bye`, async () => {
		const first = await start(kind, ANY, true);
		const uri = new URL(first.connections[0]!.replace(/^[^:]*/, "http"));
		const { device, count } = run(first.connections[0]!, CREDENTIALS);
		await until(() => count("registered") === 1, "registered");
		assert.equal(await read(first, "/3/0/0"), { success: true, value: "Pinhole" });
		await fetch(`${first.http}/api/clients/${NAME}/3303/0/5700/observe`, { method: "POST" });
		await first.close();
		const second = await start(kind, { host: "127.0.0.1", port: Number(uri.port) }, true);
		await until(() => count("registered") === 2, "registered again");
		assert.equal(await read(second, "/3/0/0"), { success: true, value: "Pinhole" });
		device.stop();
		await until(() => count("deregistered") === 1, "de-registered");
		device.close();
		await second.close();
	});
}

test("without keys, too, where the certificate is the server's", async () => {
	const server = await start("wss", ANY, false);
	const { device, count } = run(server.connections[0]!, undefined);
	await until(() => count("registered") === 1, "registered");
	assert.is((await read(server, "/3/0/0")).value, "Pinhole");
	device.stop();
	await until(() => count("deregistered") === 1, "de-registered");
	device.close();
	await server.close();
});

test.run();
