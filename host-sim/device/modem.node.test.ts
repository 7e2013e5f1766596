// suite: real-network limit=120
// The whole way of a wake-up with real sockets and a real line: the firmware on XS with a modem at a pty, behind a NAT
// that has forgotten it; a back end, an SMS centre, and the command of an operator.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readlinkSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as wait } from "node:timers/promises";
import { assert, suite } from "#suite";
import { type Server, startServer } from "../backend/server.js";
import { smsCentreAt } from "../backend/sms-centre.js";
import { BackendClient } from "../cli/backend-client.js";
import { createLogger, parseHostPort } from "../cli/shared.js";
import type { SerialLink } from "../console/link.js";
import { openPort } from "../console/port.js";
import { missingFor } from "../engine/build.js";
import { commandOnXs } from "../engine/run.js";
import { SimulatedModem } from "../machines/modem.js";
import { SimulatedSmsCentre } from "../machines/sms-centre.js";
import { defaultBehaviour } from "../nat/behaviour.js";
import { Relay } from "../nat/relay.js";
import { SeededRandom } from "../nat/seeded-random.js";
import { runPinhole } from "../story/process.js";

const test = suite("device/modem");
const problem = missingFor("xs32");
if (problem !== undefined) suite.skip(problem);

const NAME = "woken-1";
const ANY = { host: "127.0.0.1", port: 0 };
const WITHIN_MS = 30_000;
const log = createLogger("error");
const later = (delayMs: number, act: () => void): void => void setTimeout(act, delayMs).unref();
const centre = new SimulatedSmsCentre({ now: () => Date.now(), later, chance: () => 0.5 });
centre.faults.delayMs = [100, 100];

/** The web hook of the SMS centre. */
const hook = createServer(async (request, response) => {
	const { to, coding, data } = JSON.parse(await text(request)) as Record<string, string>;
	const isTaken = coding === "8bit" && centre.submit(to!, Buffer.from(data!, "hex"));
	response.writeHead(isTaken ? 200 : 404).end();
});

let folder: string;
let server: Server;
let backend: BackendClient;
let nat: Relay;
let child: ChildProcess;
let line: SerialLink;
let modem: SimulatedModem;
let said = "";

/** Waits until the device has said it. */
async function says(pattern: RegExp): Promise<void> {
	const endAt = Date.now() + WITHIN_MS;
	while (!pattern.test(said)) {
		if (Date.now() > endAt) throw new Error(`the device never said ${pattern}, but:\n${said}`);
		await wait(20);
	}
}

async function linkAt(path: string): Promise<string> {
	for (const endAt = Date.now() + WITHIN_MS; Date.now() < endAt; await wait(10))
		try {
			return readlinkSync(path);
		} catch {
			// Not yet.
		}
	throw new Error(`nothing is at ${path}`);
}

test.before(async () => {
	if (problem !== undefined) return;
	folder = mkdtempSync(join(tmpdir(), "pinhole-modem-"));
	hook.listen(0, "127.0.0.1");
	await once(hook, "listening");
	const smsCentre = smsCentreAt(`http://127.0.0.1:${(hook.address() as AddressInfo).port}/`);
	server = await startServer({ coap: ANY, http: ANY, data: undefined, token: undefined, smsCentre, log });
	backend = new BackendClient({ url: server.http, token: undefined, timeoutSeconds: 30 });
	nat = await Relay.open({
		inside: ANY,
		outside: "127.0.0.1",
		to: parseHostPort(server.coap, "the back end"),
		behaviour: defaultBehaviour,
		random: new SeededRandom(1),
		capture: undefined,
		log,
	});
	const board = { flash: join(folder, "flash"), port: join(folder, "port"), config: {} };
	const args = [`coap://${nat.inside}`, NAME];
	const [program, ...words] = await commandOnXs("xs32", "host-sim/engine/fixtures/modem-device.ts", { board, args });
	child = spawn(program!, words, { stdio: ["ignore", "inherit", "pipe"] });
	child.stderr!.setEncoding("utf8").on("data", (piece: string) => {
		said += piece;
	});
	line = await openPort(await linkAt(board.port));
	modem = new SimulatedModem({ write: (bytes) => void line.write(bytes).catch(() => {}), later });
	line.listen({ received: (bytes) => modem.receive(bytes), closed: () => {} });
	centre.attach("+491700000042", modem);
});

test.after(async () => {
	child?.kill("SIGKILL");
	await line?.close();
	await nat?.close();
	await server?.close();
	hook.close();
	if (folder !== undefined) rmSync(folder, { recursive: true });
});

test("a modem that is slow to start is found, and the device registers with its number", async () => {
	modem.restart();
	await says(/^sms modem ready$/m);
	await says(/^agent registered/m);
	const [device] = await backend.devices();
	assert.equal([device?.endpoint, device?.smsNumber], [NAME, "+491700000042"]);
});

test("woken by pinhole trigger, it is back from behind a NAT that forgot it, and what waits is answered", async () => {
	nat.rebind();
	const read = backend.ask("GET", NAME, "/3/0/0");
	const begunAt = performance.now();
	await wait(500);
	const woken = await runPinhole(["trigger", NAME, "--wait", "--timeout", "30", "--backend", server.http]);
	assert.is(woken.code, 0, woken.stderr);
	assert.match(woken.stdout, /^Sent to \+491700000042: 10 bytes, without keys\.\nwoken-1 is back after \d+\.\d s\.\n$/);
	await says(/^sms message: update$/m);
	assert.is((await read).success, true);
	const reach = await runPinhole(["reach", NAME, "--backend", server.http]);
	assert.match(reach.stdout, /^Server 1 over udp\n {2}binding {7}\S.*\n {2}keepalive {5}\S/);
	assert.ok(performance.now() - begunAt < 20_000);
});

test("a second one within a minute is not even sent", async () => {
	const { code, stderr } = await runPinhole(["trigger", NAME, "--backend", server.http]);
	assert.is(code, 2);
	assert.match(stderr, /takes one trigger a minute: try again in \d+ s/);
});

test.run();
