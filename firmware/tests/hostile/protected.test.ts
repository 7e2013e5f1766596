// suite: limit=120
// Protected messages, changed by chance: nothing of it is carried out, believed, or answered with more than it brought.

import { assert, suite } from "#suite";
import { plainPrimitives } from "../security/plain-primitives.js";
import { ProtectedTarget } from "./protected.js";

const test = suite("hostile/protected");

const DATAGRAMS = 10_000;

test(`both sides outlive ${DATAGRAMS} changed messages, the same way on every engine`, () => {
	const target = new ProtectedTarget(plainPrimitives, 1);
	target.attack(DATAGRAMS);
	const { outcome } = target;
	suite.record("outcome", outcome);
	assert.ok(target.talksAfterwards());
	assert.ok(outcome.accepted > DATAGRAMS / 50 && outcome.unauthentic > DATAGRAMS / 8, JSON.stringify(outcome));
});

test.run();
