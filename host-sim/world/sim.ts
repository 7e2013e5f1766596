// The simulation on the command line: `npm run sim -- --seed N --scenario X --devices N --hours H [--nightly]`.

import { mkdirSync } from "node:fs";
import { parseArgs } from "node:util";
import { Counters, rareStates } from "./counters.js";
import { PcapRing } from "./pcap-ring.js";
import { type Scenario, scenarioNamed, scenarios } from "./scenarios.js";
import { World } from "./world.js";

const USAGE = `npm run sim -- [--seed N] [--scenario NAME] [--devices N] [--hours H] [--runs R]
               [--nightly [--minutes M]]
  --seed      the first seed (1)
  --scenario  ${scenarios.map(({ name }) => name).join(", ")} (everything)
  --devices   in one world (10)
  --hours     of one world, in virtual time (10)
  --runs      worlds, each with the next seed (1)
  --nightly   all scenarios in turn, seed after seed, for --minutes (60) of real time; each rare state must occur`;

interface Settings {
	readonly seed: number;
	readonly chosen: readonly Scenario[];
	readonly deviceCount: number;
	readonly hours: number;
	readonly runs: number;
	readonly nightly: boolean;
	readonly endsAt: number;
}

const FOLDER = "out/sim";

function readSettings(): Settings {
	const { values } = parseArgs({
		options: {
			seed: { type: "string", default: "1" },
			scenario: { type: "string", default: "everything" },
			devices: { type: "string", default: "10" },
			hours: { type: "string", default: "10" },
			runs: { type: "string" },
			nightly: { type: "boolean", default: false },
			minutes: { type: "string", default: "60" },
		},
	});
	const { nightly } = values;
	const scenario = scenarioNamed(values.scenario);
	if (scenario === undefined) throw new TypeError(`there is no scenario "${values.scenario}"`);
	return {
		seed: whole(values.seed, "seed"),
		chosen: nightly ? scenarios : [scenario],
		deviceCount: whole(values.devices, "devices"),
		hours: whole(values.hours, "hours"),
		runs: values.runs === undefined ? (nightly ? Number.POSITIVE_INFINITY : 1) : whole(values.runs, "runs"),
		nightly,
		endsAt: nightly ? Date.now() + 60_000 * whole(values.minutes, "minutes") : Number.POSITIVE_INFINITY,
	};
}

function whole(text: string, name: string): number {
	if (!/^[1-9]\d{0,9}$/.test(text)) throw new TypeError(`--${name} must be a whole number from 1`);
	return Number(text);
}

/** What all worlds of a run have done. */
class Tally {
	readonly counters = new Counters();
	readonly longest = new Map<string, { ms: number; boundMs: number }>();
	worldCount = 0;
	deviceHours = 0;

	add(scenario: Scenario, world: World, settings: Settings): void {
		this.counters.merge(world.counters);
		this.worldCount++;
		this.deviceHours += settings.deviceCount * settings.hours;
		const longest = this.longest.get(scenario.name);
		if (longest === undefined || world.longestMs / world.boundMs > longest.ms / longest.boundMs)
			this.longest.set(scenario.name, { ms: world.longestMs, boundMs: world.boundMs });
	}
}

/** Runs one world. False: an invariant is broken, and it was told how to see that again. */
function runWorld(settings: Settings, scenario: Scenario, seed: number, tally: Tally): boolean {
	const { deviceCount, hours } = settings;
	const ring = new PcapRing();
	const world = new World({ seed, scenario, deviceCount, hours, capture: ring.add });
	try {
		world.run();
	} catch (error) {
		mkdirSync(FOLDER, { recursive: true });
		const file = `${FOLDER}/${scenario.name}-${seed}.pcap`;
		ring.write(file);
		const command = `--seed ${seed} --scenario ${scenario.name} --devices ${deviceCount} --hours ${hours}`;
		console.error(`\n${error instanceof Error ? error.stack : String(error)}`);
		console.error(`at ${clock(world.now)} of scenario ${scenario.name}, seed ${seed}`);
		console.error(`the last minutes: ${file}\nonce more:        npm run sim -- ${command}`);
		return false;
	}
	tally.add(scenario, world, settings);
	if (settings.runs === 1) console.log(`digest ${world.digest}`);
	return true;
}

function clock(ms: number): string {
	const part = (unit: number, modulus: number) => String(Math.floor(ms / unit) % modulus).padStart(2, "0");
	return `${Math.floor(ms / 3_600_000)}:${part(60_000, 60)}:${part(1_000, 60)}.${String(ms % 1000).padStart(3, "0")}`;
}

function conclude(tally: Tally, seconds: number): void {
	const rate = tally.deviceHours / seconds;
	console.log(
		`\n${tally.worldCount} worlds, ${tally.deviceHours} device-hours, ${rate.toFixed(1)} device-hours a second`,
	);
	for (const [name, { ms, boundMs }] of tally.longest)
		console.log(
			`${name.padEnd(14)} reached after at most ${(ms / 1000).toFixed(1)} s; bound ${(boundMs / 1000).toFixed(0)} s`,
		);
	for (const [name, count] of tally.counters.list()) console.log(`${String(count).padStart(12)}  ${name}`);
}

function main(): number {
	const settings = readSettings();
	const tally = new Tally();
	const startedAt = Date.now();
	const seconds = (): number => (Date.now() - startedAt) / 1000;
	let failures = 0;
	for (let run = 0; run < settings.runs && Date.now() < settings.endsAt; run++) {
		for (const scenario of settings.chosen) {
			if (!runWorld(settings, scenario, settings.seed + run, tally)) failures++;
			const rate = (tally.deviceHours / seconds()).toFixed(1);
			if (process.stderr.isTTY)
				process.stderr.write(
					`\r${scenario.name} ${settings.seed + run}: ${tally.deviceHours} device-hours, ${rate} a second  `,
				);
		}
		if (failures > 0 && !settings.nightly) break;
	}
	conclude(tally, seconds());
	if (failures > 0) console.error(`${failures} worlds with a broken invariant`);
	if (!settings.nightly) return failures > 0 ? 1 : 0;
	const missing = tally.counters.missing();
	for (const state of missing) console.error(`never occurred: ${state} (${rareStates[state]})`);
	return failures > 0 || missing.length > 0 ? 1 : 0;
}

try {
	process.exitCode = main();
} catch (error) {
	if (!(error instanceof TypeError)) throw error;
	console.error(`${error.message}\n${USAGE}`);
	process.exitCode = 2;
}
