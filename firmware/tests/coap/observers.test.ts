import { assert, suite } from "#suite";
import { Bench, content } from "./bench.js";

const test = suite("coap/observers: Resets in doubt");

/** GET /a with Observe and token 77. */
const REGISTER = "4101123477 60 51 61";

/** A peer observes an endpoint that asks whether a Reset is meant: exchange 1. */
function doubting(): Bench {
	const bench = new Bench({ doubtsResets: true });
	bench.receive(0, REGISTER);
	bench.respond(0, 1, content({ observe: true }));
	return bench;
}

test("in doubt a Reset to a NON notification makes the next one a CON, whose Reset ends the observation", () => {
	const bench = doubting();
	bench.respond(0, 1);
	assert.equal(bench.receive(40, "70000001"), ["doubted 1"]);
	assert.equal(bench.respond(100, 1), ["41450002776103"]);
	assert.equal(bench.receive(140, "70000002"), ["cancelled 1 reset"]);
	assert.equal(bench.respond(200, 1), ["gone"]);
});

test("in doubt the same holds of a CON notification, which is repeated no more", () => {
	const bench = doubting();
	bench.respond(0, 1, content({ confirmable: true }));
	assert.equal(bench.receive(40, "70000001"), ["doubted 1"]);
	assert.equal(bench.pass(100_000), []);
	assert.equal(bench.respond(100_000, 1), ["41450002776103"]);
	assert.equal(bench.receive(100_040, "70000002"), ["cancelled 1 reset"]);
});

test("a doubt ends with an acknowledgement: the next Reset is the first again", () => {
	const bench = doubting();
	bench.respond(0, 1);
	bench.receive(40, "70000001");
	bench.respond(100, 1);
	assert.equal(bench.receive(140, "60000002"), ["alive 1"]);
	assert.equal(bench.respond(200, 1), ["51450003776104"]);
	assert.equal(bench.receive(240, "70000003"), ["doubted 1"]);
});

test("in doubt a second NON that was under way raises no second one, and ends nothing", () => {
	const bench = doubting();
	bench.respond(0, 1);
	bench.receive(40, "70000001");
	assert.equal(bench.receive(50, "70000001"), []);
	assert.is(bench.respond(100, 1).length, 1);
});

test.run();
