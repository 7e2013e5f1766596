import { assert, suite } from "#suite";
import { Ladder } from "../../reach/ladder.js";
import { FixedRandom } from "../random.js";

const test = suite("reach/ladder");

const HOUR = 3_600_000;

test("an unanswered ping is asked after by an Update, then a new socket, then Register", () => {
	const ladder = new Ladder();
	assert.equal(
		[ladder.handleLost(true), ladder.handleLost(false), ladder.handleLost(false)],
		["check", "new-socket", "register"],
	);
});

test("an unanswered Update needs no other one", () => {
	assert.is(new Ladder().handleLost(false), "new-socket");
});

test("a proof puts it back to the ground", () => {
	const ladder = new Ladder();
	ladder.handleLost(true);
	ladder.handleProof();
	assert.is(ladder.handleLost(true), "check");
});

test("with one transport each unanswered Register asks for another account, and begins anew", () => {
	const ladder = new Ladder();
	ladder.handleOpened(0, 1);
	assert.equal([ladder.handleUnanswered(), ladder.handleUnanswered()], ["next-account", "next-account"]);
	assert.is(ladder.transport, 0);
});

test("with three transports it goes around, and asks for another account after each round, for ever", () => {
	const ladder = new Ladder();
	ladder.handleOpened(0, 3);
	const seen: string[] = [];
	for (let i = 0; i < 6; i++) {
		seen.push(`${ladder.handleUnanswered()} ${ladder.transport}`);
		ladder.handleOpened(ladder.transport, 3);
	}
	const round = ["transport 1", "transport 2", "next-account 0"];
	assert.equal(seen, [...round, ...round]);
});

test("a round that began with another transport ends with the first, and each is tried at once but that one", () => {
	const ladder = new Ladder();
	ladder.handleOpened(1, 2);
	const seen: string[] = [];
	for (let i = 0; i < 6; i++) seen.push(`${ladder.handleUnanswered()} ${ladder.transport}`);
	assert.equal(seen, [
		"transport 0",
		"next-account 0",
		"transport 1",
		"next-account 0",
		"transport 1",
		"next-account 0",
	]);
});

test("where the best transport works, none other is tried", () => {
	const ladder = new Ladder();
	ladder.handleOpened(0, 2);
	ladder.handleReached(0, new FixedRandom());
	assert.is(ladder.timeoutAt, Number.POSITIVE_INFINITY);
});

test("from a worse transport the best is tried after an hour, then two, four, up to about a day", () => {
	const ladder = new Ladder();
	const waits: number[] = [];
	let now = 0;
	for (let i = 0; i < 7; i++) {
		ladder.handleOpened(1, 2);
		ladder.handleProof();
		ladder.handleReached(now, new FixedRandom());
		const at = ladder.timeoutAt;
		waits.push(Math.round((at - now) / HOUR));
		now = at;
		assert.is(ladder.tryBetter(now - 1), undefined);
		assert.is(ladder.tryBetter(now), "transport");
		assert.is(ladder.transport, 0);
		ladder.handleOpened(0, 2);
		// It does not work: back to the one that did, at once.
		assert.is(ladder.handleLost(false), "transport");
		assert.is(ladder.transport, 1);
	}
	assert.equal(waits, [1, 2, 4, 9, 18, 18, 18]);
});

test("when all transports had failed, whichever came through first says nothing: the best is tried soon", () => {
	const ladder = new Ladder();
	ladder.handleOpened(0, 2);
	ladder.handleUnanswered();
	ladder.handleUnanswered();
	ladder.handleOpened(1, 2);
	ladder.handleReached(1_000, new FixedRandom());
	assert.ok(ladder.timeoutAt >= 31_000 && ladder.timeoutAt <= 121_000, `${ladder.timeoutAt}`);
});

test("when the best works again the waits begin anew", () => {
	const ladder = new Ladder();
	ladder.handleOpened(1, 2);
	ladder.handleReached(0, new FixedRandom());
	ladder.tryBetter(2 * HOUR);
	ladder.handleOpened(0, 2);
	ladder.handleProof();
	ladder.handleReached(2 * HOUR, new FixedRandom());
	assert.is(ladder.timeoutAt, Number.POSITIVE_INFINITY);
	assert.is(ladder.handleLost(false), "new-socket");
});

test("a transport that is preferred from now on is gone to, and its home is not left for the first one", () => {
	const ladder = new Ladder();
	ladder.handleOpened(0, 2);
	assert.is(ladder.prefer(1), "transport");
	assert.equal([ladder.transport, ladder.isTrying], [1, true]);
	ladder.handleOpened(1, 2);
	ladder.handleProof();
	ladder.handleReached(0, new FixedRandom());
	assert.equal([ladder.isTrying, ladder.timeoutAt], [false, Number.POSITIVE_INFINITY]);
});

test("where it does not work the one before is gone back to at once, whatever failed", () => {
	for (const fail of [(ladder: Ladder) => ladder.handleUnanswered(), (ladder: Ladder) => ladder.handleLost(false)]) {
		const ladder = new Ladder();
		ladder.handleOpened(0, 3);
		ladder.prefer(2);
		ladder.handleOpened(2, 3);
		assert.equal([fail(ladder), ladder.transport, ladder.isTrying], ["transport", 0, false]);
	}
});

test("from elsewhere the preferred one is tried again after an hour, even when all had failed", () => {
	const ladder = new Ladder();
	ladder.handleOpened(1, 2);
	ladder.home = 1;
	ladder.handleUnanswered();
	ladder.handleUnanswered();
	ladder.handleOpened(0, 2);
	ladder.handleReached(0, new FixedRandom());
	assert.is(Math.round(ladder.timeoutAt / HOUR), 1);
	assert.is(ladder.tryBetter(ladder.timeoutAt), "transport");
	assert.is(ladder.transport, 1);
});

test.run();
