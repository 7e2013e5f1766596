// `npm run test:interop [-- --backend pinhole|leshan] [--filter TEXT]`: every test against foreign peers, one after
// another; then docs/conformance.md, which is written, or with CI=true compared.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { allowedSkips, forbiddenSkips } from "../host-sim/suite/allowed-skips.js";
import { endAll, execute } from "../host-sim/suite/execute.js";
import { readMarker } from "../host-sim/suite/files.js";
import type { FileOutcome } from "../host-sim/suite/outcome.js";
import { closing, progress, report, skipsOf } from "../host-sim/suite/report.js";
import { type CaseResult, readResults, renderConformance, setBack } from "./conformance.js";
import { BACKEND_VARIABLE } from "./options.js";

const ROOT = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");
const DOCUMENT = "docs/conformance.md";
const RESULTS = "out/interop.json";

interface Job {
	readonly path: string;
	/** The server to be tested against, for the tests that can have either. */
	readonly backend: string | undefined;
}

function readJobs(): { jobs: readonly Job[]; complete: boolean } {
	const { values } = parseArgs({ options: { backend: { type: "string" }, filter: { type: "string", default: "" } } });
	const backends = values.backend === undefined ? ["pinhole", "leshan"] : [values.backend];
	const jobs = readdirSync(`${ROOT}/interop`)
		.filter((name) => name.endsWith(".interop.test.ts") && name.includes(values.filter))
		.map((name) => `interop/${name}`)
		.flatMap((path): Job[] =>
			path.includes("/lwm2m.") ? backends.map((backend) => ({ path, backend })) : [{ path, backend: undefined }],
		);
	return { jobs, complete: values.backend === undefined && values.filter === "" };
}

async function runAll(jobs: readonly Job[]): Promise<FileOutcome[]> {
	const outcomes: FileOutcome[] = [];
	for (const { path, backend } of jobs) {
		if (backend !== undefined) process.env[BACKEND_VARIABLE] = backend;
		const file = { path, engines: ["node"] as const, ...readMarker(readFileSync(path, "utf8")) };
		const outcome = await execute(file, "node");
		outcomes.push(outcome);
		console.log(`${progress(outcome)}${backend === undefined ? "" : `  at ${backend}`}`);
	}
	return outcomes;
}

/** Writes the document, or with CI=true names what it promises and this run did not show. */
function conclude(results: readonly CaseResult[]): readonly string[] {
	const text = renderConformance(results);
	if (process.env.CI === "true") return setBack(readFileSync(DOCUMENT, "utf8"), text);
	writeFileSync(DOCUMENT, text);
	return [];
}

async function main(): Promise<number> {
	process.chdir(ROOT);
	const { jobs, complete } = readJobs();
	const outcomes = await runAll(jobs);
	const results = outcomes.flatMap(readResults);
	mkdirSync("out", { recursive: true });
	writeFileSync(RESULTS, `${JSON.stringify(results, undefined, "\t")}\n`);
	const skips = skipsOf(outcomes);
	const listed = existsSync(".ci/allowed-skips") ? allowedSkips(readFileSync(".ci/allowed-skips", "utf8")) : [];
	const forbidden = process.env.CI === "true" ? forbiddenSkips(skips, listed) : [];
	const broken = complete && skips.length === 0 ? conclude(results) : [];
	const count = (outcome: string) =>
		outcomes.flatMap(({ tests }) => tests.filter((test) => test.outcome === outcome)).length;
	const failures = count("failed") + forbidden.length + broken.length;
	console.log(report(outcomes, skips, forbidden, []));
	for (const line of broken) console.log(`${DOCUMENT} is ahead of this run: ${line}`);
	console.log(`${results.filter(({ outcome }) => outcome === "not yet").length} cases are not yet there`);
	console.log(closing({ passed: count("passed"), failed: failures, skipped: skips.length - forbidden.length }));
	return failures === 0 && outcomes.length > 0 ? 0 : 1;
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
	process.once(signal, () => {
		endAll();
		process.exit(signal === "SIGINT" ? 130 : 143);
	});
}

process.exitCode = await main();
