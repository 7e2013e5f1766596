// `npm run hil`: the tests of hil-tests/tests on one board or several, a process each.

import { type ChildProcess, fork } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { listPorts } from "../host-sim/console/ports.js";
import { describeBoards, RigError, readRig } from "./rig/registry.js";
import { junitOf, type Result, Tap } from "./rig/report.js";
import type { Report, Task } from "./rig/worker.js";

const USAGE = `npm run hil -- --board BOARD… [--filter TEXT] [--seed N] [--attempts N] [--rig FILE] [--image FILE]
npm run hil -- --board BOARD --campaign CUTS [--seed N]
npm run hil -- boards
  --board     qemu-riscv32, xs, an id of rig.json, or a port such as /dev/ttyUSB0; several run side by side
  --filter    only tests whose "file: title" contains TEXT
  --attempts  how often a test is tried before it has failed (2); one that then passes is shown as flaky
  --campaign  instead of the tests: so many power cuts at moments that the seed chooses
  --image     for qemu-riscv32: an image that is there already, instead of building one`;

const HERE = fileURLToPath(new URL(".", import.meta.url));
const OUT = join(HERE, "out");
const SEED_MAX = 0xffff_ffff;

/** Exit codes: all passed, something failed, the call was wrong. */
const EXIT = { passed: 0, failed: 1, usage: 2 } as const;

class UsageError extends Error {}

interface Options {
	readonly boards: readonly string[];
	readonly task: Omit<Task, "board">;
}

/** What the worker of one board gave. */
interface BoardRun {
	readonly results: readonly Result[];
	/** Why it could not begin, or did not come to its end. */
	readonly fault: string | undefined;
}

function readOptions(argv: readonly string[]): Options | "boards" {
	const { values, positionals } = parseArgs({
		args: [...argv],
		allowPositionals: true,
		options: {
			board: { type: "string", multiple: true, default: [] },
			filter: { type: "string", default: "" },
			seed: { type: "string" },
			attempts: { type: "string", default: "2" },
			campaign: { type: "string" },
			rig: { type: "string", default: join(HERE, "rig.json") },
			image: { type: "string" },
		},
	});
	if (positionals.length === 1 && positionals[0] === "boards") return "boards";
	if (positionals.length > 0) throw new UsageError(`There is no "${positionals[0]}".`);
	if (values.board.length === 0) throw new UsageError("--board says where to run.");
	const seed =
		values.seed === undefined ? Math.floor(Math.random() * SEED_MAX) : whole(values.seed, "--seed", SEED_MAX);
	return {
		boards: values.board,
		task: {
			rigFile: values.rig,
			filter: values.filter,
			seed,
			attempts: Math.max(1, whole(values.attempts, "--attempts", 10)),
			out: OUT,
			image: values.image,
			cuts: values.campaign === undefined ? undefined : whole(values.campaign, "--campaign", 1_000_000),
		},
	};
}

function whole(text: string, what: string, most: number): number {
	const number = Number(text);
	if (text.trim() !== "" && Number.isInteger(number) && number >= 0 && number <= most) return number;
	throw new UsageError(`${what} needs a whole number from 0 to ${most}, not "${text}".`);
}

const workers = new Set<ChildProcess>();
process.once("exit", () => {
	for (const worker of workers) worker.kill("SIGTERM");
});

/** Runs all on one board, in a process of its own. */
function runOn(board: string, task: Omit<Task, "board">, heard: (result: Result) => void): Promise<BoardRun> {
	return new Promise((resolve) => {
		const results: Result[] = [];
		let fault: string | undefined;
		const worker = fork(join(HERE, "rig/worker.ts"), [], { execArgv: ["--import", "tsx"] });
		workers.add(worker);
		worker.on("message", (report: Report) => {
			if (report.kind === "refused") fault = report.why;
			else if (report.kind === "note") console.log(`# ${board}: ${report.text}`);
			else {
				results.push(report.result);
				heard(report.result);
			}
		});
		worker.once("close", (code) => {
			workers.delete(worker);
			if (code !== 0) fault ??= `its worker ended with exit code ${code}`;
			resolve({ results, fault });
		});
		worker.send({ ...task, board } satisfies Task);
	});
}

async function runAll({ boards, task }: Options): Promise<number> {
	const tap = new Tap();
	console.log(tap.begin());
	console.log(`# seed ${task.seed}`);
	const runs = await Promise.all(boards.map((board) => runOn(board, task, (result) => console.log(tap.line(result)))));
	const results = runs.flatMap((run) => run.results);
	const faults = runs.flatMap(({ fault }, index) => (fault === undefined ? [] : [`${boards[index]}: ${fault}`]));
	mkdirSync(OUT, { recursive: true });
	const file = join(OUT, `junit-${boards.map((board) => board.replace(/[^\w.-]/g, "_")).join("-")}.xml`);
	writeFileSync(file, junitOf(results));
	for (const fault of faults) console.log(`Bail out! ${fault}`);
	if (results.length === 0 && faults.length === 0) console.log("# no test was run");
	const missing = results.length === 0 ? 1 : 0;
	console.log(tap.end(results, Math.max(faults.length, missing)));
	const passed = faults.length === 0 && results.length > 0 && results.every(({ outcome }) => outcome !== "failed");
	return passed ? EXIT.passed : EXIT.failed;
}

async function listBoards(): Promise<number> {
	const { ports, note } = await listPorts();
	console.log(describeBoards(readRig(join(HERE, "rig.json")), ports));
	if (note !== undefined) console.log(`\n${note}`);
	return EXIT.passed;
}

for (const [signal, code] of [
	["SIGINT", 130],
	["SIGTERM", 143],
] as const) {
	process.once(signal, () => process.exit(code));
}

try {
	const options = readOptions(process.argv.slice(2));
	process.exitCode = options === "boards" ? await listBoards() : await runAll(options);
} catch (error) {
	const wrongCall = error instanceof UsageError || (error instanceof TypeError && "code" in error);
	if (wrongCall) console.error(`${error.message}\n\n${USAGE}`);
	else console.error(error instanceof RigError ? error.message : error);
	process.exitCode = EXIT.usage;
}
