// suite: real-network limit=150
// OSCORE behind a NAT that is not ours: what a rebinding costs on the wire, and what a copied datagram is worth.

import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { assert, suite } from "#suite";
import { EXIT } from "../cli/shared.js";
import { missingFor } from "../engine/build.js";
import { type Outcome, PinholeProcess, runPinhole } from "../story/process.js";
import { BACKEND_ADDRESS, LinuxGateway, whyNoGateway } from "./linux-gateway.js";

const ENDPOINT = "behind-linux";
const PRESSURE = "/3323/0/5700";
/** Resets the least and the greatest value. */
const EXECUTABLE = "/3323/0/5605";
const UDP_TIMEOUT_SECONDS = 30;
const KEEPALIVE_SECONDS = 3.5;
const EXCHANGE_SECONDS = 3;
const REGISTER_MS = 30_000;
const AT_ONCE_SECONDS = 1;
/** An Update that says nothing but that it is there, and its answer, with all of OSCORE. */
const KEEPALIVE_BYTES = 70;
/** A Read of one value, and its answer. */
const READ_BYTES = 90;

/** When a datagram that was sent is surely in the capture. */
const CAPTURED_MS = 2_000;
/** How long the capture may take to tell what passed, and how often it is looked at. */
const CAPTURE_MS = 20_000;
const LOOK_MS = 100;

/** One datagram of a capture. */
interface Seen {
	readonly from: string;
	readonly to: string;
	readonly payload: Buffer;
}

/** What passes the back end's interface, as tshark sees it. */
class Capture {
	readonly seen: Seen[] = [];
	readonly #process: ChildProcess;

	private constructor(process: ChildProcess) {
		this.#process = process;
	}

	static async start(prefix: readonly string[]): Promise<Capture> {
		const fields = ["ip.src", "udp.srcport", "ip.dst", "udp.dstport", "udp.payload"].flatMap((name) => ["-e", name]);
		const words = [...prefix, "tshark", "-l", "-n", "-i", "uplink", "-f", "udp", "-T", "fields", ...fields];
		const child = spawn(words[0]!, words.slice(1), { stdio: ["ignore", "pipe", "pipe"] });
		const capture = new Capture(child);
		createInterface({ input: child.stdout! }).on("line", (line) => {
			const [from, fromPort, to, toPort, payload = ""] = line.split("\t");
			capture.seen.push({ from: `${from}:${fromPort}`, to: `${to}:${toPort}`, payload: Buffer.from(payload, "hex") });
		});
		await new Promise<void>((resolve, reject) => {
			createInterface({ input: child.stderr! }).on("line", (line) => line.startsWith("Capturing on") && resolve());
			child.once("close", () => reject(new Error("tshark does not capture")));
		});
		return capture;
	}

	close(): void {
		this.#process.kill("SIGTERM");
	}
}

interface Bench {
	readonly gateway: LinuxGateway;
	readonly capture: Capture;
	/** The back end's address and port. */
	readonly server: string;
	/** The log of the device, over all its lives. */
	readonly log: readonly string[];
	read(): Promise<Outcome>;
	execute(): Promise<Outcome>;
	/** The power of one side goes; what is done meanwhile; and then it is back. */
	cut(side: "device" | "backend", meanwhile?: () => Promise<void>): Promise<void>;
	/** Where the back end sees the device. */
	address(): Promise<string>;
}

/** Runs a body with a registered device with keys behind a gateway of its own. */
async function behind(engine: string, body: (bench: Bench) => Promise<void>): Promise<void> {
	const gateway = new LinuxGateway(UDP_TIMEOUT_SECONDS);
	const folder = mkdtempSync(join(tmpdir(), "pinhole-"));
	const players: Partial<Record<"device" | "backend", PinholeProcess>> = {};
	const log: string[] = [];
	let capture: Capture | undefined;
	try {
		const [all, own] = [join(folder, "all.json"), join(folder, "own.json")];
		const made = await runPinhole(["credentials", "new", ENDPOINT, "--file", all, "--device", own]);
		assert.is(made.code, EXIT.success, made.stderr);
		let [coap, http] = [`${BACKEND_ADDRESS}:0`, "127.0.0.1:0"];
		const start = {
			backend: async () => {
				const words = ["backend", "--credentials", all, "--data", join(folder, "data"), "--coap", coap, "--http", http];
				players.backend = await PinholeProcess.start(words, { prefix: gateway.onBackend });
				coap = players.backend.place("coap");
				http = players.backend.place("http").replace("http://", "");
			},
			device: async () => {
				const care = ["--keepalive", String(KEEPALIVE_SECONDS), "--lifetime", "3600", "--engine", engine];
				const words = ["device", "--oscore", own, "--server", `coap://${coap}`, "--endpoint", ENDPOINT, ...care];
				const onLog = (line: string): void => void log.push(line);
				players.device = await PinholeProcess.start(words, { prefix: gateway.onDevice, onLog });
			},
		};
		const operate = (...words: string[]) => runPinhole([...words, "--backend", `http://${http}`], gateway.onBackend);
		const soon = ["--timeout", String(AT_ONCE_SECONDS)];
		await start.backend();
		capture = await Capture.start(gateway.onBackend);
		await start.device();
		for (const endAt = Date.now() + REGISTER_MS; !(await operate("devices")).stdout.includes(ENDPOINT); ) {
			if (Date.now() > endAt) throw new Error("the device does not register");
		}
		await body({
			gateway,
			capture,
			server: coap,
			log,
			read: () => operate("read", ENDPOINT, PRESSURE, ...soon),
			execute: () => operate("execute", ENDPOINT, EXECUTABLE, ...soon),
			address: async () => JSON.parse((await operate("devices", "--json")).stdout)[0].address,
			async cut(side, meanwhile) {
				await players[side]!.cut();
				await meanwhile?.();
				await start[side]();
			},
		});
	} finally {
		capture?.close();
		await players.device?.stop();
		await players.backend?.stop();
		gateway.close();
		rmSync(folder, { recursive: true });
	}
}

/** The device is somewhere else now. */
async function rebound({ gateway, address }: Bench): Promise<string> {
	const before = await address();
	gateway.forget();
	const endAt = Date.now() + (KEEPALIVE_SECONDS + 2 * EXCHANGE_SECONDS) * 1000;
	for (;;) {
		const now = await address();
		if (now !== before) return now;
		if (Date.now() > endAt) throw new Error("the device does not come back");
	}
}

function bytesOf(seen: readonly Seen[]): number {
	return seen.reduce((sum, { payload }) => sum + payload.length, 0);
}

/** After a rebinding one keepalive and one command, and nothing else, have passed from and to the new address. */
async function costsNothing(bench: Bench): Promise<void> {
	assert.is((await bench.read()).code, EXIT.success);
	const moved = await rebound(bench);
	const { code, stderr } = await bench.read();
	assert.is(code, EXIT.success, stderr);
	let there: readonly Seen[] = [];
	let commandAt = -1;
	// tshark tells what it sees in its own time, and a busy machine takes long.
	for (const endAt = Date.now() + CAPTURE_MS; commandAt < 0 || there.length < commandAt + 2; await pause(LOOK_MS)) {
		if (Date.now() > endAt) throw new Error(`the capture has ${there.length} datagrams, and not the command`);
		there = bench.capture.seen.filter(({ from, to }) => from === moved || to === moved);
		commandAt = there.findIndex(({ from, payload }) => from === bench.server && payload[1]! < 0x20);
	}
	const before = there.slice(0, commandAt);
	const command = there.slice(commandAt, commandAt + 2);
	// Each keepalive is an Update and its answer; a command that takes long to type may see more than one.
	assert.ok(before.length >= 2 && before.length % 2 === 0, `${before.length} datagrams before the command`);
	assert.ok(bytesOf(before.slice(0, 2)) <= KEEPALIVE_BYTES, `keepalive: ${bytesOf(before.slice(0, 2))} bytes`);
	assert.equal(
		command.map(({ from }) => from),
		[bench.server, moved],
	);
	assert.ok(bytesOf(command) <= READ_BYTES, `Read: ${bytesOf(command)} bytes`);
	suite.record("bytes", `keepalive ${bytesOf(before.slice(0, 2))}, Read ${bytesOf(command)}`);
}

/** Sends a datagram from another address than the one it came from, and says what is answered. */
const SEND = `
const socket = require("node:dgram").createSocket("udp4");
const [host, port] = process.argv[1].split(":");
socket.on("message", (bytes) => { console.log(bytes.toString("hex")); process.exit(); });
socket.send(Buffer.from(process.argv[2], "hex"), Number(port), host);
setTimeout(() => process.exit(), 2000);
`;

async function isWorthNothing({ gateway, capture, server, address, read }: Bench): Promise<void> {
	assert.is((await read()).code, EXIT.success);
	const home = await address();
	let requests: readonly Seen[] = [];
	// Both messages of the renewal at least.
	for (const endAt = Date.now() + CAPTURE_MS; requests.length < 2; await pause(LOOK_MS)) {
		if (Date.now() > endAt) throw new Error(`the capture has ${requests.length} requests of the device`);
		requests = capture.seen.filter(({ from, payload }) => from === home && payload[1]! > 0 && payload[1]! < 0x20);
	}
	for (const { payload } of [requests.at(-1)!, ...requests]) {
		const words = [...gateway.onBackend, process.execPath, "-e", SEND, server, payload.toString("hex")];
		const answer = execFileSync(words[0]!, words.slice(1), { encoding: "utf8" }).trim();
		// 4.01 without a payload, or once more what only the device can read.
		assert.ok(answer.length / 2 <= 3 * payload.length, answer);
		assert.is(await address(), home);
	}
	assert.is((await read()).code, EXIT.success);
}

/** Sends datagrams from a port of the back end's address, and hears nothing. */
const REPLAY = `
const socket = require("node:dgram").createSocket("udp4");
const [from, to, ...all] = process.argv.slice(1);
const [[fromHost, fromPort], [toHost, toPort]] = [from.split(":"), to.split(":")];
socket.bind(Number(fromPort), fromHost, async () => {
	for (const hex of all)
		await new Promise((sent) => socket.send(Buffer.from(hex, "hex"), Number(toPort), toHost, sent));
	socket.close();
});
`;

/** Each side's power goes, and all that it was ever told is told to it again, as if by the other. */
async function isOfNoUseLater({ gateway, capture, server, log, read, execute, address, cut }: Bench): Promise<void> {
	const executed = () => log.filter((line) => line.includes(`operation execute ${EXECUTABLE}`)).length;
	const replay = (from: string, to: string, seen: readonly Seen[]) => {
		const all = seen.map(({ payload }) => payload.toString("hex"));
		execFileSync(gateway.onBackend[0]!, [
			...gateway.onBackend.slice(1),
			process.execPath,
			"-e",
			REPLAY,
			from,
			to,
			...all,
		]);
	};
	const reached = async () => {
		for (const endAt = Date.now() + REGISTER_MS; (await read()).code !== EXIT.success; )
			if (Date.now() > endAt) throw new Error("the device does not come back");
	};
	await reached();
	assert.is((await execute()).code, EXIT.success);
	assert.is(executed(), 1);
	await pause(CAPTURED_MS);
	const before = capture.seen.slice();
	await cut("device");
	await reached();
	const home = await address();
	// To the back end, as if from elsewhere; and to the device, as if from the back end, which has no power meanwhile.
	replay(
		`${BACKEND_ADDRESS}:0`,
		server,
		before.filter(({ to }) => to === server),
	);
	assert.is(await address(), home);
	const told = before.filter(({ from }) => from === server);
	assert.ok(told.length > 4, `${told.length} datagrams of the back end`);
	await cut("backend", async () => {
		replay(server, home, told);
		await pause(CAPTURED_MS);
		const again = capture.seen.slice(before.length).filter(({ from, to }) => from === server && to === home);
		assert.ok(again.length >= told.length, `${again.length} of ${told.length} have left`);
	});
	replay(
		`${BACKEND_ADDRESS}:0`,
		server,
		before.filter(({ to }) => to === server),
	);
	await reached();
	assert.is(executed(), 1);
	assert.is((await execute()).code, EXIT.success);
	assert.is(executed(), 2);
}

const test = suite("nat/linux-oscore");
const hasTshark = spawnSync("tshark", ["--version"], { stdio: "ignore" }).error === undefined;
const reason = whyNoGateway() ?? (hasTshark ? undefined : "tshark is not installed");
if (reason !== undefined) suite.skip(reason);

const CASES: readonly (readonly [title: string, engine: "node" | "xs", body: (bench: Bench) => Promise<void>])[] = [
	["after a rebinding the next command arrives with no handshake", "node", costsNothing],
	["after a rebinding the next command arrives with no handshake, on XS", "xs", costsNothing],
	["what a device said, sent again from another address, moves nothing", "node", isWorthNothing],
	["what both sides said, sent again after each one's power cut, moves and executes nothing", "node", isOfNoUseLater],
];
for (const [title, engine, body] of reason === undefined ? CASES : []) {
	const missing = engine === "xs" ? missingFor("xs64") : undefined;
	if (missing !== undefined) {
		test.skip(title, missing);
		continue;
	}
	const done = behind(engine, body);
	done.catch(() => {});
	test(title, () => done);
}
test.run();
