import { assert, suite } from "#suite";
import { Freshness } from "../../../security/oscore/freshness.js";
import { SeededRandom } from "../../random.js";
import { plainPrimitives } from "../plain-primitives.js";

const test = suite("security/oscore/freshness");

const AN_HOUR = 3_600_000;

function freshness(): Freshness {
	return new Freshness(plainPrimitives, new SeededRandom(1));
}

test("a value proves something for a minute, and serves all who ask within ten seconds", () => {
	const its = freshness();
	const value = its.issue(0);
	assert.is(its.issue(9_999), value);
	assert.ok(its.isFresh(60_000, value));
	assert.not.ok(its.isFresh(60_001, value));
});

test("a value goes on to prove something while the next one is given out, but not for longer", () => {
	const its = freshness();
	const first = its.issue(0);
	const second = its.issue(10_000);
	assert.is.not(second, first);
	assert.ok(its.isFresh(60_000, first) && its.isFresh(60_000, second));
	assert.not.ok(its.isFresh(60_001, first));
	assert.ok(its.isFresh(70_000, second));
});

test("a value that was given out an hour ago proves nothing again because another one is asked for", () => {
	const its = freshness();
	const old = its.issue(0);
	its.issue(AN_HOUR);
	assert.not.ok(its.isFresh(AN_HOUR, old));
});

test("nothing, another value, and a part of the value prove nothing", () => {
	const its = freshness();
	const value = its.issue(0);
	assert.not.ok(its.isFresh(0, undefined));
	assert.not.ok(its.isFresh(0, new Uint8Array(value.length)));
	assert.not.ok(its.isFresh(0, value.subarray(1)));
	assert.not.ok(freshness().isFresh(0, new Uint8Array(0)));
});

test.run();
