import { assert, suite } from "#suite";
import { PROBING_BURST, PROBING_RATE } from "../../coap/constants.js";
import { Bench, content, get } from "./bench.js";

const test = suite("coap/association");

/** A NON notification of 100 bytes: header, token, Observe of one byte, marker, payload. */
const PAYLOAD = new Uint8Array(92);
const LENGTH = 100;

/** A peer observes /a, and says nothing more. */
function observed(): Bench {
	const bench = new Bench();
	bench.receive(0, "4101000177 60 51 61");
	bench.respond(0, 1, content({ observe: true }));
	return bench;
}

/** The types of the notifications at these instants. */
function notify(bench: Bench, instants: readonly number[]): string {
	let types = "";
	for (const at of instants) {
		const [line] = bench.respond(at, 1, content({ payload: PAYLOAD }));
		if (line !== undefined) assert.is(line.length, 2 * LENGTH);
		types += line === undefined ? "-" : line.startsWith("41") ? "C" : "N";
	}
	return types;
}

const at = (count: number, stepMs: number): number[] => Array.from({ length: count }, (_, i) => i * stepMs);

/** How many go before their bytes exceed the burst. */
const FREE = Math.floor(PROBING_BURST / LENGTH) + 1;

test("notifications to a silent peer go as NON until a burst of them is out, then as CON (RFC 7252, 4.7)", () => {
	assert.is(notify(observed(), at(FREE + 1, 0)), `${"N".repeat(FREE)}C`);
});

test("a notification is never kept back: what follows the CON takes its place (RFC 7641, 4.5.2)", () => {
	assert.is(notify(observed(), at(FREE + 3, 0)), `${"N".repeat(FREE)}C--`);
});

test("each second of silence allows PROBING_RATE bytes more", () => {
	assert.is(PROBING_RATE, 1);
	assert.is(notify(observed(), at(200, LENGTH * 1000)), "N".repeat(200));
	assert.is(notify(observed(), at(25, (LENGTH / 2) * 1000)), `${"N".repeat(24)}C`);
});

const SIGNS: readonly (readonly [what: string, hex: string])[] = [
	["a request", "4101000277 b162"],
	["a ping", "40001234"],
	["an acknowledgement of nothing", "60001234"],
	["a Reset of nothing", "70001234"],
];

for (const [what, hex] of SIGNS) {
	test(`${what} is a sign of life`, () => {
		const bench = observed();
		notify(bench, at(FREE, 0));
		bench.receive(1, hex);
		assert.is(notify(bench, [2]), "N");
	});
}

test("what is no CoAP is none", () => {
	const bench = observed();
	notify(bench, at(FREE, 0));
	bench.receive(1, "ffff");
	assert.is(notify(bench, [2]), "C");
	assert.is(bench.endpoint.statistics.probes, 1);
});

test("the acknowledgement of the CON is a sign of life", () => {
	const bench = observed();
	notify(bench, at(FREE, 0));
	const messageId = bench.respond(1, 1, content({ payload: PAYLOAD }))[0]!.slice(4, 8);
	assert.equal(bench.receive(2, `6000${messageId}`), ["alive 1"]);
	assert.is(
		notify(
			bench,
			at(FREE + 1, 0).map(() => 3),
		),
		`${"N".repeat(FREE)}C`,
	);
});

test("a peer that stays silent loses its observation", () => {
	const bench = observed();
	notify(bench, at(FREE + 1, 0));
	assert.is(bench.pass(1e9).at(-1), "62000 cancelled 1 timeout");
	assert.equal(bench.respond(1e9, 1), ["gone"]);
});

test("a NON request to a silent peer goes as a CON, too", () => {
	const bench = new Bench();
	const types: string[] = [];
	for (let i = 0; i < 4; i++) {
		const [line] = bench.request(1e6, get({ confirmable: false, payload: new Uint8Array(500) }));
		types.push(line === undefined ? "waits" : line.slice(0, 2));
	}
	// 510 bytes each: the third goes, since two are less than the burst.
	assert.equal(types, ["52", "52", "52", "42"]);
	assert.is(bench.endpoint.statistics.probes, 1);
});

test("answers to requests are not counted: each follows a sign of life", () => {
	const bench = observed();
	for (let i = 2; i < 40; i++) {
		bench.receive(i, `5101${(0x10000 + i).toString(16).slice(1)}77 b162`);
		bench.respond(i, i, content({ payload: PAYLOAD }));
	}
	assert.is(bench.endpoint.statistics.probes, 0);
});

test.run();
