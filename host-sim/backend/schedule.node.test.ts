import { assert, suite } from "#suite";
import { SeededRandom } from "../nat/seeded-random.js";
import { Schedule, type Scheduled } from "./schedule.js";

const test = suite("backend/schedule");

function things(count: number): Scheduled[] {
	return Array.from({ length: count }, () => ({ dueAt: 0, heapIndex: -1 }));
}

test("says never while nothing is due", () => {
	const schedule = new Schedule<Scheduled>();
	const [one] = things(1);
	assert.is(schedule.nextAt, Number.POSITIVE_INFINITY);
	schedule.set(one!, 5);
	schedule.set(one!, Number.POSITIVE_INFINITY);
	assert.is(schedule.nextAt, Number.POSITIVE_INFINITY);
	assert.equal(schedule.takeDue(1e9), []);
});

test("gives what is due, earliest first, and keeps the rest", () => {
	const schedule = new Schedule<Scheduled>();
	const [a, b, c] = things(3);
	schedule.set(a!, 30);
	schedule.set(b!, 10);
	schedule.set(c!, 20);
	assert.ok(schedule.takeDue(20).every((thing, i) => thing === [b, c][i]));
	assert.is(schedule.nextAt, 30);
});

test("agrees with a plain search through any run of changes", () => {
	const schedule = new Schedule<Scheduled>();
	const random = new SeededRandom(42);
	const all = things(50);
	const expected = new Map<Scheduled, number>();
	for (let i = 0; i < 5000; i++) {
		const thing = all[random.uint32() % all.length]!;
		const dueAt = random.uint32() % 1000;
		switch (random.uint32() % 4) {
			case 0:
				schedule.remove(thing);
				expected.delete(thing);
				break;
			case 1:
				for (const due of schedule.takeDue(dueAt / 20)) {
					assert.ok((expected.get(due) ?? Number.POSITIVE_INFINITY) <= dueAt / 20);
					expected.delete(due);
				}
				break;
			default:
				schedule.set(thing, dueAt);
				expected.set(thing, dueAt);
		}
		assert.is(schedule.nextAt, Math.min(Number.POSITIVE_INFINITY, ...expected.values()));
	}
	const due = schedule.takeDue(1000);
	assert.is(due.length, expected.size);
	assert.ok(due.every((thing, i) => i === 0 || expected.get(due[i - 1]!)! <= expected.get(thing)!));
});

test.run();
