import { assert, suite } from "#suite";
import { Binding } from "../../reach/binding.js";
import { Memory } from "../../reach/memory.js";
import { TestStore } from "../test-store.js";

const test = suite("reach/memory");

const SERVER = "coap.example:5683";
const MINUTE = 60_000;

function memoryOf(flash: TestStore | undefined, label = "wifi", server = SERVER): Memory {
	const memory = new Memory(flash, server);
	memory.load(label);
	return memory;
}

function binding(lowerMs: number, upperMs: number): Binding {
	const known = new Binding();
	known.handleAlive(lowerMs);
	known.handleDead(upperMs);
	return known;
}

/** Bounds as they are restored. */
function boundsOf(memory: Memory, isStream: boolean): number[] {
	const known = new Binding();
	memory.restore(known, isStream);
	return [known.lowerMs, known.upperMs];
}

test("without news nothing is written, and with it once", () => {
	const flash = new TestStore();
	const memory = memoryOf(flash);
	assert.is(memory.timeoutAt, Number.POSITIVE_INFINITY);
	memory.save(0, binding(60_000, 70_000), undefined);
	assert.is(flash.writeCount, 0);
	memory.handleNews();
	assert.is(memory.timeoutAt, 0);
	memory.save(0, binding(60_000, 70_000), undefined);
	memory.save(0, binding(60_000, 70_000), undefined);
	assert.equal([flash.writeCount, memory.timeoutAt], [1, Number.POSITIVE_INFINITY]);
});

test("more news waits for ten minutes", () => {
	const flash = new TestStore();
	const memory = memoryOf(flash);
	memory.handleNews();
	memory.save(MINUTE, binding(60_000, 70_000), undefined);
	memory.handleNews();
	assert.is(memory.timeoutAt, 11 * MINUTE);
	memory.save(11 * MINUTE - 1, binding(60_000, 70_000), undefined);
	assert.is(flash.writeCount, 1);
	memory.save(11 * MINUTE, binding(60_000, 70_000), undefined);
	assert.is(flash.writeCount, 2);
});

test("bounds come back in whole seconds, on the safe side; what is not known stays so", () => {
	const flash = new TestStore();
	const memory = memoryOf(flash);
	const open = new Binding();
	open.handleAlive(110_900);
	memory.handleNews();
	memory.save(0, binding(60_900, 69_100), open);
	const again = memoryOf(flash);
	assert.equal(boundsOf(again, false), [60_000, 70_000]);
	assert.equal(boundsOf(again, true), [110_000, Number.POSITIVE_INFINITY]);
	assert.equal(boundsOf(memoryOf(flash, "ethernet"), false), [0, Number.POSITIVE_INFINITY]);
	assert.equal(boundsOf(memoryOf(flash, "wifi", "other.example:5683"), false), [0, Number.POSITIVE_INFINITY]);
});

test("what is known of connections outlives a time without one", () => {
	const flash = new TestStore();
	const first = memoryOf(flash);
	first.handleNews();
	first.save(0, binding(60_000, 70_000), binding(110_000, 300_000));
	const second = memoryOf(flash);
	second.handleNews();
	second.save(0, binding(61_000, 70_000), undefined);
	assert.equal(boundsOf(memoryOf(flash), true), [110_000, 300_000]);
});

test("another transport, or another reason for it, is news", () => {
	const flash = new TestStore();
	const memory = memoryOf(flash);
	assert.equal([memory.transport, memory.isChosen], [0, false]);
	memory.handleTransport(0, false);
	assert.is(memory.timeoutAt, Number.POSITIVE_INFINITY);
	for (const [transport, isChosen] of [
		[1, false],
		[1, true],
	] as const) {
		memory.handleTransport(transport, isChosen);
		assert.is.not(memory.timeoutAt, Number.POSITIVE_INFINITY);
		memory.save(memory.timeoutAt, new Binding(), undefined);
		const again = memoryOf(flash);
		assert.equal([again.transport, again.isChosen], [transport, isChosen]);
	}
});

test("a store that is full is tried again later, and costs nothing else", () => {
	const flash = new TestStore();
	flash.room = 0;
	const memory = memoryOf(flash);
	memory.handleNews();
	memory.save(0, binding(60_000, 70_000), undefined);
	assert.is(memory.timeoutAt, 10 * MINUTE);
	flash.room = Number.POSITIVE_INFINITY;
	memory.save(10 * MINUTE, binding(60_000, 70_000), undefined);
	assert.is(flash.writeCount, 1);
});

test("without a store nothing is ever due", () => {
	const memory = memoryOf(undefined);
	memory.handleNews();
	memory.handleTransport(1, false);
	assert.is(memory.timeoutAt, Number.POSITIVE_INFINITY);
	assert.equal(boundsOf(memory, false), [0, Number.POSITIVE_INFINITY]);
});

test.run();
