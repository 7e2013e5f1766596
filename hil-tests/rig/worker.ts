// One process a board: runs the test files on it, one test after the other, and tells its parent how each went.

import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { CAMPAIGN_SUITE, campaignTest } from "./campaign-run.js";
import { type BoardChoice, chooseBoard } from "./choice.js";
import { runTest } from "./fixture.js";
import type { Result } from "./report.js";
import { type Declared, takeDeclared } from "./suite.js";

/** What the parent asks for. */
export interface Task {
	readonly board: string;
	readonly rigFile: string;
	/** Only tests whose "file: title" contains it. */
	readonly filter: string;
	readonly seed: number;
	readonly attempts: number;
	/** Below it each board has a folder. */
	readonly out: string;
	readonly image: string | undefined;
	/** Instead of the tests: a campaign of so many power cuts. */
	readonly cuts: number | undefined;
}

/** What the worker tells. */
export type Report =
	| { readonly kind: "result"; readonly result: Result }
	| { readonly kind: "note"; readonly text: string }
	/** It cannot begin, in one sentence. */
	| { readonly kind: "refused"; readonly why: string };

class BoardDead extends Error {}

const TESTS = fileURLToPath(new URL("../tests", import.meta.url));

function tell(report: Report): void {
	process.send?.(report);
}

/** Runs all that the task asks for. */
async function work(task: Task): Promise<void> {
	let choice: BoardChoice;
	try {
		choice = await chooseBoard(task, (text) => tell({ kind: "note", text }));
	} catch (error) {
		tell({ kind: "refused", why: error instanceof Error ? error.message : String(error) });
		return;
	}
	try {
		await (task.cuts === undefined ? runFiles(choice, task.filter) : runCampaign(choice, task.cuts));
	} finally {
		choice.release();
	}
}

/** Tests in a row that found the board dead, until the rest is given up. */
const DEAD_COUNT = 3;

async function runFiles({ plan }: BoardChoice, filter: string): Promise<void> {
	let deadCount = 0;
	for (const file of readdirSync(TESTS).sort()) {
		if (!file.endsWith(".hil.ts")) continue;
		const suite = basename(file, ".hil.ts");
		for (const test of await testsOf(file)) {
			if (!`${suite}: ${test.title}`.includes(filter)) continue;
			const result = await runTest(plan, suite, test);
			tell({ kind: "result", result });
			deadCount = result.dead === true ? deadCount + 1 : 0;
			if (deadCount === DEAD_COUNT) throw new BoardDead("it does not start any more; the other tests were not run");
		}
	}
}

/** The tests of a file; one that cannot be loaded is a test that fails. */
async function testsOf(file: string): Promise<readonly Declared[]> {
	try {
		await import(pathToFileURL(join(TESTS, file)).href);
		return takeDeclared();
	} catch (error) {
		return [{ title: "(the file itself)", wishes: {}, body: () => Promise.reject(error) }];
	}
}

async function runCampaign({ plan }: BoardChoice, cuts: number): Promise<void> {
	const test = campaignTest(cuts, plan.folder, (text) => tell({ kind: "note", text }));
	tell({ kind: "result", result: await runTest({ ...plan, attempts: 1 }, CAMPAIGN_SUITE, test) });
}

process.once("message", (task: Task) => {
	void work(task)
		.catch((error: unknown) => {
			const isOurs = error instanceof Error && !(error instanceof BoardDead);
			tell({ kind: "refused", why: isOurs ? (error.stack ?? error.message) : String((error as Error).message) });
		})
		.finally(() => {
			process.off("disconnect", orphaned);
			process.disconnect();
		});
});
// A parent that is gone cannot be told anything: end, and with us what we started.
process.on("disconnect", orphaned);

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, orphaned);

/** By `exit`, so that every board's own handler of it runs. */
function orphaned(): void {
	process.exit(1);
}
