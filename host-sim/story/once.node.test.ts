// suite: real-network limit=120
// What `npm start` runs: the fixed story with its report, its negative control, its failure, and the live one.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { assert, suite } from "#suite";
import { missingFor } from "../engine/build.js";
import { ENDPOINT } from "./cast.js";
import { StoryFailure } from "./failure.js";
import { play, type Report, SHORT } from "./play.js";
import { type Outcome, PINHOLE, runPinhole } from "./process.js";

const ONCE_MS = 45_000;
/** A command on 127.0.0.1 that finds its binding open; generous for a busy machine. */
const AT_ONCE_MS = 1000;
const EXCHANGE_MS = 2500;

interface Once extends Outcome {
	readonly report: Report & { readonly engine: string; readonly security: string };
	readonly ms: number;
}

async function storyOnce(...options: readonly string[]): Promise<Once> {
	const startedAt = Date.now();
	const outcome = await runPinhole(["story", "--once", "--json", ...options]);
	const lines = outcome.stdout.trim().split("\n");
	assert.is(outcome.code, 0, outcome.stderr);
	return { ...outcome, report: JSON.parse(lines.at(-1)!), ms: Date.now() - startedAt };
}

function judge({ report, ms }: Once, engine: string, security = "oscore"): void {
	assert.equal([report.engine, report.security], [engine, security]);
	assert.is(report.registered, true);
	assert.ok(report.reads >= 5 && report.writes >= 2 && report.executes >= 1 && report.notifications >= 3);
	assert.ok(report.idleMs > report.bindingLifetimeMs, "silent for longer than a binding lives");
	assert.is(report.deregistered, true);
	assert.ok(ms < ONCE_MS, `${ms} ms`);
}

const test = suite("story/once");
for (const engine of ["node", "xs"] as const) {
	const titles = [
		`on ${engine} the story reports what it measured`,
		`on ${engine} without keepalive commands are lost`,
	];
	const missing = engine === "xs" ? missingFor("xs64") : undefined;
	if (missing !== undefined) {
		for (const title of titles) test.skip(title, missing);
		continue;
	}
	// Both at the same time: a story is mostly silence.
	const played = [storyOnce("--engine", engine), storyOnce("--engine", engine, "--no-keepalive")] as const;
	for (const one of played) one.catch(() => {});

	test(titles[0]!, async () => {
		const once = await played[0];
		judge(once, engine);
		const { downlinkAfterIdleMs, repairAfterRebindingMs, droppedByExpiredBinding } = once.report;
		assert.ok(downlinkAfterIdleMs! > 0 && downlinkAfterIdleMs! < AT_ONCE_MS, `${downlinkAfterIdleMs} ms`);
		const longestMs = SHORT.keepaliveSeconds * 1000 + EXCHANGE_MS;
		assert.ok(repairAfterRebindingMs! > 0 && repairAfterRebindingMs! < longestMs, `${repairAfterRebindingMs} ms`);
		assert.is(droppedByExpiredBinding, 0);
	});

	test(titles[1]!, async () => {
		const once = await played[1];
		judge(once, engine);
		assert.is(once.report.downlinkAfterIdleMs, null);
		assert.is(once.report.repairAfterRebindingMs, null);
		assert.ok(once.report.droppedByExpiredBinding >= 1, "the NAT's own count proves it");
	});
}

const playedPlain = storyOnce("--nosec");
playedPlain.catch(() => {});

test("without keys the story is the same, and says so", async () => {
	const once = await playedPlain;
	judge(once, "node", "none");
	assert.match(once.stderr, /without security|NoSec/);
});

const late = { engine: "node", udpTimeoutSeconds: 2, keepaliveSeconds: 600, lifetimeSeconds: 3600 } as const;
const playedLate = play({ ...late, onLog: () => {} }, () => {}).catch((error: unknown) => error);

test("a keepalive that comes too late fails, and the sentence names the step", async () => {
	const error = await playedLate;
	assert.instance(error, StoryFailure);
	assert.match((error as Error).message, /^The step "command after idling" failed: .*\.$/);
});

test("the live story shows how to take part, and ends with a de-registration at Ctrl-C", async () => {
	const folder = mkdtempSync(join(tmpdir(), "pinhole-live-"));
	const env = { ...process.env, TMPDIR: folder };
	const keys = () => readdirSync(folder).filter((name) => name.startsWith("pinhole-keys-"));
	const child = spawn(process.execPath, [PINHOLE, "story"], { env, stdio: ["ignore", "pipe", "inherit"] });
	const lines: string[] = [];
	const modes: number[] = [];
	createInterface({ input: child.stdout }).on("line", (line) => {
		lines.push(line);
		if (!line.includes(`device   ${ENDPOINT}: registered`)) return;
		const path = join(folder, keys()[0] ?? "");
		modes.push(statSync(path).mode & 0o777, statSync(join(path, "credentials.json")).mode & 0o777);
		child.kill("SIGINT");
	});
	const [code] = await once(child, "close");
	assert.equal(modes, [0o700, 0o600], "the keys of this story are for its owner alone");
	assert.equal(keys(), [], "and gone with it");
	rmSync(folder, { recursive: true });
	const text = lines.join("\n");
	assert.is(code, 0);
	assert.match(text, /npx pinhole read compressor-1 .* --backend http:\/\/127\.0\.0\.1:\d+/);
	assert.match(text, /back end compressor-1: de-registered/);
	assert.not.match(text, "\u001b");
});

test.run();
