import { assert, suite } from "#suite";
import { Line } from "./line.js";

const test = suite("reach/evidence");

const SECOND = 1_000;
const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;

/** Loses a datagram in five, in no order. */
function oneInFive(): () => boolean {
	let state = 0;
	return () => {
		state = (state * 75 + 74) % 65_537;
		return state % 5 === 0;
	};
}

/** Moves at random times for two days, once in five minutes on the average. */
function moving(seed: number): Line {
	let state = seed;
	const line = new Line({ lifetimeMs: 3_600 * SECOND });
	while (line.now < 2 * DAY) {
		line.move();
		state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
		line.run(Math.ceil(-Math.log(1 - state / 2 ** 32) * 5 * MINUTE));
	}
	return line;
}

test("moves are no end of bindings, neither before their rate is known nor where they are seen too late", () => {
	for (const seed of [71_271, 95_028]) assert.is(moving(seed).status.upperSeconds, Number.POSITIVE_INFINITY);
});

test("moves are watched for no longer than they have to, and in a day that only verifies for an hour at most", () => {
	const line = new Line({ lifetimeMs: 3_600 * SECOND, loses: oneInFive() });
	const watched: number[] = [];
	for (let day = 0; day < 6; day++) {
		const from = line.acts.length;
		for (let i = 0; i < 288; i++) {
			line.move();
			line.run(5 * MINUTE);
		}
		watched.push(line.acts.slice(from).filter(({ kind }) => kind === "refresh").length / 144);
	}
	assert.ok(
		watched.slice(0, 2).every((hours) => hours < 16) && watched.slice(3).every((hours) => hours < 4),
		watched.join(),
	);
});

test("a proof that is refuted among moves, after days that but verified it, is measured at length again", () => {
	const line = new Line({ lifetimeMs: 3_600 * SECOND });
	const live = (hours: number): void => {
		for (let i = 0; i < 3 * hours; i++) {
			line.run(20 * MINUTE);
			line.move();
		}
	};
	live(3 * 24);
	assert.is(line.status.lowerSeconds, 900);
	line.options.lifetimeMs = 200 * SECOND;
	let hours = 0;
	for (; line.status.upperSeconds === Number.POSITIVE_INFINITY && hours < 48; hours++) live(1);
	live(6);
	const { lowerSeconds } = line.status;
	assert.ok(lowerSeconds > 150 && lowerSeconds <= 200, `${lowerSeconds} s, six hours after ${hours} h`);
});

test("another address after a socket that we opened ourselves is no move", () => {
	const line = new Line({ lifetimeMs: 120 * SECOND, youngMs: 30 * SECOND });
	line.run(DAY);
	const before = line.status.rebindingCount;
	line.isDown = true;
	while (!line.acts.some(({ kind }) => kind === "new-socket")) line.run(SECOND);
	line.isDown = false;
	line.run(HOUR);
	assert.ok(line.isReachable);
	assert.is(line.status.rebindingCount, before);
	assert.not(line.reach.moves.isMoving);
	line.move();
	line.run(HOUR);
	assert.ok(line.reach.moves.isMoving, "the next is one");
});

test.run();
