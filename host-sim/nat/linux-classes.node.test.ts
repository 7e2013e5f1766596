// suite: real-network limit=150
// The two classes of UDP bindings and the time-out of connections: our model beside a kernel, each living through the
// same schedules at the same time. A schedule whose outcome hangs on less than a tenth of a time-out is not asked.

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { assert, suite } from "#suite";
import { Nat, type NatBehaviour } from "./behaviour.js";
import { BACKEND_ADDRESS, LinuxGateway, whyNoGateway } from "./linux-gateway.js";
import { natProfiles } from "./profiles.js";
import { SeededRandom } from "./seeded-random.js";

const UDP_SECONDS = 3;
const STREAM_SECONDS = 7;
const TCP_SECONDS = 3;
const MARGIN = 0.1;
const INSIDE = "10.0.0.2:1";
const REMOTE = `${BACKEND_ADDRESS}:1`;

/** Datagrams of one flow, in milliseconds since its first one, which goes out at 0. */
type Schedule = readonly (readonly [at: number, direction: "out" | "in"])[];

/** Which of the datagrams arrived. */
function inModel(schedule: Schedule, stretch: number): string {
	const behaviour: NatBehaviour = {
		...natProfiles["linux-30-120"],
		udpTimeoutMs: UDP_SECONDS * 1000 * stretch,
		stream: { timeoutMs: STREAM_SECONDS * 1000 * stretch, afterMs: 2000 * stretch },
	};
	const nat = new Nat(behaviour, new SeededRandom(1));
	let port = 0;
	return schedule
		.map(([at, direction]) => {
			if (direction === "in") return typeof nat.handleInbound(at, port, REMOTE) === "string" ? "-" : "+";
			const mapping = nat.handleOutbound(at, INSIDE, REMOTE);
			if (typeof mapping === "string") return "-";
			port = mapping.port;
			return "+";
		})
		.join("");
}

/** Undefined where a little more or less of time would change it. */
function expectedOf(schedule: Schedule): string | undefined {
	const results = [1 - MARGIN, 1, 1 + MARGIN].map((stretch) => inModel(schedule, stretch));
	return results.every((result) => result === results[0]) ? results[0] : undefined;
}

const DRAWN_COUNT = 40;
const LENGTH = 6;
const GAP_MS = [100, 8_000] as const;

/** Schedules by chance, of which each ends with a datagram from outside. */
function drawn(seed: number): Schedule[] {
	const random = new SeededRandom(seed);
	const schedules: Schedule[] = [];
	while (schedules.length < DRAWN_COUNT) {
		let at = 0;
		const schedule: [number, "out" | "in"][] = [[0, "out"]];
		while (schedule.length < LENGTH) {
			at += GAP_MS[0] + Math.floor(random.fraction() ** 2 * (GAP_MS[1] - GAP_MS[0]));
			schedule.push([at, schedule.length === LENGTH - 1 || random.fraction() < 0.5 ? "in" : "out"]);
		}
		if (expectedOf(schedule) !== undefined) schedules.push(schedule);
	}
	return schedules;
}

/** One line in, for each datagram or connection that it is to make; one line out, for each that arrived. */
const PLAYER = `
const dgram = require("node:dgram"), net = require("node:net"), readline = require("node:readline");
const sockets = new Map(), peers = new Map();
const say = (...words) => console.log(words.join(" "));
const open = (id) => new Promise((done) => {
	const socket = dgram.createSocket("udp4");
	socket.on("message", (text, from) => { peers.set(String(text), from); say("heard", text); });
	socket.bind(0, process.argv[1], () => { sockets.set(id, socket); done(socket); });
});
if (process.argv[1] !== "0.0.0.0") open("server").then((socket) => {
	const server = net.createServer((connection) => {
		connection.on("data", (data) => say("read", data)).on("error", () => {});
	});
	server.listen(0, process.argv[1], () => say("ready", socket.address().port, server.address().port));
});
else say("ready 0 0");
readline.createInterface({ input: process.stdin }).on("line", async (line) => {
	const [verb, id, address, port] = line.split(" ");
	if (verb === "out") (sockets.get(id) ?? await open(id)).send(id, Number(port), address);
	else if (verb === "in") { const to = peers.get(id); sockets.get("server").send(id, to.port, to.address); }
	else if (verb === "connect") {
		const connection = net.connect(Number(port), address, () => say("connected", id));
		connection.on("error", (error) => say("failed", id, error.code));
		sockets.set(id, connection);
	} else sockets.get(id).write(id);
});`;

class Player {
	readonly #process: ChildProcessWithoutNullStreams;
	readonly said: string[] = [];

	constructor(prefix: readonly string[], address: string) {
		const [program, ...words] = [...prefix, process.execPath, "-e", PLAYER, address];
		this.#process = spawn(program!, words);
		createInterface({ input: this.#process.stdout }).on("line", (line) => this.said.push(line));
	}

	/** The words of the first line that begins with one. */
	async hear(word: string): Promise<string[]> {
		for (const endAt = Date.now() + 20_000; Date.now() < endAt; await pause(10)) {
			const line = this.said.find((one) => one.startsWith(word));
			if (line !== undefined) return line.split(" ");
		}
		throw new Error(`nobody says ${word}`);
	}

	say(...words: readonly (string | number)[]): void {
		this.#process.stdin.write(`${words.join(" ")}\n`);
	}

	heardCount(id: string): number {
		return this.said.filter((line) => line === `heard ${id}`).length;
	}

	stop(): void {
		this.#process.kill();
	}
}

interface Bench {
	readonly device: Player;
	readonly server: Player;
	readonly udpPort: string;
	readonly tcpPort: string;
}

/** The time a datagram takes, and is late, on a machine that does other things, too. */
const ARRIVAL_MS = 100;

/** Lets the kernel live through a schedule. */
async function inKernel({ device, server, udpPort }: Bench, id: string, schedule: Schedule): Promise<string> {
	const begin = performance.now();
	let result = "";
	for (const [at, direction] of schedule) {
		await pause(begin + at - performance.now());
		const [from, to] = direction === "out" ? [device, server] : [server, device];
		const before = to.heardCount(id);
		from.say(direction, id, BACKEND_ADDRESS, udpPort);
		await pause(ARRIVAL_MS * 0.8);
		result += to.heardCount(id) > before ? "+" : "-";
	}
	return result;
}

const NAMED: readonly (readonly [string, Schedule, string])[] = [
	[
		"one datagram out lives for the short time",
		[
			[0, "out"],
			[2_500, "in"],
		],
		"++",
	],
	[
		"one datagram out does not live longer",
		[
			[0, "out"],
			[3_500, "in"],
		],
		"+-",
	],
	[
		"one exchange does not make a stream",
		[
			[0, "out"],
			[100, "in"],
			[3_600, "in"],
		],
		"++-",
	],
	[
		"a first answer that comes late does not make a stream",
		[
			[0, "out"],
			[2_500, "in"],
			[6_000, "in"],
		],
		"++-",
	],
	[
		"two exchanges within two seconds make none",
		[
			[0, "out"],
			[100, "in"],
			[1_500, "out"],
			[5_000, "in"],
		],
		"+++-",
	],
	[
		"a second datagram after two seconds makes one",
		[
			[0, "out"],
			[100, "in"],
			[2_500, "out"],
			[8_500, "in"],
		],
		"++++",
	],
	[
		"a stream dies, too",
		[
			[0, "out"],
			[100, "in"],
			[2_500, "out"],
			[10_300, "in"],
		],
		"+++-",
	],
	[
		"what comes in makes and refreshes a stream alone",
		[
			[0, "out"],
			[100, "in"],
			[2_500, "in"],
			[8_500, "in"],
			[14_500, "in"],
		],
		"+++++",
	],
	[
		"without an answer there is no stream",
		[
			[0, "out"],
			[2_500, "out"],
			[5_000, "out"],
			[8_500, "in"],
		],
		"+++-",
	],
];

const test = suite("nat/linux-classes");
const reason = whyNoGateway();
if (reason !== undefined) suite.skip(reason);

/** All at the same time, each flow with a socket of its own. */
async function play(): Promise<{ readonly drawn: string[][]; readonly named: string[]; readonly tcp: string[] }> {
	const gateway = new LinuxGateway({ udp: UDP_SECONDS, stream: STREAM_SECONDS, tcp: TCP_SECONDS });
	const device = new Player(gateway.onDevice, "0.0.0.0");
	const server = new Player(gateway.onBackend, BACKEND_ADDRESS);
	try {
		const [, udpPort, tcpPort] = await server.hear("ready");
		await device.hear("ready");
		const bench = { device, server, udpPort: udpPort!, tcpPort: tcpPort! };
		const [tcp, named, compared] = await Promise.all([
			connections(bench),
			Promise.all(NAMED.map(([, schedule], i) => inKernel(bench, `named-${i}`, schedule))),
			Promise.all(SCHEDULES.map((schedule, i) => inKernel(bench, `drawn-${i}`, schedule))),
		]);
		return { tcp, named, drawn: compared.map((result, i) => [JSON.stringify(SCHEDULES[i]), result]) };
	} finally {
		device.stop();
		server.stop();
		gateway.close();
	}
}

/** One that is used in time, and one that is used too late. */
async function connections({ device, server, tcpPort }: Bench): Promise<string[]> {
	for (const id of ["soon", "late"]) device.say("connect", id, BACKEND_ADDRESS, tcpPort);
	for (const id of ["soon", "late"]) await device.hear(`connected ${id}`);
	await pause(TCP_SECONDS * 1000 * (1 - 2 * MARGIN));
	device.say("write", "soon");
	await server.hear("read soon");
	await pause(TCP_SECONDS * 1000);
	device.say("write", "late");
	return device.hear("failed");
}

const seed = Number(process.env.PINHOLE_SEED ?? Math.floor(Math.random() * 2 ** 31));
console.log(`seed ${seed} (repeat with PINHOLE_SEED=${seed})`);
const SCHEDULES = drawn(seed);
const played = reason === undefined ? play() : undefined;
played?.catch(() => {});

if (played !== undefined) {
	for (const [i, [title, schedule, expected]] of NAMED.entries()) {
		test(title, async () => {
			assert.is(expectedOf(schedule), expected, "the model");
			assert.is((await played).named[i], expected, "the kernel");
		});
	}

	test(`${DRAWN_COUNT} schedules by chance pass the kernel as they pass the model`, async () => {
		const { drawn: results } = await played;
		for (const [i, schedule] of SCHEDULES.entries()) assert.is(results[i]![1], expectedOf(schedule), results[i]![0]);
	});

	test("a connection that was idle too long is picked up at another port, where nobody knows it", async () => {
		assert.equal((await played).tcp, ["failed", "late", "ECONNRESET"]);
	});
}
test.run();
