// `#suite`: uvu with machine-readable outcomes, the same on Node and on the XS engine. It may use nothing of either:
// only ECMAScript and the console.log, setTimeout and clearTimeout that both give.

import { suite as uvu } from "uvu";
import { canonical } from "./canonical.js";

export * as assert from "uvu/assert";

type Body = () => void | Promise<void>;

/** A hook for the whole suite; `each` is one for every test of it. */
export interface Hook {
	(hook: Body): void;
	each(hook: Body): void;
}

/** Registers tests; nothing runs before `run()`, which every suite needs as its last statement. */
export interface Test {
	(name: string, body: Body): void;
	/** For debugging: the other tests of this suite are reported as skipped. */
	only(name: string, body: Body): void;
	skip(name: string, reason: string): void;
	before: Hook;
	after: Hook;
	run(): void;
}

/** One line of the protocol between a test file and the runner, printed after MARK. */
export type Line =
	| { readonly kind: "suite"; readonly suite: string }
	| { readonly kind: "start"; readonly suite: string; readonly test: string }
	| {
			readonly kind: "test";
			readonly suite: string;
			readonly test: string;
			readonly outcome: "passed" | "failed" | "skipped";
			readonly ms: number;
			/** Why it failed or was skipped. */
			readonly detail?: string;
	  }
	| { readonly kind: "record"; readonly name: string; readonly value: string }
	| { readonly kind: "file-skipped"; readonly reason: string }
	| { readonly kind: "done"; readonly suite: string; readonly declared: number };

/** What a machine-readable line begins with. */
export const MARK = "#pinhole ";

declare const console: { log(text: string): void };
declare const process: { env: { PINHOLE_SUITE?: string } } | undefined;

/** By hand, on Node, uvu's own output is enough; under the runner, and on XS always, each line is printed. */
const machineReadable = typeof process === "undefined" || process?.env.PINHOLE_SUITE !== undefined;

function emit(line: Line): void {
	if (!machineReadable) return;
	// In ASCII, because XS prints surrogate pairs as it stores them, each half as three bytes.
	const text = JSON.stringify(line).replace(
		/[^ -~]/g,
		(unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
	);
	// uvu on Node ends its row of dots without a line feed; a machine-readable line must stand alone.
	console.log(`\n${MARK}${text}`);
}

/** Frames of uvu, of Node, and of both as bundled for XS: nobody looks for a fault there. */
const OURS = ["/uvu/", "node:", "/out/engine/"];

function describe(error: unknown): string {
	if (!(error instanceof Error)) return String(error);
	const title = `${error.name}: ${error.message}`;
	const details = (error as Error & { details?: unknown }).details;
	// V8's stack begins with the title; XS gives frames only.
	const stack = (error.stack ?? "").replace(title, "").split("\n");
	const frames = stack.filter((frame) => frame.trim() !== "" && !OURS.some((part) => frame.includes(part)));
	return [title, ...(typeof details === "string" ? [details] : []), ...frames].join("\n");
}

let fileSkipped = false;

/** Runs one body, reports it, and lets uvu see the failure too. */
async function report(suite: string, test: string, body: Body): Promise<void> {
	const startedAt = Date.now();
	emit({ kind: "start", suite, test });
	try {
		await body();
	} catch (error) {
		emit({ kind: "test", suite, test, outcome: "failed", ms: Date.now() - startedAt, detail: describe(error) });
		throw error;
	}
	emit({ kind: "test", suite, test, outcome: "passed", ms: Date.now() - startedAt });
}

function reportSkipped(suite: string, test: string, reason: string): void {
	emit({ kind: "test", suite, test, outcome: "skipped", ms: 0, detail: reason });
}

/** uvu forgets what a hook throws: report it as a test of its own that failed. */
function guarded(suite: string, name: string, hook: Body): Body {
	return async () => {
		try {
			await hook();
		} catch (error) {
			emit({ kind: "test", suite, test: `(${name} hook)`, outcome: "failed", ms: 0, detail: describe(error) });
			throw error;
		}
	};
}

function hooks(suite: string, name: string, inner: ReturnType<typeof uvu>["before"]): Hook {
	const hook = (body: Body) => inner(guarded(suite, name, body));
	hook.each = (body: Body) => inner.each(guarded(suite, `${name} each`, body));
	return hook;
}

function create(name: string): Test {
	const inner = uvu(name);
	const declared = new Set<string>();
	const settled = new Set<string>(); // those that are skipped or marked only
	let narrowed = false;
	const declare = (title: string) => {
		if (declared.has(title)) throw new Error(`two tests of "${name}" are called "${title}"`);
		declared.add(title);
	};
	emit({ kind: "suite", suite: name });

	const test = (title: string, body: Body) => {
		if (fileSkipped) return;
		declare(title);
		inner(title, () => report(name, title, body));
	};
	test.only = (title: string, body: Body) => {
		declare(title);
		settled.add(title);
		narrowed = true;
		inner.only(title, () => report(name, title, body));
	};
	test.skip = (title: string, reason: string) => {
		declare(title);
		settled.add(title);
		reportSkipped(name, title, reason);
		inner.skip();
	};
	test.before = hooks(name, "before", inner.before);
	test.after = hooks(name, "after", inner.after);
	test.run = () => {
		if (fileSkipped) return emit({ kind: "done", suite: name, declared: 0 });
		if (declared.size === 0) throw new Error(`the suite "${name}" has no test`);
		for (const title of narrowed ? declared : []) {
			if (!settled.has(title)) reportSkipped(name, title, "another test is marked only");
		}
		inner.after(() => emit({ kind: "done", suite: name, declared: declared.size }));
		inner.run();
	};
	return test;
}

/** Notes a value that must be the same on every engine; typed arrays, Maps, NaN and -0 keep their difference. */
function record(name: string, value: unknown): void {
	emit({ kind: "record", name, value: canonical(value) });
}

/** The whole file cannot run here: its tests are not registered, and the runner prints its name and this reason. */
function skip(reason: string): void {
	fileSkipped = true;
	console.log(`skipped: ${reason}`);
	emit({ kind: "file-skipped", reason });
}

/** Begins a suite of tests: `const test = suite("coap/message"); test("decodes …", () => …); test.run();` */
export const suite: ((name: string) => Test) & { record: typeof record; skip: typeof skip } = Object.assign(create, {
	record,
	skip,
});
