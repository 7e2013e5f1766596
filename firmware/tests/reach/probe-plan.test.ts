import { assert, suite } from "#suite";
import { Binding } from "../../reach/binding.js";
import { learningNumbers } from "../../reach/constants.js";
import { ProbePlan } from "../../reach/probe-plan.js";

const test = suite("reach/probe-plan");

/** Measures a binding of this lifetime; every `losing`-th answer is lost. Gives what is known, and how many probes. */
function measure(lifetimeMs: number, losing = Number.POSITIVE_INFINITY): { binding: Binding; count: number } {
	const binding = new Binding();
	const plan = new ProbePlan();
	let count = 0;
	for (let rounds = 0; rounds < 40; rounds++) {
		const round = plan.next(binding, []);
		if (round.length === 0) break;
		assert.ok(round.length <= learningNumbers.probesAtOnce);
		for (const delayMs of round) {
			count++;
			plan.handleProbed(binding, delayMs, delayMs < lifetimeMs && count % losing !== 0, () =>
				losing === Infinity ? 2 : 3,
			);
		}
		assert.not(plan.isWaiting(binding));
	}
	return { binding, count };
}

for (const seconds of [5, 10, 20, 30, 35, 65, 120, 180, 240, 300, 350, 600, 899]) {
	test(`a lifetime of ${seconds} s is found from below, closely`, () => {
		const { binding, count } = measure(seconds * 1000);
		assert.ok(binding.lowerMs < seconds * 1000, `${binding.lowerMs}`);
		assert.ok(binding.lowerMs >= Math.min(0.9 * seconds, seconds - 1) * 1000, `${binding.lowerMs}`);
		assert.ok(count <= 24, `${count} probes`);
	});
}

test("of a long lifetime it is known that it is long", () => {
	const { binding, count } = measure(7_200_000);
	assert.is(binding.lowerMs, 900_000);
	assert.is(binding.upperMs, Number.POSITIVE_INFINITY);
	assert.is(count, 6);
});

test("answers that get lost do not shorten a lifetime much", () => {
	for (let losing = 4; losing < 12; losing++) {
		const { binding } = measure(120_000, losing);
		assert.ok(binding.lowerMs >= 102_000 && binding.lowerMs < 120_000, `${losing}: ${binding.lowerMs}`);
	}
});

test("one miss is loss: it is asked again before anything longer, and nothing longer is waited for", () => {
	const binding = new Binding();
	const plan = new ProbePlan();
	const first = plan.next(binding, []);
	plan.handleProbed(binding, first[0]!, true, () => 2);
	plan.handleProbed(binding, first[1]!, false, () => 2);
	assert.not(plan.isWaiting(binding));
	assert.is(binding.upperMs, Number.POSITIVE_INFINITY);
	const second = plan.next(binding, []);
	assert.is(second[0], first[1]);
	// What is under way already is not asked for twice.
	for (const delayMs of second) assert.not(first.slice(2).includes(delayMs));
	plan.handleProbed(binding, second[0]!, false, () => 2);
	assert.is(binding.upperMs, first[1]);
});

test("a miss of a shorter delay counts for the longer ones, too", () => {
	const binding = new Binding();
	const plan = new ProbePlan();
	const [, , third, fourth] = plan.next(binding, []);
	plan.handleProbed(binding, third!, false, () => 2);
	plan.handleProbed(binding, fourth!, false, () => 2);
	assert.is(binding.upperMs, fourth);
});

test("nobody could say: nothing is learned, and it is asked again", () => {
	const binding = new Binding();
	const plan = new ProbePlan();
	const first = plan.next(binding, []);
	for (const delayMs of first)
		assert.is(
			plan.handleProbed(binding, delayMs, undefined, () => 2),
			false,
		);
	assert.equal(plan.next(binding, []), first);
});

test("a result that proves a little less than was asked for is taken as such", () => {
	const binding = new Binding();
	const plan = new ProbePlan();
	const first = plan.next(binding, []);
	assert.ok(plan.handleProbed(binding, first[0]! - 300, true, () => 2));
	assert.is(binding.lowerMs, first[0]! - 300);
});

test("what nobody asked for teaches nothing", () => {
	const binding = new Binding();
	assert.is(
		new ProbePlan().handleProbed(binding, 60_000, true, () => 2),
		false,
	);
	assert.is(binding.lowerMs, 0);
});

test("a bound that is to be verified is asked until it is sure", () => {
	const binding = new Binding();
	binding.restore(118, 121);
	const plan = new ProbePlan();
	assert.equal(plan.next(binding, [118_000, 121_000]), [118_000, 121_000]);
	plan.handleProbed(binding, 118_000, false, () => 2);
	plan.handleProbed(binding, 121_000, false, () => 2);
	for (const _ of ["once more than what was never proven", "the last"]) {
		assert.is(binding.lowerMs, 118_000);
		assert.equal(plan.next(binding, [])[0], 118_000);
		plan.handleProbed(binding, 118_000, false, () => 2);
	}
	assert.is(binding.upperMs, 118_000);
	assert.is(binding.lowerMs, 0);
});

test("a proof in doubt is bisected from below while it is asked again: shorter delays are sure sooner", () => {
	const binding = new Binding();
	binding.restore(775, 805);
	const plan = new ProbePlan();
	plan.next(binding, [10_000, 182_000, 775_000]);
	plan.handleProbed(binding, 10_000, true, () => 8);
	plan.handleProbed(binding, 182_000, true, () => 8);
	plan.handleProbed(binding, 775_000, false, () => 8);
	const second = plan.next(binding, []);
	assert.equal(second.slice(0, 2), [775_000, 376_000]);
	plan.handleProbed(binding, 376_000, false, () => 8);
	assert.equal(plan.next(binding, []).slice(0, 2), [376_000, 262_000]);
});

test("what was missed between bounds that are close enough is not asked for again", () => {
	const binding = new Binding();
	binding.restore(860, 0);
	const plan = new ProbePlan();
	const round = plan.next(binding, []);
	const [first, ...rest] = round;
	plan.handleProbed(binding, first!, false, () => 8);
	for (const delayMs of rest) plan.handleProbed(binding, delayMs, undefined, () => 8);
	binding.handleDead(900_000);
	assert.ok(binding.isKnown);
	assert.equal(plan.next(binding, []), []);
});

test.run();
