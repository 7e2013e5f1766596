// suite: real-network
// The relay on real sockets of 127.0.0.1, judged by what arrives, by its answers and by its capture.

import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { assert, suite } from "#suite";
import { createLogger, EXIT } from "../cli/shared.js";
import { PinholeProcess, runPinhole } from "../story/process.js";
import { defaultBehaviour, type NatBehaviour } from "./behaviour.js";
import { control } from "./control.js";
import { CaptureWriter, readCapture } from "./pcap.js";
import { type Peer, peerOf, portOf } from "./peer.js";
import { Relay, type RelayStatus } from "./relay.js";
import { SeededRandom } from "./seeded-random.js";

const test = suite("nat/relay");
const folder = mkdtempSync(join(tmpdir(), "pinhole-relay-"));
test.after(() => rmSync(folder, { recursive: true }));

/** Longest wait for a datagram that must come. */
const ARRIVAL_MS = 2000;
/** Long enough for a datagram on 127.0.0.1 that must not come. */
const ABSENCE_MS = 150;
const UDP_TIMEOUT_MS = 300;

/** A UDP socket of a test: what arrived, in order, with its sender. */
class Endpoint {
	readonly socket: Socket = createSocket("udp4");
	readonly arrived: { text: string; from: Peer }[] = [];
	#wake = (): void => {};

	async open(): Promise<this> {
		this.socket.on("message", (bytes: Buffer, from: RemoteInfo) => {
			this.arrived.push({ text: bytes.toString(), from: peerOf(from.address, from.port) });
			this.#wake();
		});
		this.socket.bind(0, "127.0.0.1");
		await once(this.socket, "listening");
		return this;
	}

	get peer(): Peer {
		return peerOf("127.0.0.1", this.socket.address().port);
	}

	send(text: string, to: Peer): void {
		this.socket.send(text, portOf(to), "127.0.0.1");
	}

	/** The next arrival: its text and its sender. */
	async next(): Promise<{ text: string; from: Peer }> {
		await this.#wait(ARRIVAL_MS);
		const arrival = this.arrived.shift();
		if (arrival === undefined) throw new Error("nothing arrived");
		return arrival;
	}

	async nothing(): Promise<void> {
		await this.#wait(ABSENCE_MS);
		assert.equal(this.arrived, []);
	}

	async #wait(ms: number): Promise<void> {
		if (this.arrived.length > 0) return;
		await new Promise<void>((resolve) => {
			const timer = setTimeout(resolve, ms);
			this.#wake = () => {
				clearTimeout(timer);
				resolve();
			};
		});
	}
}

interface Bench {
	readonly relay: Relay;
	readonly device: Endpoint;
	readonly server: Endpoint;
	readonly capture: string;
	/** A datagram from the device; gives the outside end at which the server saw it. */
	uplink(text: string): Promise<Peer>;
	/** Says a word to the relay that it must understand. */
	say(line: string): RelayStatus;
}

let count = 0;

/** Runs a body between a device and a server with a relay in the middle, and ends all three. */
async function bench(behaviour: Partial<NatBehaviour>, body: (bench: Bench) => Promise<void>, seed = 1): Promise<void> {
	const [device, server] = await Promise.all([new Endpoint().open(), new Endpoint().open()]);
	const capture = join(folder, `${++count}.pcap`);
	const writer = new CaptureWriter(capture);
	const relay = await Relay.open({
		inside: { host: "127.0.0.1", port: 0 },
		outside: "127.0.0.1",
		to: { host: "127.0.0.1", port: portOf(server.peer) },
		behaviour: { ...defaultBehaviour, ...behaviour },
		random: new SeededRandom(seed),
		capture: writer,
		log: createLogger("error"),
	});
	const uplink = async (text: string): Promise<Peer> => {
		device.send(text, relay.inside);
		const { text: got, from } = await server.next();
		assert.is(got, text);
		return from;
	};
	const say = (line: string): RelayStatus => {
		const answer = control(relay, line);
		if ("error" in answer) throw new Error(answer.error);
		return answer;
	};
	try {
		await body({ relay, device, server, capture, uplink, say });
	} finally {
		await relay.close();
		writer.close();
		device.socket.close();
		server.socket.close();
	}
}

test("carries both ways, and the back end sees neither the device nor the inside", () =>
	bench({}, async ({ relay, device, server, uplink }) => {
		const outside = await uplink("up");
		assert.is.not(outside, device.peer);
		assert.is.not(outside, relay.inside);
		server.send("down", outside);
		assert.equal(await device.next(), { text: "down", from: relay.inside });
	}));

test("two devices have a port each and get each their own", () =>
	bench({}, async ({ relay, device, server, uplink }) => {
		const other = await new Endpoint().open();
		const first = await uplink("one");
		other.send("two", relay.inside);
		const second = (await server.next()).from;
		assert.is.not(first, second);
		server.send("for two", second);
		assert.is((await other.next()).text, "for two");
		await device.nothing();
		other.socket.close();
	}));

test("a silent binding dies: the downlink is dropped and counted as expired", () =>
	bench({ udpTimeoutMs: UDP_TIMEOUT_MS }, async ({ device, server, uplink, say }) => {
		const outside = await uplink("up");
		await pause(UDP_TIMEOUT_MS + 20);
		server.send("late", outside);
		await device.nothing();
		const status = say("status");
		assert.is(status.dropped.expired, 1);
		assert.equal(status.mappings, []);
		assert.is.not(await uplink("again"), outside);
	}));

test("rebind moves the binding at once: the old port is dead, the new one seen with the next uplink", () =>
	bench({}, async ({ device, server, uplink, say }) => {
		const before = await uplink("up");
		assert.is.not(say("rebind").mappings[0]!.outside, before);
		server.send("to the old port", before);
		await device.nothing();
		const after = await uplink("again");
		assert.is(after, say("status").mappings[0]!.outside);
		server.send("to the new port", after);
		assert.is((await device.next()).text, "to the new port");
		assert.is(say("status").dropped.rebound, 1);
	}));

test("reboot forgets the table: only the next uplink opens a binding", () =>
	bench({}, async ({ device, server, uplink, say }) => {
		const before = await uplink("up");
		assert.equal(say("reboot").mappings, []);
		server.send("too early", before);
		await device.nothing();
		assert.is.not(await uplink("again"), before);
		assert.is(say("status").dropped.forgotten, 1);
	}));

test("block stops both directions until unblock", () =>
	bench({}, async ({ relay, device, server, uplink, say }) => {
		const outside = await uplink("up");
		say("block");
		device.send("lost", relay.inside);
		server.send("lost", outside);
		await Promise.all([server.nothing(), device.nothing()]);
		const status = say("unblock");
		assert.is(status.dropped.blocked, 2);
		assert.is(await uplink("again"), outside);
	}));

test("drop 1 loses everything, drop 0 nothing", () =>
	bench({}, async ({ relay, device, server, uplink, say }) => {
		assert.is(say("drop 1").line.drop, 1);
		device.send("lost", relay.inside);
		await server.nothing();
		assert.is(say("drop 0").dropped.lost, 1);
		await uplink("again");
	}));

test("duplicate 1 doubles what passes, each way", () =>
	bench({}, async ({ device, server, uplink, say }) => {
		assert.is(say("duplicate 1").line.duplicate, 1);
		const outside = await uplink("up");
		assert.is((await server.next()).text, "up");
		server.send("down", outside);
		assert.equal([(await device.next()).text, (await device.next()).text], ["down", "down"]);
		assert.is(say("duplicate 0").line.duplicate, 0);
		assert.is(say("jitter 5").line.jitterMs, 5);
		await uplink("again");
	}));

test("delay holds each direction for its time", () =>
	bench({}, async ({ device, server, uplink, say }) => {
		assert.is(say("delay 200").line.delayMs, 200);
		const startedAt = performance.now();
		const outside = await uplink("up");
		server.send("down", outside);
		await device.next();
		const roundTripMs = performance.now() - startedAt;
		assert.ok(roundTripMs >= 398 && roundTripMs < 1200, `${roundTripMs} ms`);
	}));

test("the filter keeps strangers out, endpoint-independent filtering lets them in", async () => {
	for (const [filtering, filtered] of [
		["address-and-port-dependent", 1],
		["endpoint-independent", 0],
	] as const) {
		await bench({ filtering }, async ({ device, uplink, say }) => {
			const stranger = await new Endpoint().open();
			stranger.send("hello", await uplink("up"));
			await (filtered === 1 ? device.nothing() : device.next());
			assert.is(say("status").dropped.filtered, filtered);
			stranger.socket.close();
		});
	}
});

test("the same seed gives the same outside port", async () => {
	const seen: Peer[] = [];
	for (const seed of [4711, 4711, 4712]) {
		await bench({}, async ({ uplink }) => void seen.push(await uplink("up")), seed);
	}
	assert.is(seen[0], seen[1]);
	assert.is.not(seen[0], seen[2]);
});

test("a port that something else holds is left alone, and the datagram leaves by another", async () => {
	const seen: Peer[] = [];
	await bench({}, async ({ uplink }) => void seen.push(await uplink("up")));
	const port = portOf(seen[0]!);
	const holder = createSocket("udp4");
	holder.bind(port, "127.0.0.1");
	await once(holder, "listening");
	await bench({}, async ({ uplink }) => assert.is.not(portOf(await uplink("up")), port));
	holder.close();
});

const BAD_LINES = [
	...["open", "drop", "drop 2", "drop x", "delay -1", "delay", "rebind now", "delay 1 2"],
	...["duplicate", "duplicate 1.1", "jitter x", "jitter 250001", ""],
];
test("a bad line is answered with one sentence and changes nothing", () =>
	bench({}, async ({ relay, say }) => {
		const before = say("status").line;
		for (const line of BAD_LINES) {
			const answer = control(relay, line);
			assert.match("error" in answer ? answer.error : "", /\.$/, line);
		}
		assert.equal(say("status").line, before);
	}));

test("the capture shows both sides of the NAT, and what died between them only outside", () =>
	bench({ udpTimeoutMs: UDP_TIMEOUT_MS }, async ({ relay, device, server, capture, uplink, say }) => {
		const outside = await uplink("up");
		server.send("down", outside);
		await device.next();
		await pause(UDP_TIMEOUT_MS + 20);
		server.send("late", outside);
		await device.nothing();
		say("status");
		const inside = relay.inside;
		const seen = readCapture(capture).map(({ source, destination, payload }) => [
			source,
			destination,
			Buffer.from(payload).toString(),
		]);
		assert.equal(seen, [
			[device.peer, inside, "up"],
			[outside, server.peer, "up"],
			[server.peer, outside, "down"],
			[inside, device.peer, "down"],
			[server.peer, outside, "late"],
		]);
	}));

const USUAL = ["--inside", "127.0.0.1:0", "--outside", "127.0.0.1", "--to", "127.0.0.1:9"];
const MISUSES: readonly (readonly [title: string, options: readonly string[]])[] = [
	["no --to", USUAL.slice(0, 4)],
	[
		"an outside address that is not of this machine",
		[...USUAL.slice(0, 2), "--outside", "192.0.2.1", ...USUAL.slice(4)],
	],
	["a host without an address", [...USUAL.slice(0, 4), "--to", "nobody.invalid:5683"]],
	["a mapping that does not exist", [...USUAL, "--mapping", "symmetric"]],
	["a profile that does not exist", [...USUAL, "--profile", "friendly"]],
	["a time-out of nothing", [...USUAL, "--udp-timeout", "0"]],
	["a capture where no file can be", [...USUAL, "--capture", "/nowhere/x.pcap"]],
];
test("a wrong call is answered with one sentence and code 2", async () => {
	for (const [title, options] of MISUSES) {
		const { code, stdout, stderr } = await runPinhole(["nat", ...options, "--json"]);
		assert.is(code, EXIT.usage, title);
		assert.is(stdout, "", title);
		assert.match(stderr, /^pinhole: [^\n]+\.\n$/, title);
	}
});

const PROFILED: readonly (readonly [options: readonly string[], seconds: number, mapping: string])[] = [
	[["--profile", "aws-350"], 350, "endpoint-independent"],
	[["--profile", "linux-30-120"], 30, "address-and-port-dependent"],
	[["--profile", "cgn-65", "--udp-timeout", "7", "--mapping", "address-dependent"], 7, "address-dependent"],
];
test("a profile says all that is not said besides", async () => {
	for (const [options, seconds, mapping] of PROFILED) {
		const relay = await PinholeProcess.start(["nat", ...USUAL, ...options]);
		const status = await relay.ask<RelayStatus>("status");
		assert.equal([status.udpTimeoutMs, status.mapping], [seconds * 1000, mapping]);
		await relay.stop();
	}
});

test("the process says where it is, answers words on stdin, and ends with code 0 within 2 s", async () => {
	const options = [
		"--udp-timeout",
		"7.5",
		"--mapping",
		"address-and-port-dependent",
		"--filtering",
		"address-dependent",
	];
	const relay = await PinholeProcess.start(["nat", ...USUAL, ...options]);
	assert.is(relay.ready.ready, true);
	assert.match(relay.place("inside"), /^127\.0\.0\.1:[1-9]\d*$/);
	assert.is(relay.place("outside"), "127.0.0.1");
	assert.is(relay.place("to"), "127.0.0.1:9");
	assert.type(relay.ready.pid, "number");
	const status = await relay.ask<RelayStatus & { done: string }>("delay 200");
	assert.is(status.done, "delay 200");
	assert.is(status.line.delayMs, 200);
	assert.is(status.udpTimeoutMs, 7500);
	assert.is(status.mapping, "address-and-port-dependent");
	assert.is(status.filtering, "address-dependent");
	assert.type((await relay.ask<{ error: string }>("open sesame")).error, "string");
	const startedAt = Date.now();
	assert.is(await relay.stop(), 0);
	assert.ok(Date.now() - startedAt < 2000);
});

test.run();
