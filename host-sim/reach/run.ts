// The fault matrix on the command line: `npm run reach`, `-- --smoke`, `-- --full`, `-- --cell ID --seed N`.

import { execFileSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { table } from "../cli/table.js";
import { cellId, cellNamed } from "./cell.js";
import { measure, type Yardstick } from "./checks.js";
import { type Job, jobKey, jobsOf, type Size, sizes, spans, work } from "./jobs.js";
import { OURS, oracleOf, policies, policyNamed } from "./policies.js";
import { workOff } from "./pool.js";
import { Progress } from "./progress.js";
import { writeReport, writeStorms } from "./report.js";
import type { Result } from "./result.js";
import { type StormJob, type StormResult, stormJobs } from "./storm.js";

const USAGE = `npm run reach -- [--smoke | --full | --storm] [--seed N] [--workers N] [--dry] [--no-storm]
npm run reach -- --cell ID [--policy NAME] [--seed N] [--days 7 | 3 | 1] [--real]
  without anything   the default set, a week each, all policies; writes docs/reach.md with its plots and records
  --smoke            24 cells, a day each, our policy only; writes nothing
  --storm            20 fleets whose back end is down for an hour, 10,000 devices (--devices) each; writes their record
  --full             all 4,608 cells of our policy, three days each; goes on where it was left (out/reach)
  --cell             one cell, as L65-p5-hourly-open-stable-linux-plain; --policy all: every policy in it
  --policy           ${policies.map(({ name }) => name).join(", ")} (${OURS})
  --real             OSCORE itself instead of its byte-exact stand-in
  --report           writes docs/reach.md from the records of the last run
  --dry              writes nothing to docs`;

const FOLDER = "out/reach";

interface Settings {
	readonly size: Size;
	readonly cell: string | undefined;
	readonly policy: string;
	readonly seed: number;
	readonly workers: number;
	readonly days: number;
	readonly isReal: boolean;
	readonly isDry: boolean;
	/** Beside the trials; "only": nothing else, and in full. */
	readonly storm: "none" | "small" | "only";
	readonly deviceCount: number;
	readonly isReport: boolean;
}

function readSettings(): Settings {
	const { values } = parseArgs({
		options: {
			smoke: { type: "boolean", default: false },
			full: { type: "boolean", default: false },
			storm: { type: "boolean", default: false },
			devices: { type: "string", default: "10000" },
			cell: { type: "string" },
			policy: { type: "string", default: OURS },
			seed: { type: "string", default: "1" },
			workers: { type: "string", default: String(availableParallelism()) },
			days: { type: "string", default: "7" },
			real: { type: "boolean", default: false },
			dry: { type: "boolean", default: false },
			"no-storm": { type: "boolean", default: false },
			report: { type: "boolean", default: false },
		},
	});
	if (values.smoke && values.full) throw new TypeError("--smoke or --full, not both");
	const size = values.smoke ? "smoke" : values.full ? "full" : "default";
	return {
		size,
		cell: values.cell === undefined ? undefined : cellId(cellNamed(values.cell)),
		policy: values.policy === "all" ? "all" : policyNamed(values.policy).name,
		seed: whole(values.seed, "seed"),
		workers: whole(values.workers, "workers"),
		days: whole(values.days, "days"),
		isReal: values.real,
		isDry: values.dry || size === "smoke",
		deviceCount: whole(values.devices, "devices"),
		isReport: values.report,
		storm: values.storm ? "only" : size === "default" && !values["no-storm"] ? "small" : "none",
	};
}

function whole(text: string, name: string): number {
	if (!/^[1-9]\d{0,9}$/.test(text)) throw new TypeError(`--${name} must be a whole number from 1`);
	return Number(text);
}

/** The commit that is measured; with a + where the tree is not what was committed. */
function commitOf(): string {
	try {
		const git = (...words: string[]): string => execFileSync("git", words, { encoding: "utf8" }).trim();
		const changes = git("status", "--porcelain", "--", "firmware", "host-sim");
		return `${git("rev-parse", "--short", "HEAD")}${changes === "" ? "" : "+"}`;
	} catch {
		return "unknown";
	}
}

/** One cell, shown as it comes out. */
function showOne(settings: Settings, cell: string): number {
	const { seed, isReal, days } = settings;
	const span = sizes.map((size) => spans[size]).find((one) => one.learning + one.silent + one.commanded === days);
	if (span === undefined) throw new TypeError("--days must be 7, 3 or 1");
	const names = settings.policy === "all" ? policies.map(({ name }) => name) : [settings.policy];
	const { kind, intervalSeconds, bytesPerDay } = oracleOf(cellNamed(cell));
	console.log(`oracle: ${kind} each ${intervalSeconds.toFixed(1)} s, ${bytesPerDay.toFixed(0)} B a day`);
	for (const policy of names)
		console.log(JSON.stringify(work({ cell, policy, seed, span, isReal, commit: commitOf() }), undefined, 1));
	return 0;
}

function fileOf(size: Size): string {
	return `${FOLDER}/${size}.ndjson`;
}

/** What an earlier run of the same commit left; only a full run goes on, the others are soon made anew. */
function left(size: Size, commit: string): Result[] {
	const file = fileOf(size);
	mkdirSync(dirname(file), { recursive: true });
	if (size !== "full" || !existsSync(file)) {
		writeFileSync(file, "");
		return [];
	}
	const lines = readFileSync(file, "utf8").split("\n");
	const results = lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Result);
	return results.filter((result) => result.commit === commit);
}

async function runAll(settings: Settings): Promise<number> {
	const { size, seed, workers, storm, deviceCount } = settings;
	const commit = commitOf();
	const results = storm === "only" ? [] : left(size, commit);
	const known = new Set(results.map(jobKey));
	if (known.size > 0) console.log(`${known.size} are there already`);
	const jobs: (Job | StormJob)[] =
		storm === "none" ? [] : stormJobs(seed, storm === "only" ? deviceCount : undefined, commit);
	if (storm !== "only") jobs.push(...jobsOf(size, seed, commit).filter((job) => !known.has(jobKey(job))));
	const storms: StormResult[] = [];
	const progress = new Progress(jobs.length);
	let brokenCount = 0;
	await workOff(jobs, workers, (job, reply) => {
		const isStorm = "deviceCount" in job;
		if ("broken" in reply) {
			brokenCount++;
			console.error(`\n${reply.broken}\nonce more: ${again(job)}`);
		} else if (isStorm) storms.push(reply.done as StormResult);
		else {
			results.push(reply.done as Result);
			appendFileSync(fileOf(size), `${JSON.stringify(reply.done)}\n`);
		}
		progress.step(isStorm ? `storm ${job.seed}` : `${job.policy} in ${job.cell}`);
	});
	if (brokenCount > 0) console.error(`${brokenCount} trials broke`);
	return finish(settings, results, storms) + brokenCount > 0 ? 1 : 0;
}

/** Judges and writes what was found; gives how much of what must never be there is there. */
function finish({ size, seed, isDry, storm }: Settings, results: Result[], storms: readonly StormResult[]): number {
	const high = storms.filter(({ peak, uniform }) => peak > 2 * uniform);
	for (const { seed: which, peak, uniform } of high)
		console.error(`storm ${which}: ${peak} requests in 10 s, ${(2 * uniform).toFixed(0)} allowed`);
	if (storm === "only") {
		if (!isDry) writeStorms(storms);
		console.log(`${storms.length - high.length} of ${storms.length} storms were spread well enough`);
		return high.length;
	}
	const yardsticks = measure(results);
	showYardsticks(yardsticks);
	if (!isDry) writeReport({ results, yardsticks, commit: results[0]?.commit ?? "unknown", seed, size });
	const lost = yardsticks.find(({ name }) => name === "for good")?.misses.length ?? 0;
	if (lost > 0) console.error(`${lost} devices stayed unreachable`);
	return lost;
}

/** The page once more, from what the last run of this size left. */
function reportAgain(settings: Settings): number {
	const lines = readFileSync(fileOf(settings.size), "utf8").split("\n");
	const results = lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Result);
	return finish(settings, results, []) > 0 ? 1 : 0;
}

function again(job: Job | StormJob): string {
	return "deviceCount" in job
		? `npm run reach -- --storm --seed ${job.seed} --devices ${job.deviceCount}`
		: `npm run reach -- --cell ${job.cell} --policy ${job.policy} --seed ${job.seed}`;
}

function showYardsticks(yardsticks: readonly Yardstick[]): void {
	const rows = yardsticks.map(({ promise, count, misses }) => {
		const worst = misses[0];
		return [
			promise,
			`${count - misses.length} of ${count}`,
			worst === undefined ? "" : `worst: ${worst.what} in ${worst.result.cell}`,
		];
	});
	console.log(table(rows));
}

try {
	const settings = readSettings();
	if (settings.cell !== undefined) process.exitCode = showOne(settings, settings.cell);
	else process.exitCode = settings.isReport ? reportAgain(settings) : await runAll(settings);
} catch (error) {
	if (!(error instanceof TypeError)) throw error;
	console.error(`${error.message}\n${USAGE}`);
	process.exitCode = 2;
}
