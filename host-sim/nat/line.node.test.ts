// The line by itself: what it does to datagrams beyond what the relay's tests see of it.

import { setTimeout as pause } from "node:timers/promises";
import { assert, suite } from "#suite";
import { Line } from "./line.js";
import { SeededRandom } from "./seeded-random.js";

const test = suite("nat/line");

const COUNT = 50;
const JITTER_MS = 20;

/** Carries numbered datagrams at once; gives their numbers in the order of their arrival. */
async function carried(prepare: (line: Line) => void): Promise<number[]> {
	const line = new Line(new SeededRandom(1));
	prepare(line);
	const arrived: number[] = [];
	for (let number = 0; number < COUNT; number++) line.carry(() => arrived.push(number));
	await pause(5 * JITTER_MS);
	line.close();
	return arrived;
}

const NUMBERS = Array.from({ length: COUNT }, (_, number) => number);

test("leaves alone what it carries", async () => assert.equal(await carried(() => {}), NUMBERS));

test("jitter changes the order, and loses and doubles nothing", async () => {
	const arrived = await carried((line) => {
		line.jitterMs = JITTER_MS;
	});
	assert.is.not(arrived.join(), NUMBERS.join());
	assert.equal(
		arrived.sort((left, right) => left - right),
		NUMBERS,
	);
});

test("duplication 1 carries all twice, a chance some", async () => {
	const all = await carried((line) => {
		line.duplication = 1;
	});
	assert.equal(
		all,
		NUMBERS.flatMap((number) => [number, number]),
	);
	const some = await carried((line) => {
		line.duplication = 0.5;
	});
	assert.ok(some.length > COUNT && some.length < 2 * COUNT, String(some.length));
	assert.equal([...new Set(some)], NUMBERS);
});

test("what is lost is not doubled", async () => {
	const arrived = await carried((line) => {
		line.loss = 1;
		line.duplication = 1;
	});
	assert.equal(arrived, []);
});

test("closing drops what is under way", async () => {
	const line = new Line(new SeededRandom(1));
	line.delayMs = 1;
	let arrived = 0;
	line.carry(() => arrived++);
	line.close();
	await pause(JITTER_MS);
	assert.is(arrived, 0);
});

test.run();
