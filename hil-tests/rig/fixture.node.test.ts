// suite: real-network
// One test on a scripted board: how it passes, fails, is tried again, is skipped and is ended.

import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, suite } from "#suite";
import type { Bench } from "./board.js";
import { type RunPlan, runTest } from "./fixture.js";
import { ScriptedMachine } from "./scripted-machine.js";
import type { Wishes } from "./suite.js";

const folder = mkdtempSync(join(tmpdir(), "pinhole-rig-"));
const BANNER =
	'{"boot":{"board":"scripted","version":"0.1.0","commit":"1a2b3c4","build":"release","reset":"power-on"}}';

const machines: ScriptedMachine[] = [];
const plan: RunPlan = {
	board: "scripted",
	missing: undefined,
	maker: async () => {
		const machine = new ScriptedMachine({ start: (say) => say(BANNER), request: (_verb, request) => request });
		machines.push(machine);
		return machine;
	},
	address: "127.0.0.1",
	seed: 7,
	folder,
	attempts: 2,
	repeat: (name) => `npm run hil -- --filter ${name}`,
};

function run(body: (bench: Bench) => Promise<void>, wishes: Wishes = {}, changes: Partial<RunPlan> = {}) {
	machines.length = 0;
	return runTest({ ...plan, ...changes }, "sample", { title: "Does: what, it says!", wishes, body });
}

const test = suite("rig/fixture");

test.after(() => rmSync(folder, { recursive: true, force: true }));

test("a pass keeps its records, without the machine's state", async () => {
	const result = await run(async ({ board, note }) => {
		note("half way");
		await board.console.request("status");
	});
	assert.is(result.outcome, "passed", result.detail);
	assert.is(result.folder, join(folder, "sample", "does-what-it-says"));
	assert.not.ok(existsSync(join(result.folder, "state")));
	assert.match(readFileSync(join(result.folder, "rig.ndjson"), "utf8"), /"line":"half way"/);
	const lines = readFileSync(join(result.folder, "console-1.ndjson"), "utf8").trim().split("\n");
	const entries = lines.map((line) => JSON.parse(line) as { hostMs: number; from: string; line: string });
	assert.ok(entries.some(({ from, line }) => from === "board" && line === BANNER));
	assert.ok(entries.some(({ from, line }) => from === "host" && line.includes('"verb":"status"')));
	assert.ok(entries.every(({ hostMs }) => hostMs > 1e12));
});

test("a failure tells why, what was said last, and how to repeat it", async () => {
	const result = await run(async () => assert.is(1, 2), {}, { attempts: 1 });
	assert.is(result.outcome, "failed");
	assert.match(result.detail, /^Assertion: Expected values to be strictly equal/);
	assert.ok(result.detail.includes(`< ${BANNER}`), result.detail);
	assert.match(result.detail, /repeat: npm run hil -- --filter sample$/);
	assert.ok(existsSync(join(result.folder, "state")));
});

test("what passes when it is tried again is counted", async () => {
	let tries = 0;
	const result = await run(async () => {
		if (++tries === 1) throw new Error("once");
	});
	assert.is(result.outcome, "passed");
	assert.is(result.attempts, 2);
});

test("a board that dies ends the test, although its body waits for something else", async () => {
	const result = await run(
		() => {
			machines[0]!.say("Guru Meditation Error: Core  0 panic'ed");
			return new Promise(() => {});
		},
		{},
		{ attempts: 1 },
	);
	assert.is(result.outcome, "failed");
	assert.match(result.detail, /^BoardFault|^Error: the chip panicked/);
});

test("a second board that dies ends the test, too", async () => {
	const result = await run(
		async ({ another }) => {
			await another();
			machines[1]!.say("Guru Meditation Error: Core  0 panic'ed");
			return new Promise(() => {});
		},
		{ limitSeconds: 5 },
		{ attempts: 1 },
	);
	assert.is(result.outcome, "failed");
	assert.match(result.detail, /the chip panicked/);
	assert.ok(result.ms < 5000, `after ${result.ms} ms`);
});

test("a board that died while the test ended has failed it", async () => {
	const body = async ({ another }: Bench) => {
		await another();
		machines[1]!.say("Guru Meditation Error: Core  0 panic'ed");
	};
	assert.is((await run(body, {}, { attempts: 1 })).outcome, "failed");
});

test("a test without end is ended at its limit", async () => {
	const result = await run(() => new Promise(() => {}), { limitSeconds: 0.2 }, { attempts: 1 });
	assert.match(result.detail, /not done within 0\.2 s/);
});

test("a wait that a failed test left behind harms nobody", async () => {
	const result = await run(
		async ({ board }) => {
			void board.event("registered", { within: 50 });
			throw new Error("before it came");
		},
		{},
		{ attempts: 1 },
	);
	assert.match(result.detail, /^Error: before it came/);
	await new Promise((resolve) => setTimeout(resolve, 100));
});

test("what the board cannot do is skipped, and said so", async () => {
	const result = await run(async () => {}, { needs: ["cable", "power"] });
	assert.is(result.outcome, "skipped");
	assert.is(result.detail, "scripted lacks cable");
});

test("a release build has no time machine", async () => {
	assert.is((await run(async () => {}, { needs: ["advance"] })).detail, "scripted lacks advance");
});

test("where nothing can run, every test is skipped by the reason", async () => {
	const result = await run(async () => {}, {}, { missing: "qemu-system-riscv32 is not in PATH" });
	assert.is(result.outcome, "skipped");
	assert.is(result.detail, "qemu-system-riscv32 is not in PATH");
});

test("a second board is another machine", async () => {
	const result = await run(async ({ another }) => {
		assert.is((await another()).banner.board, "scripted");
		assert.is(machines.length, 2);
	});
	assert.is(result.outcome, "passed", result.detail);
});

test.run();
