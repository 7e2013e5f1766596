// suite: limit=120
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, suite } from "#suite";
import { readCapture } from "../nat/pcap.js";
import { Counters } from "./counters.js";
import { PcapRing } from "./pcap-ring.js";
import { scenarios } from "./scenarios.js";
import { World } from "./world.js";

const test = suite("world/smoke");

/** Few enough that all scenarios together stay below 20 s. */
const SEEDS = 20;
const FIRST_SEED = 1000;

const counters = new Counters();

for (const scenario of scenarios) {
	test(`${scenario.name}: no invariant breaks in ${SEEDS} worlds`, () => {
		for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
			const world = new World({ seed, scenario, deviceCount: 2, hours: 1, capture: undefined });
			try {
				world.run();
			} catch (error) {
				const again = `npm run sim -- --seed ${seed} --scenario ${scenario.name} --devices 2 --hours 1`;
				throw new Error(`${error instanceof Error ? error.message : String(error)}\n${again}`);
			}
			counters.merge(world.counters);
		}
	});
}

/** Too rare for so few worlds; the nightly run asks for it. */
const SELDOM = "4.08 from a device";

test("rare states occurred", () => {
	assert.equal(
		counters.missing().filter((state) => state !== SELDOM),
		[],
	);
});

test("the last minutes can be written as a capture", () => {
	const folder = mkdtempSync(join(tmpdir(), "pinhole-world-"));
	const file = join(folder, "world.pcap");
	const ring = new PcapRing();
	const world = new World({ seed: 1, scenario: scenarios[0]!, deviceCount: 1, hours: 1, capture: ring.add });
	world.run();
	ring.write(file);
	const capture = readCapture(file);
	rmSync(folder, { recursive: true });
	assert.ok(capture.length > 100, `${capture.length} datagrams`);
	assert.ok(capture.every(({ unixMs }, i) => i === 0 || unixMs >= capture[i - 1]!.unixMs));
});

const COMMAND_LINES: [words: string[], exitCode: number, output: RegExp][] = [
	[
		["--scenario", "calm", "--devices", "1", "--hours", "1"],
		0,
		/^digest [0-9a-f]{8}\n[\s\S]*1 device-hours[\s\S]*tick wrap/,
	],
	[["--scenario", "hurricane"], 2, /no scenario "hurricane"[\s\S]*npm run sim/],
	[["--hours", "none"], 2, /--hours must be/],
];
for (const [words, exitCode, output] of COMMAND_LINES) {
	test(`npm run sim -- ${words.join(" ")} ends with ${exitCode}`, () => {
		const result = runSim(words);
		assert.is(result.exitCode, exitCode);
		assert.match(result.output, output);
	});
}

function runSim(words: string[]): { exitCode: number; output: string } {
	try {
		const program = ["--import", "tsx", "host-sim/world/sim.ts", ...words];
		return { exitCode: 0, output: execFileSync(process.execPath, program, { encoding: "utf8", stdio: "pipe" }) };
	} catch (error) {
		const { status, stdout, stderr } = error as { status: number; stdout: string; stderr: string };
		return { exitCode: status, output: stdout + stderr };
	}
}

test.run();
