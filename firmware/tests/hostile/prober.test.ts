// suite: limit=120
import { assert, suite } from "#suite";
import { ProberTarget } from "./prober-target.js";

const test = suite("hostile/prober");

const DATAGRAMS = 10_000;

test(`whoever does not read our messages cannot let a dead binding seem to live, in ${DATAGRAMS} datagrams`, () => {
	const target = new ProberTarget(1, false);
	target.attack(DATAGRAMS);
	suite.record("blind", target.outcome);
	assert.is(target.outcome.alive, 0);
	assert.is(target.outcome.refused, 0);
	assert.ok(target.outcome.unknown > 0);
	assert.ok(target.measures());
});

test(`measurements outlive ${DATAGRAMS} datagrams of somebody who does read them`, () => {
	const target = new ProberTarget(2, true);
	target.attack(DATAGRAMS);
	suite.record("listening", target.outcome);
	assert.ok(target.outcome.refused > 0 && target.outcome.sent > 100);
	assert.ok(target.measures());
});

test.run();
