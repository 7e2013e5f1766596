// suite: real-network limit=150
// The story put together from the separate commands, as a person would, with a NAT time-out and a lifetime drawn at
// random. What the commands say is held against what the relay's own capture shows.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { assert, suite } from "#suite";
import { EXIT } from "../cli/shared.js";
import { missingFor } from "../engine/build.js";
import { SeededRandom } from "../nat/seeded-random.js";
import { ENDPOINT, type Engine } from "./cast.js";
import { type Outcome, PinholeProcess, runPinhole } from "./process.js";
import { cameThrough, readWire, type Sighting } from "./wire.js";

/** Bounds of the times drawn. No Update of the lifetime's own falls into a test, so none keeps a binding. */
const UDP_TIMEOUT_SECONDS = [5, 8] as const;
const LIFETIME_SECONDS = [240, 3600] as const;
/** The keepalive as a part of the time-out: what is left over is for a busy machine. */
const KEEPALIVE_PART = 0.6;
/** Silence as a multiple of the time-out. */
const SILENCE = 1.3;
/** A rebinding is repaired within one keepalive and one exchange. */
const EXCHANGE_SECONDS = 2;
const LOST_SECONDS = 2;
/** The machine changes its pressure each second. */
const NOTIFICATIONS_MS = 2500;
const LOOK_MS = 100;
/** On a first run the engine may have to be built. */
const READY_MS = 120_000;
const REGISTER_MS = 20_000;
const PRESSURE = "/3323/0/5700";
const MOTOR = "/3306/0/5850";

const seed = Number(process.env.PINHOLE_SEED ?? Math.floor(Math.random() * 2 ** 32));
console.log(`seed ${seed} (repeat with PINHOLE_SEED=${seed})`);
const folder = mkdtempSync(join(tmpdir(), "pinhole-story-"));

/** What one run of the story left behind. */
interface Run {
	readonly udpTimeoutMs: number;
	readonly keepaliveMs: number;
	readonly wire: readonly Sighting[];
	readonly before: readonly Outcome[];
	readonly afterSilence: Outcome;
	readonly afterRebinding: Outcome;
	readonly ends: readonly (number | null)[];
	/** Unix times in milliseconds. */
	readonly commandAt: number;
	readonly rebindingAt: number;
	readonly stopAt: number;
}

async function isRegistered(url: string): Promise<boolean> {
	return (await fetch(`${url}/api/clients/${ENDPOINT}`)).ok;
}

function draw(random: SeededRandom, [least, most]: readonly [number, number]): number {
	return Math.round((least + (most - least) * random.fraction()) * 10) / 10;
}

/** Plays and ends all processes in any case. */
async function run(engine: Engine, cared: boolean, random: SeededRandom): Promise<Run> {
	const players: PinholeProcess[] = [];
	const start = async (argv: readonly string[]): Promise<PinholeProcess> => {
		const player = await PinholeProcess.start(argv, { readyMs: READY_MS });
		players.push(player);
		return player;
	};
	try {
		return await play(start, engine, cared, random);
	} finally {
		await Promise.all(players.map((player) => player.stop()));
	}
}

type Start = (argv: readonly string[]) => Promise<PinholeProcess>;

async function play(start: Start, engine: Engine, cared: boolean, random: SeededRandom): Promise<Run> {
	const udpTimeout = draw(random, UDP_TIMEOUT_SECONDS);
	const lifetime = Math.round(draw(random, LIFETIME_SECONDS));
	const keepalive = Math.round(udpTimeout * KEEPALIVE_PART * 10) / 10;
	const name = `${engine}-${cared}`;
	console.log(`${name}: UDP time-out ${udpTimeout} s, lifetime ${lifetime} s, keepalive ${cared ? keepalive : "none"}`);
	const capture = join(folder, `${name}.pcap`);

	const local = ["--coap", "127.0.0.1:0", "--http", "127.0.0.1:0"];
	const backend = await start(["backend", "--nosec", ...local]);
	const verb = (...words: string[]) => runPinhole([...words, "--backend", backend.place("http"), "--json"]);
	const sides = ["--inside", "127.0.0.1:0", "--outside", "127.0.0.1", "--to", backend.place("coap")];
	const times = ["--udp-timeout", String(udpTimeout), "--seed", String(random.uint32())];
	const nat = await start(["nat", ...sides, ...times, "--capture", capture]);
	const where = ["--server", `coap://${nat.place("inside")}`, "--endpoint", ENDPOINT, "--engine", engine];
	const care = cared ? ["--keepalive", String(keepalive)] : ["--no-keepalive"];
	const device = await start(["device", "--nosec", ...where, "--lifetime", String(lifetime), ...care]);
	for (const endAt = Date.now() + REGISTER_MS; !(await isRegistered(backend.place("http"))); await pause(LOOK_MS)) {
		if (Date.now() > endAt) throw new Error("the device does not register");
	}
	// Observed from the first: its notifications keep the binding open however slowly the other commands start.
	const observer = await start(["observe", ENDPOINT, PRESSURE, "--backend", backend.place("http")]);
	const before = [
		await verb("read", ENDPOINT, "/3/0/0"),
		await verb("write", ENDPOINT, MOTOR, "true"),
		await verb("execute", ENDPOINT, "/3303/0/5605"),
	];
	await pause(NOTIFICATIONS_MS);
	const ends = [await observer.stop()];
	// The device's next notification is answered by a Reset, which ends the observation; only then there is silence.
	await pause(NOTIFICATIONS_MS);

	await pause(udpTimeout * 1000 * SILENCE);
	const commandAt = Date.now();
	const patience = String(cared ? keepalive + EXCHANGE_SECONDS : LOST_SECONDS);
	const afterSilence = await verb("read", ENDPOINT, PRESSURE, "--timeout", patience);
	await nat.ask("rebind");
	const rebindingAt = Date.now();
	const afterRebinding = await verb("read", ENDPOINT, PRESSURE, "--timeout", patience);
	const stopAt = Date.now();
	ends.push(await device.stop(), await nat.stop(), await backend.stop());
	const wire = readWire(capture, nat.place("inside"), nat.place("to"));
	const [udpTimeoutMs, keepaliveMs] = [udpTimeout * 1000, keepalive * 1000];
	return {
		udpTimeoutMs,
		keepaliveMs,
		wire,
		before,
		afterSilence,
		afterRebinding,
		ends,
		commandAt,
		rebindingAt,
		stopAt,
	};
}

const is =
	(side: Sighting["side"], direction: Sighting["direction"], code?: string, path?: string) => (one: Sighting) =>
		one.side === side &&
		one.direction === direction &&
		(code === undefined || one.code === code) &&
		(path === undefined || one.path === path);

/** The command's datagrams as the NAT saw them come, between two instants. */
function commands({ wire }: Run, from: number, to: number): Sighting[] {
	return wire.filter(is("outside", "down", "0.01", PRESSURE)).filter(({ unixMs }) => unixMs >= from && unixMs < to);
}

/** Time since the device's last word through the NAT. */
function silenceBefore({ wire }: Run, { unixMs }: Sighting): number {
	const words = wire.filter(is("outside", "up")).filter((one) => one.unixMs < unixMs);
	return unixMs - words.at(-1)!.unixMs;
}

/** Judges what holds with and without care. */
function judgeBoth(run: Run): void {
	assert.equal(
		run.before.map(({ code }) => code),
		[EXIT.success, EXIT.success, EXIT.success],
	);
	assert.equal(run.ends, [0, 0, 0, 0], "exit codes of observe, device, nat, backend");
	const { wire } = run;
	assert.is(wire[0]!.path, "/rd", "the first datagram registers");
	assert.ok(wire.some(is("inside", "down", "2.01")), "the Register was answered");
	for (const [code, path] of [
		["0.01", "/3/0/0"],
		["0.03", MOTOR],
		["0.02", "/3303/0/5605"],
	] as const) {
		assert.ok(wire.some(is("inside", "down", code, path)), `${code} ${path} reached the device`);
	}
	const notifications = wire.filter(is("outside", "up", "2.05")).filter(({ observe }) => observe);
	assert.ok(notifications.length >= 2, `${notifications.length} notifications and first answer`);
	const goodbye = wire.filter(is("outside", "up", "0.04"));
	assert.ok(goodbye.length >= 1 && goodbye[0]!.unixMs >= run.stopAt, "the device de-registers at its end, not before");
	assert.ok(wire.some(is("inside", "down", "2.02")), "the De-register was answered");
	for (const downlink of wire.filter(is("outside", "down"))) {
		if (silenceBefore(run, downlink) < run.udpTimeoutMs) continue;
		assert.not.ok(cameThrough(wire, downlink), "nothing comes in by a binding older than the time-out");
	}
}

function judgeWithCare(run: Run): void {
	assert.is(run.afterSilence.code, EXIT.success, run.afterSilence.stderr);
	const [command] = commands(run, run.commandAt, run.rebindingAt);
	assert.ok(cameThrough(run.wire, command!), "the first datagram of the command came in");
	const words = run.wire.filter(is("outside", "up")).filter(({ unixMs }) => unixMs <= run.commandAt);
	words.forEach((word, at) => {
		const gapMs = at === 0 ? 0 : word.unixMs - words[at - 1]!.unixMs;
		assert.ok(gapMs < run.udpTimeoutMs, `the binding was left alone for ${gapMs} ms`);
	});

	assert.is(run.afterRebinding.code, EXIT.success, run.afterRebinding.stderr);
	const moved = run.wire.filter(is("outside", "up")).find(({ unixMs }) => unixMs >= run.rebindingAt)!;
	assert.is.not(moved.at, words.at(-1)!.at, "another outside port");
	const repairMs = moved.unixMs - run.rebindingAt;
	assert.ok(repairMs <= run.keepaliveMs + EXCHANGE_SECONDS * 1000, `the device spoke after ${repairMs} ms`);
	const after = commands(run, run.rebindingAt, run.stopAt).filter(({ unixMs }) => unixMs >= moved.unixMs);
	assert.ok(after.some((downlink) => downlink.at === moved.at && cameThrough(run.wire, downlink)));
}

function judgeWithoutCare(run: Run): void {
	assert.is(run.afterSilence.code, EXIT.noAnswer, run.afterSilence.stderr);
	const lost = commands(run, run.commandAt, run.stopAt);
	assert.ok(lost.length >= 2, "both commands were sent");
	for (const command of lost) {
		assert.ok(silenceBefore(run, command) >= run.udpTimeoutMs, "it came after the binding's time");
		assert.not.ok(cameThrough(run.wire, command), "the NAT dropped it");
	}
	assert.is(run.afterRebinding.code, EXIT.noAnswer, run.afterRebinding.stderr);
}

const test = suite("story");
const random = new SeededRandom(seed);
for (const engine of ["node", "xs"] as const) {
	const missing = engine === "xs" ? missingFor("xs64") : undefined;
	for (const cared of [true, false]) {
		const title = `on ${engine}, ${cared ? "with" : "without"} keepalive`;
		if (missing !== undefined) {
			test.skip(title, missing);
			continue;
		}
		// All four play at the same time: a story is mostly silence.
		const played = run(engine, cared, new SeededRandom(random.uint32()));
		played.catch(() => {});
		test(title, async () => {
			const result = await played;
			judgeBoth(result);
			if (cared) judgeWithCare(result);
			else judgeWithoutCare(result);
		});
	}
}
test.after(() => rmSync(folder, { recursive: true }));
test.run();
