// The simulation on the command line: `npm run sim -- --seed N --scenario X --devices N --hours H [--nightly]`.

import { mkdirSync } from "node:fs";
import { parseArgs } from "node:util";
import { PcapRing } from "./pcap-ring.js";
import { type Scenario, scenarioNamed, scenarios } from "./scenarios.js";
import { Tally } from "./tally.js";
import { World } from "./world.js";

const USAGE = `npm run sim -- [--seed N] [--scenario NAME] [--devices N] [--hours H] [--runs R]
               [--nightly [--minutes M]]
  --seed      the first seed (1)
  --scenario  ${scenarios.map(({ name }) => name).join(", ")} (everything)
  --devices   in one world (10)
  --hours     of one world, in virtual time (10)
  --runs      worlds of a scenario, each with the next seed (1)
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
	tally.add(scenario, world, deviceCount * hours);
	if (settings.runs === 1 && !settings.nightly) console.log(`digest ${world.digest}`);
	return true;
}

function clock(ms: number): string {
	const part = (unit: number, modulus: number) => String(Math.floor(ms / unit) % modulus).padStart(2, "0");
	return `${Math.floor(ms / 3_600_000)}:${part(60_000, 60)}:${part(1_000, 60)}.${String(ms % 1000).padStart(3, "0")}`;
}

/** Tells how far it is: in one line that changes in a terminal, by a line a minute elsewhere. */
class Progress {
	#toldAt = Date.now();

	tell(text: string): void {
		if (process.stderr.isTTY) process.stderr.write(`\r${text}\u001b[K`);
		else if (Date.now() - this.#toldAt > 60_000) {
			this.#toldAt = Date.now();
			process.stderr.write(`${text}\n`);
		}
	}
}

function main(): number {
	const settings = readSettings();
	const { chosen, endsAt, nightly, runs, seed: firstSeed } = settings;
	const tally = new Tally();
	const progress = new Progress();
	const startedAt = Date.now();
	const summary = (): string => tally.summary((Date.now() - startedAt) / 1000);
	let failureCount = 0;
	for (let run = 0; run < runs && Date.now() < endsAt && (nightly || failureCount === 0); run++) {
		for (const scenario of chosen) {
			if (!runWorld(settings, scenario, firstSeed + run, tally)) failureCount++;
			progress.tell(`${scenario.name} ${firstSeed + run}: ${summary()}`);
		}
	}
	console.log(`\n${summary()}`);
	for (const line of tally.report()) console.log(line);
	if (failureCount > 0) console.error(`${failureCount} worlds with a broken invariant`);
	const missing = nightly ? tally.missing() : [];
	for (const line of missing) console.error(line);
	return failureCount > 0 || missing.length > 0 ? 1 : 0;
}

try {
	process.exitCode = main();
} catch (error) {
	if (!(error instanceof TypeError)) throw error;
	console.error(`${error.message}\n${USAGE}`);
	process.exitCode = 2;
}
