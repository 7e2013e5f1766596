import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, suite } from "#suite";
import type { SavedContext } from "../../firmware/security/oscore/renewing-server.js";
import { SeededRandom } from "../nat/seeded-random.js";
import { ContextLog } from "./context-log.js";
import { StoreError } from "./store-error.js";

const test = suite("backend/context-log");

let directory = "";
let path = "";
let log: ContextLog | undefined;

test.before.each(() => {
	directory = mkdtempSync(join(tmpdir(), "pinhole-"));
	path = join(directory, "contexts.ndjson");
});

test.after.each(() => {
	log?.close();
	log = undefined;
	rmSync(directory, { recursive: true });
});

/** The next life of the back end. */
function start(): ContextLog {
	log?.close();
	log = new ContextLog(directory);
	return log;
}

function context(first: number, share = 1): SavedContext {
	return { idContext: new Uint8Array(16).fill(share), first };
}

test("what was saved is known in the next life, the newest of each device", () => {
	const first = start();
	first.of("a").save(context(0));
	first.of("b").save(context(1024, 2));
	first.of("a").save(context(1024));
	const next = start();
	assert.equal(next.of("a").saved, context(1024));
	assert.equal(next.of("b").saved, context(1024, 2));
	assert.is(next.of("c").saved, undefined);
});

test("only its owner can read the file", () => {
	start().of("a").save(context(0));
	assert.is(statSync(path).mode & 0o777, 0o600);
});

test("a start cuts the log down to a line a device, and goes on behind them", () => {
	const first = start();
	for (let i = 1; i <= 100; i++) first.of("a").save(context(1024 * i));
	first.of("b").save(context(7));
	const next = start();
	assert.is(readFileSync(path, "utf8").split("\n").length, 3);
	next.of("a").save(context(200_000));
	assert.equal(start().of("a").saved, context(200_000));
});

test("a last line that a power cut tore says nothing, however much of it is there", () => {
	start().of("a").save(context(1024));
	log!.close();
	log = undefined;
	const whole = readFileSync(path, "utf8");
	const line = `${JSON.stringify({ endpointName: "a", idContext: "01".repeat(16), first: 2048 })}\n`;
	for (let length = 0; length <= line.length; length++) {
		writeFileSync(path, whole + line.slice(0, length));
		const { saved } = start().of("a");
		// Of a line that is whole nobody knows whether it was promised to be safe: the higher number is, in any case.
		assert.is(saved!.first, length === line.length ? 2048 : 1024);
	}
});

test("a line that could not be written leaves no half of it before the next one", () => {
	const first = start();
	first.of("a").save(context(1024));
	const { size } = statSync(path);
	// As if a part of a line had reached the disk before it was full.
	appendFileSync(path, '{"endpointName":"a","idContext":"ffff');
	first.of("a").save(context(2048));
	assert.ok(statSync(path).size > size);
	assert.equal(start().of("a").saved, context(2048));
});

const BROKEN: readonly string[] = [
	"no context",
	"{}",
	'{"endpointName":"a","idContext":"01","first":-1}',
	'{"endpointName":"a","idContext":"01","first":1.5}',
	'{"endpointName":"a","idContext":"0","first":1}',
	'{"endpointName":"a","idContext":"","first":1}',
	'{"endpointName":7,"idContext":"01","first":1}',
	"null",
];

for (const line of BROKEN) {
	test(`a whole line that is no context stops the start: ${line}`, () => {
		start().of("a").save(context(1024));
		log!.close();
		log = undefined;
		appendFileSync(path, `${line}\n`);
		const before = readFileSync(path, "utf8");
		assert.throws(
			() => start(),
			(error: Error) => error instanceof StoreError && error.message.includes("line 2 is no context"),
		);
		assert.is(readFileSync(path, "utf8"), before);
	});
}

test("a folder that is a file is named in one sentence", () => {
	writeFileSync(join(directory, "file"), "");
	assert.throws(
		() => new ContextLog(join(directory, "file")),
		(error: Error) => error instanceof StoreError && /^.*contexts\.ndjson cannot be used: .*\.$/.test(error.message),
	);
});

test("two lives at a time: the older one writes no more, so that no number is used by both", () => {
	const older = start().of("a");
	older.save(context(1024));
	const newer = new ContextLog(directory);
	assert.equal(newer.of("a").saved, context(1024));
	assert.throws(() => older.save(context(2048)), /is in use by another process\./);
	newer.of("a").save(context(2048));
	newer.close();
	assert.equal(start().of("a").saved, context(2048));
});

test("over two hundred lives with torn ends no number goes back", () => {
	const random = new SeededRandom(3);
	let promised = 0;
	for (let life = 0; life < 200; life++) {
		const memory = start().of("a");
		const known = memory.saved?.first ?? 0;
		assert.ok(known >= promised, `life ${life}: ${known} below ${promised}`);
		for (let i = random.uint32() % 3; i > 0; i--) {
			promised = Math.max(promised, known) + 1024;
			memory.save(context(promised));
		}
		log!.close();
		log = undefined;
		if (random.uint32() % 2 === 0 && existsSync(path)) {
			const line = JSON.stringify({ endpointName: "a", idContext: "01".repeat(16), first: promised + 1024 });
			appendFileSync(path, line.slice(0, random.uint32() % line.length));
		}
	}
});

test.run();
