import fc from "fast-check";
import { assert, suite } from "#suite";
import { Binding } from "../../reach/binding.js";
import { LearningReach } from "../../reach/learning.js";
import { Memory } from "../../reach/memory.js";
import { findNetwork, putNetwork } from "../../reach/networks.js";
import { SeededRandom } from "../random.js";
import { Line } from "./line.js";

const test = suite("reach/learning: properties");

const SECOND = 1_000;
const HOUR = 3_600_000;

test("bounds never cross, and what is counted on lies between them", () => {
	const step = fc.tuple(fc.constantFrom("alive", "dead", "doubt"), fc.integer({ min: 1, max: 900 }));
	fc.assert(
		fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
			const binding = new Binding();
			for (const [kind, seconds] of steps) {
				if (kind === "alive") binding.handleAlive(seconds * SECOND);
				else if (kind === "dead") binding.handleDead(seconds * SECOND);
				else binding.handleDoubt(seconds * SECOND, seconds / 900);
				assert.ok(binding.lowerMs < binding.upperMs);
				assert.ok(binding.trustedMs >= binding.lowerMs && binding.trustedMs < binding.upperMs);
				assert.ok(binding.trustedMs > 0);
			}
		}),
	);
});

test("whatever flash holds is read without harm, and a record put in front of it is found", () => {
	const record = {
		udp: { lowerSeconds: 118, upperSeconds: 121 },
		stream: { lowerSeconds: 0, upperSeconds: 0 },
		moveCount: 3,
		transport: 1,
		isChosen: false,
	};
	fc.assert(
		fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(0xffff_ffff), (bytes, id) => {
			findNetwork(bytes, id);
			assert.equal(findNetwork(putNetwork(bytes, id, record), id), record);
		}),
	);
});

/** What may be told to reach, in any order. */
const told = fc.record({
	what: fc.integer({ min: 0, max: 16 }),
	afterMs: fc.oneof(fc.integer({ min: 0, max: 60_000 }), fc.integer({ min: 0, max: 1_000_000 })),
	flags: fc.integer({ min: 0, max: 63 }),
	number: fc.integer({ min: -1, max: 70_000 }),
});

test("in whatever order it is told things, it asks for no instant that has passed, and never for ever", () => {
	fc.assert(
		fc.property(fc.array(told, { maxLength: 80 }), fc.integer({ min: 1 }), (inputs, seed) => {
			const reach = new LearningReach(new SeededRandom(seed), new Memory(undefined, "server"));
			const tell: readonly ((now: number, flags: number, number: number) => void)[] = [
				(now, flags, number) =>
					reach.handleStarted(now, { flags, lostSeconds: number, lostCount: flags & 3, heardCount: number }),
				() => reach.handleStopped(),
				() => reach.handleAsleep(),
				(now) => reach.handleAwake(now),
				(now, flags) => reach.handleOpened(now, flags & 1, 2, (flags & 1) === 1),
				(now, flags) => reach.handleSent(now, flags),
				(now, flags) => reach.handleReceived(now, flags),
				(now) => reach.handleDownlink(now),
				(now, flags) => reach.handleAcknowledged(now, 1 + (flags & 3)),
				(now, flags) => reach.handlePong(now, (flags & 1) === 1),
				(now, flags, number) =>
					reach.handleTold(now, { flags, lostSeconds: number, lostCount: flags & 3, heardCount: number }),
				(now) => reach.handleUnknown(now),
				(now) => reach.handlePromiseKept(now),
				(now) => reach.handleLost(now),
				(now) => reach.handleForgotten(now),
				(now) => reach.handleUnanswered(now),
				(now, flags, number) => reach.handleProbed(now, Math.abs(number) * 10, flags < 20 ? undefined : flags < 40),
			];
			let now = 0;
			for (const { what, afterMs, flags, number } of inputs) {
				now += afterMs;
				tell[what]!(now, flags, number);
				reach.handleTimeout(now);
				for (let i = 0; reach.pollAdvice() !== undefined; i++) {
					reach.takeProbes();
					assert.ok(i < 4, "advice without end");
				}
				assert.ok(reach.pollTimeout() > now, `${reach.pollTimeout()} after ${now}`);
				const { lowerSeconds, upperSeconds, intervalSeconds, loss } = reach.status(now);
				assert.ok(lowerSeconds < upperSeconds && intervalSeconds > 0 && intervalSeconds <= 900);
				assert.ok(loss > 0 && loss < 1);
			}
		}),
		{ numRuns: 300 },
	);
});

/** A line of some kind, and what befalls it hour by hour. */
const story = fc.record({
	lifetimeSeconds: fc.integer({ min: 5, max: 4_000 }),
	lossPercent: fc.constantFrom(0, 0, 1, 5, 20),
	stock: fc.boolean(),
	seed: fc.integer({ min: 1 }),
	hours: fc.array(fc.constantFrom("quiet", "quiet", "move", "down", "shorter", "ask"), { minLength: 6, maxLength: 24 }),
});

test("it is never silent beyond the deadline, keeps below its bound, and is always back", () => {
	fc.assert(
		fc.property(story, ({ lifetimeSeconds, lossPercent, stock, seed, hours }) => {
			const random = new SeededRandom(seed);
			const loses = () => random.uint32() < (lossPercent / 100) * 2 ** 32;
			const line = new Line({ lifetimeMs: lifetimeSeconds * SECOND, loses, stock, random });
			for (const hour of hours) {
				const from = line.acts.length;
				line.isDown = hour === "down";
				if (hour === "move") line.move();
				if (hour === "shorter") line.options.lifetimeMs = Math.max(5 * SECOND, line.options.lifetimeMs * 0.7);
				for (let i = 0; i < 30; i++) {
					line.run(HOUR / 30);
					if (hour === "ask") line.ask();
				}
				const { intervalSeconds, lowerSeconds } = line.status;
				assert.ok(intervalSeconds <= Math.max(15, lowerSeconds), `${intervalSeconds} of ${lowerSeconds}`);
				if (hour !== "ask") assert.ok(line.acts.length - from >= 4, `${line.acts.length - from} in an hour`);
			}
			line.isDown = false;
			line.run(2 * HOUR);
			const before = line.acts.at(-1)!;
			assert.ok(line.now - before.at <= 900 * SECOND, "silent");
			assert.is(line.status.kind === "none", false);
		}),
		{ numRuns: 40 },
	);
});

test.run();
