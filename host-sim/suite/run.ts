// The test runner: `npm test`, `npm run test:xs`. Each file in its own process, several at a time.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { allowedSkips, forbiddenSkips } from "./allowed-skips.js";
import { engineDifferences } from "./compare.js";
import { endAll, execute, missing, prepare } from "./execute.js";
import { type EngineName, findTestFiles, type TestFile } from "./files.js";
import { junit } from "./junit.js";
import { type FileOutcome, withProblem } from "./outcome.js";
import { closing, progress, report, type Skip, skipsOf } from "./report.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
const COVERAGE = "out/coverage";

const USAGE = `npm test -- [--engine node|xs64|xs32]… [--filter TEXT] [--coverage]
  --engine    where to run; default: node and xs64. npm run test:xs is xs64 and xs32.
  --filter    only files whose path contains TEXT
  --coverage  a report of the lines that Node ran, in ${COVERAGE}`;

interface Options {
	readonly engines: readonly EngineName[];
	readonly filter: string;
	readonly coverage: boolean;
}

function isEngineName(text: string): text is EngineName {
	return text === "node" || text === "xs64" || text === "xs32";
}

function readOptions(): Options {
	const { values } = parseArgs({
		options: {
			engine: { type: "string", multiple: true, default: ["node", "xs64"] },
			filter: { type: "string", default: "" },
			coverage: { type: "boolean", default: false },
		},
	});
	const engines = values.engine.filter(isEngineName);
	if (engines.length !== values.engine.length) throw new TypeError(`unknown engine in ${values.engine.join(", ")}`);
	return { engines, filter: values.filter, coverage: values.coverage };
}

interface Job {
	readonly file: TestFile;
	readonly engine: EngineName;
}

/** Runs the jobs, as many at a time as there are processors; those marked serial come last and one by one. */
async function runAll(jobs: readonly Job[]): Promise<FileOutcome[]> {
	const results: FileOutcome[] = [];
	const work = async (queue: Job[]) => {
		for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
			const result = await execute(job.file, job.engine);
			results.push(result);
			console.log(progress(result));
		}
	};
	const shared = jobs.filter((job) => !job.file.serial);
	// The longest first, as far as one can know: a file that may take long should not begin last.
	shared.sort((left, right) => right.file.limitMs - left.file.limitMs);
	await Promise.all(Array.from({ length: availableParallelism() }, () => work(shared)));
	await work(jobs.filter((job) => job.file.serial));
	const order = new Map(jobs.map((job, index) => [`${job.file.path} ${job.engine}`, index]));
	const position = (result: FileOutcome) => order.get(`${result.file} ${result.engine}`) ?? 0;
	return results.sort((left, right) => position(left) - position(right));
}

function reportCoverage(): void {
	execFileSync(process.execPath, ["node_modules/c8/bin/c8.js", "report"], { stdio: "inherit" }); // as .c8rc.json says
}

/** Splits the engines into those that are ready, those that this machine lacks, and those that do not build. */
async function readyEngines(engines: readonly EngineName[]) {
	const ready: EngineName[] = [];
	const lacking: Skip[] = [];
	const broken: FileOutcome[] = [];
	for (const engine of engines) {
		const reason = missing(engine);
		if (reason !== undefined) {
			lacking.push({ name: `engine ${engine}`, reason });
			continue;
		}
		try {
			await prepare(engine);
			ready.push(engine);
		} catch (error) {
			broken.push(withProblem(`engine ${engine}`, engine, error));
		}
	}
	return { ready, lacking, broken };
}

/** Writes the JUnit file and the closing report; its last line stands alone. */
function conclude(results: readonly FileOutcome[], lacking: readonly Skip[], junitFile: string): boolean {
	const skips = [...lacking, ...skipsOf(results)];
	const listed = existsSync(".ci/allowed-skips") ? allowedSkips(readFileSync(".ci/allowed-skips", "utf8")) : [];
	const forbidden = process.env.CI === "true" ? forbiddenSkips(skips, listed) : [];
	const differences = engineDifferences(results);
	const count = (outcome: string) =>
		results.flatMap(({ tests }) => tests.filter((test) => test.outcome === outcome)).length;
	const failures = count("failed") + differences.length + forbidden.length;
	mkdirSync("out", { recursive: true });
	writeFileSync(junitFile, junit(results));
	console.log(report(results, skips, forbidden, differences));
	if (results.length === 0) console.log("No test file was run.");
	console.log(closing({ passed: count("passed"), failed: failures, skipped: skips.length - forbidden.length }));
	return failures === 0 && results.length > 0;
}

async function main(): Promise<number> {
	const { engines, filter, coverage } = readOptions();
	process.chdir(ROOT);
	if (coverage) {
		rmSync(COVERAGE, { recursive: true, force: true });
		process.env.NODE_V8_COVERAGE = `${ROOT}/${COVERAGE}/raw`;
	}
	const files = findTestFiles(ROOT, filter);
	const wanted = engines.filter((engine) => files.some((file) => file.engines.includes(engine)));
	const { ready, lacking, broken } = await readyEngines(wanted);
	const jobs = files.flatMap((file) =>
		ready.filter((engine) => file.engines.includes(engine)).map((engine) => ({ file, engine })),
	);
	const results = [...broken, ...(await runAll(jobs))];
	if (coverage) reportCoverage();
	return conclude(results, lacking, engines.includes("node") ? "out/junit.xml" : "out/junit-xs.xml") ? 0 : 1;
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
	process.once(signal, () => {
		endAll();
		process.exit(signal === "SIGINT" ? 130 : 143);
	});
}

try {
	process.exitCode = await main();
} catch (error) {
	console.error(error instanceof TypeError ? `${error.message}\n\n${USAGE}` : error);
	process.exitCode = 2;
}
