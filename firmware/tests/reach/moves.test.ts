import { assert, suite } from "#suite";
import { Line } from "./line.js";

const test = suite("reach/moves");

const SECOND = 1_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** A day in quiet, then so many moves, as many seconds apart. */
function moving(lifetimeSeconds: number, moves: number, apartSeconds: number): Line {
	const line = new Line({ lifetimeMs: lifetimeSeconds * SECOND });
	line.run(DAY);
	for (let i = 0; i < moves; i++) {
		line.run(apartSeconds * SECOND);
		line.move();
	}
	return line;
}

test("a downlink that was lost with a move is no word against the binding where moves are many", () => {
	const line = moving(180, 20, 300);
	const { lowerSeconds } = line.status;
	for (let i = 0; i < 10; i++) {
		line.run(300 * SECOND);
		line.lostSeconds = 100;
		line.move();
	}
	line.run(300 * SECOND);
	assert.is(line.lostSeconds, -1, "it was told");
	assert.is(line.status.lowerSeconds, lowerSeconds);
});

test("moves at the interval before do not end the first new one", () => {
	const line = moving(180, 6, 175);
	// The network is another one from now on, as downlinks say that nothing but losses could hide.
	line.options.lifetimeMs = 30 * SECOND;
	for (let i = 0; i < 2; i++)
		line.reach.handleTold(line.now, { flags: 0x10, lostSeconds: 100, lostCount: 5, heardCount: -1 });
	assert.is(line.status.lowerSeconds, 30);
	line.move();
	line.run(40 * SECOND);
	assert.ok(line.status.intervalSeconds >= 15, `${line.status.intervalSeconds}`);
});

test("who needs a keepalive each 9 s is told of a second move within an interval, too", () => {
	const line = new Line({ lifetimeMs: 10 * SECOND });
	line.run(DAY);
	line.move();
	line.run(10 * SECOND);
	line.move();
	line.run(10 * SECOND);
	assert.ok(line.isReachable);
});

test("the longer it stays the less it spends on moves, before the day is over", () => {
	const line = moving(20, 30, 30);
	assert.is(line.status.kind, "check");
	line.run(3 * HOUR);
	assert.is(line.status.kind, "refresh");
});

for (const [name, youngSeconds, promotions] of [
	["needs no second use of a binding, a probe shows, and spends none", undefined, false],
	["keeps young bindings for 30 s goes on to be used twice", 30, true],
] as const)
	test(`a network that moves us and ${name}`, () => {
		const line = new Line({
			lifetimeMs: 300 * SECOND,
			...(youngSeconds === undefined ? {} : { youngMs: youngSeconds * SECOND }),
		});
		line.run(DAY);
		for (let i = 0; i < 600; i++) {
			line.run(310 * SECOND);
			line.move();
		}
		const from = line.now;
		for (let i = 0; i < 30; i++) {
			line.run(310 * SECOND);
			line.move();
		}
		const kinds = line.acts.filter(({ at }) => at >= from).map(({ kind }) => kind);
		assert.is(kinds.includes("refresh"), promotions, kinds.join(" "));
	});

test("a NAT that was started anew, and gave us the same port, has a lasting binding of us within an hour or so", () => {
	const line = new Line({ lifetimeMs: 120 * SECOND, youngMs: 30 * SECOND, preservesPort: true });
	line.run(DAY);
	const from = line.now;
	line.run(3 * 3_600 * SECOND);
	const { acts } = line;
	// Twice in a few seconds: an exchange, and what makes a lasting binding of one that may have begun with it.
	const second = acts.filter(({ at }, i) => at >= from && at - (acts[i - 1]?.at ?? 0) < 5 * SECOND);
	assert.ok(second.length >= 2 && second.length <= 4, `${second.length}`);
});

test.run();
