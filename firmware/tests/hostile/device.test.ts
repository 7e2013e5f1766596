// suite: limit=120
import { assert, suite } from "#suite";
import { limits } from "../../limits.js";
import { attack, readAfterwards } from "./attack.js";
import { Target } from "./target.js";

const test = suite("hostile/device");

const DATAGRAMS = 10_000;
const A_DAY_MS = 86_400_000;

test(`a device outlives ${DATAGRAMS} hostile datagrams, the same way on every engine`, () => {
	const target = new Target();
	const outcome = attack(target, 1, DATAGRAMS);
	suite.record("outcome", outcome);
	for (const count of Object.values(outcome.mutations)) assert.ok(count > DATAGRAMS / 20);
	// The enemy got through to the model, and not all of it was understood.
	assert.ok(outcome.successes > DATAGRAMS / 20 && outcome.successes < outcome.answered);
	assert.ok(outcome.mostBytes <= 4 * limits.messageLength);
	assert.is(readAfterwards(target), "21.5");
});

test("a device that has not registered yet outlives them, and registers once the server speaks", () => {
	const target = new Target(true);
	attack(target, 5, 2000);
	target.deserted = false;
	const { registrations } = target;
	target.run(A_DAY_MS);
	assert.ok(target.registrations > registrations);
	assert.is(readAfterwards(target), "21.5");
});

test.run();
