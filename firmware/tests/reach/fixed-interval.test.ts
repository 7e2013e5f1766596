import { assert, suite } from "#suite";
import { FixedInterval } from "../../reach/fixed-interval.js";
import { FixedRandom } from "../random.js";

const test = suite("reach/fixed-interval");

test("advises nothing before the registration stands", () => {
	const reach = new FixedInterval(20_000, new FixedRandom());
	reach.handleDownlink(0);
	reach.handleLost(0);
	assert.is(reach.pollTimeout(), Number.POSITIVE_INFINITY);
	assert.is(reach.pollAdvice(), undefined);
});

test("checks once per interval, and waits for the outcome", () => {
	const reach = new FixedInterval(20_000, new FixedRandom());
	reach.handleStarted(1_000);
	assert.is(reach.pollTimeout(), 21_000);
	reach.handleTimeout(20_999);
	assert.is(reach.pollAdvice(), undefined);
	reach.handleTimeout(21_000);
	assert.is(reach.pollAdvice(), "check");
	assert.is(reach.pollAdvice(), undefined);
	assert.is(reach.pollTimeout(), Number.POSITIVE_INFINITY);
	reach.handleDownlink(21_400);
	assert.is(reach.pollTimeout(), 41_400);
});

test("takes a tenth of the interval away by chance", () => {
	const reach = new FixedInterval(20_000, new FixedRandom(0xffff_ffff));
	reach.handleStarted(0);
	assert.ok(reach.pollTimeout() >= 18_000 && reach.pollTimeout() < 18_001);
});

test("a proof by other traffic postpones the check, a datagram sent does not", () => {
	const reach = new FixedInterval(20_000, new FixedRandom());
	reach.handleStarted(0);
	reach.handleSent();
	assert.is(reach.pollTimeout(), 20_000);
	reach.handleDownlink(15_000);
	assert.is(reach.pollTimeout(), 35_000);
});

test("climbs the ladder with each loss: a new socket, then Register, which starts over", () => {
	const reach = new FixedInterval(20_000, new FixedRandom());
	reach.handleStarted(0);
	reach.handleTimeout(20_000);
	assert.is(reach.pollAdvice(), "check");
	reach.handleLost(34_000);
	assert.is(reach.pollAdvice(), "new-socket");
	reach.handleLost(48_000);
	assert.is(reach.pollAdvice(), "register");
	reach.handleLost(62_000);
	assert.is(reach.pollAdvice(), undefined);
});

test("a registration that was given up and then answers an Update all the same is checked again", () => {
	const reach = new FixedInterval(20_000, new FixedRandom());
	reach.handleStarted(0);
	reach.handleUnanswered();
	assert.is(reach.pollTimeout(), Number.POSITIVE_INFINITY);
	reach.handleTold(1_000);
	assert.is(reach.pollTimeout(), 21_000);
});

test("in Queue Mode it refreshes the binding while the device listens, and no longer", () => {
	const reach = new FixedInterval(20_000, new FixedRandom());
	reach.handleStarted(0, undefined, true);
	for (const at of [20_000, 40_000]) {
		assert.is(reach.pollTimeout(), at);
		reach.handleTimeout(at);
		assert.is(reach.pollAdvice(), "refresh");
	}
	reach.handleAsleep();
	assert.is(reach.pollTimeout(), Number.POSITIVE_INFINITY);
	reach.handleAwake(1_000_000);
	assert.is(reach.pollTimeout(), 1_020_000);
});

test("a proof ends the climb: the next loss begins below again", () => {
	const reach = new FixedInterval(20_000, new FixedRandom());
	reach.handleStarted(0);
	reach.handleLost(1_000);
	assert.is(reach.pollAdvice(), "new-socket");
	reach.handleDownlink(2_000);
	reach.handleLost(3_000);
	assert.is(reach.pollAdvice(), "new-socket");
});

test("without keepalive it never checks but still repairs", () => {
	const reach = new FixedInterval(Number.POSITIVE_INFINITY, new FixedRandom());
	reach.handleStarted(0);
	assert.is(reach.pollTimeout(), Number.POSITIVE_INFINITY);
	reach.handleLost(90_000);
	assert.is(reach.pollAdvice(), "new-socket");
});

test("stopped, it forgets the climb and the clock", () => {
	const reach = new FixedInterval(20_000, new FixedRandom());
	reach.handleStarted(0);
	reach.handleLost(1_000);
	reach.handleStopped();
	assert.is(reach.pollAdvice(), undefined);
	assert.is(reach.pollTimeout(), Number.POSITIVE_INFINITY);
});

test.run();
