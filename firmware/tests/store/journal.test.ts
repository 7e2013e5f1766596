import { assert, suite } from "#suite";
import { encodeText } from "../../bytes.js";
import { limits } from "../../limits.js";
import { StoreFailed, StoreFull } from "../../store/errors.js";
import { Journal } from "../../store/journal.js";
import { toHex } from "../coap/hex.js";
import { RamFlash } from "./ram-flash.js";

const test = suite("store/journal");

/** In the first of four banks, behind its header. */
const FIRST_RECORD = 36;

function value(length: number, first = 0): Uint8Array {
	const bytes = new Uint8Array(length);
	for (let i = 0; i < length; i++) bytes[i] = first + i;
	return bytes;
}

/** Writes until the first bank is full, and gives how often. */
function fillBank(journal: Journal, flash: RamFlash, length: number): number {
	const before = flash.eraseCounts.join();
	let count = 0;
	for (; flash.eraseCounts.join() === before; count++) journal.write("a", value(length, count));
	return count;
}

for (const length of [0, 1, 3, 4, 63, 64, 65, 300])
	test(`a value of ${length} bytes is read again, now and after the next start`, () => {
		const flash = new RamFlash();
		const journal = new Journal(flash);
		journal.write("key", value(length));
		assert.equal(journal.read("key"), value(length));
		assert.equal(new Journal(flash).read("key"), value(length));
	});

test("the last value counts, and each key is its own", () => {
	const flash = new RamFlash();
	const journal = new Journal(flash);
	for (let i = 0; i < 5; i++) for (const key of ["a", "b", "ab", "/1/0"]) journal.write(key, encodeText(`${key}${i}`));
	journal.delete("b");
	journal.delete("nothing");
	for (const each of [journal, new Journal(flash)]) {
		assert.equal(each.keys(), ["a", "ab", "/1/0"]);
		assert.equal(each.read("ab"), encodeText("ab4"));
		assert.is(each.read("b"), undefined);
		assert.is(each.read("c"), undefined);
	}
});

test("a value that is there already costs no flash", () => {
	const flash = new RamFlash();
	const journal = new Journal(flash);
	journal.write("key", value(20));
	const before = toHex(flash.bytes);
	journal.write("key", value(20));
	assert.is(toHex(flash.bytes), before);
	journal.write("key", value(19));
	assert.is.not(toHex(flash.bytes), before);
});

test("what is read is the caller's own", () => {
	const journal = new Journal(new RamFlash());
	const written = value(4);
	journal.write("key", written);
	written.fill(9);
	journal.read("key")!.fill(8);
	assert.equal(journal.read("key"), value(4));
});

for (const key of ["", "sixteen.letters!", "a b", "ä", "\n"])
	test(`"${key === "\n" ? "line feed" : key}" is no key`, () => {
		const journal = new Journal(new RamFlash());
		assert.throws(() => journal.write(key, value(1)), /is no key/);
		assert.throws(() => journal.read(key), /is no key/);
		journal.write("fifteen.letters", value(1));
	});

test("a full bank is written anew with what is live, and the wear goes round", () => {
	const flash = new RamFlash();
	const journal = new Journal(flash);
	journal.write("kept", value(40));
	journal.write("gone", value(40));
	journal.delete("gone");
	for (let i = 0; i < 2000; i++) journal.write("often", value(8, i));
	assert.equal(journal.keys(), ["kept", "often"]);
	assert.equal(journal.read("kept"), value(40));
	const { eraseCounts } = journal.statistics();
	assert.equal(eraseCounts, flash.eraseCounts);
	assert.ok(Math.max(...eraseCounts) - Math.min(...eraseCounts) <= 1, eraseCounts.join());
	assert.equal(new Journal(flash).statistics().eraseCounts, eraseCounts);
});

test("a full journal says so, and keeps all it has", () => {
	const flash = new RamFlash();
	const journal = new Journal(flash);
	const lengths: number[] = [];
	assert.throws(
		() => {
			for (let i = 0; ; i++) {
				journal.write(`key${i}`, value(50, i));
				lengths.push(i);
			}
		},
		(error: unknown) => error instanceof StoreFull && error.name === "StoreFull",
	);
	assert.ok(lengths.length >= 12, `${lengths.length} values`);
	assert.ok(journal.statistics().freeLength < 72);
	const erased = flash.eraseCounts.join();
	assert.throws(() => journal.write("more", value(60)), "no room left");
	assert.throws(() => journal.write("key0", value(200)), "no room left");
	assert.is(flash.eraseCounts.join(), erased, "a refusal costs no flash");
	for (const each of [journal, new Journal(flash)])
		for (const i of lengths) assert.equal(each.read(`key${i}`), value(50, i));
	journal.write("key0", value(50, 99));
	journal.delete("key1");
	journal.write("more", value(40));
	assert.equal(new Journal(flash).read("key0"), value(50, 99));
});

test("too long a value and too many keys are refused", () => {
	const journal = new Journal(new RamFlash(4096, 16));
	assert.throws(() => journal.write("a", value(limits.storeValueLength + 1)), /bytes/);
	journal.write("a", value(limits.storeValueLength));
	for (let i = 1; i < limits.storeKeyCount; i++) journal.write(`key${i}`, value(1));
	assert.throws(() => journal.write("b", value(1)), "too many keys");
	journal.write("key1", value(2));
});

test("statistics say what there is", () => {
	const flash = new RamFlash();
	const journal = new Journal(flash);
	const empty = journal.statistics();
	assert.equal(
		{ ...empty, freeLength: 0 },
		{ recordCount: 0, freeLength: 0, eraseCounts: [1, 0, 0, 0], recoveryCount: 0, corruptCount: 0, faultCount: 0 },
	);
	journal.write("key", value(10));
	assert.is(journal.statistics().freeLength, empty.freeLength - 28);
	assert.is(journal.statistics().recordCount, 1);
});

for (const [blockLength, blocks, free] of [
	[4096, 3, 4096],
	[4096, 4, 4096],
	[4096, 8, 8192],
	[4096, 16, 8192],
	[4096, 64, 8192],
	[262_144, 4, 8192],
] as const)
	test(`${blocks} blocks of ${blockLength} bytes make banks of ${free}`, () => {
		const { freeLength, eraseCounts } = new Journal(new RamFlash(blockLength, blocks)).statistics();
		assert.is(freeLength, free - 20 - 4 * eraseCounts.length);
		assert.ok(eraseCounts.length >= 3 && eraseCounts.length <= limits.storeBankCount);
	});

test("two blocks are too few", () => {
	assert.throws(() => new Journal(new RamFlash(4096, 2)), /needs 3 blocks/);
});

test("a bad block is passed over", () => {
	const flash = new RamFlash();
	flash.bad.add(1);
	const journal = new Journal(flash);
	for (let i = 0; i < 500; i++) journal.write("often", value(8, i));
	assert.equal(new Journal(flash).read("often"), value(8, 499));
	assert.ok(journal.statistics().faultCount > 0);
});

test("a block that goes bad takes no value with it", () => {
	const flash = new RamFlash();
	const journal = new Journal(flash);
	journal.write("kept", value(40));
	flash.bad.add(0);
	journal.write("more", value(40, 1));
	for (const each of [journal, new Journal(flash)]) {
		assert.equal(each.read("kept"), value(40));
		assert.equal(each.read("more"), value(40, 1));
	}
	assert.is(journal.statistics().faultCount, 1);
});

test("when no block takes anything any more, all can still be read", () => {
	const flash = new RamFlash();
	const journal = new Journal(flash);
	journal.write("kept", value(40));
	for (let block = 0; block < 4; block++) flash.bad.add(block);
	for (let i = 0; i < 2; i++) {
		assert.throws(
			() => journal.write("more", value(40)),
			(error: unknown) => error instanceof StoreFailed && error.name === "StoreFailed",
		);
		assert.throws(() => journal.delete("kept"), /no bank/);
		assert.equal(journal.read("kept"), value(40));
		assert.is(journal.read("more"), undefined);
	}
	flash.bad.clear();
	journal.write("more", value(40));
	assert.equal(new Journal(flash).keys(), ["kept", "more"]);
});

test("a flash that never took anything is an empty journal that cannot be written", () => {
	const flash = new RamFlash();
	for (let block = 0; block < 4; block++) flash.bad.add(block);
	const journal = new Journal(flash);
	assert.equal(journal.keys(), []);
	assert.is(journal.read("key"), undefined);
	journal.delete("key");
	assert.throws(() => journal.write("key", value(1)), /no bank/);
});

test("whatever was in the flash before, it becomes a journal", () => {
	for (const fill of [0, 0x55, 0x50, 0xfe]) {
		const flash = new RamFlash();
		flash.bytes.fill(fill);
		const journal = new Journal(flash);
		journal.write("key", value(3));
		assert.equal(new Journal(flash).read("key"), value(3));
	}
});

test("a wrong bit in any byte of the log costs at most its own record, or makes the older value come back", () => {
	const original = new RamFlash();
	const first = new Journal(original);
	const older = value(20, 1);
	first.write("a", older);
	first.write("b", value(9));
	first.write("a", value(20, 2));
	first.write("c", value(30));
	const end = 1024 - first.statistics().freeLength + 32;
	for (let offset = 36; offset < end; offset++) {
		const flash = new RamFlash();
		flash.bytes.set(original.bytes);
		flash.bytes[offset]! ^= 1 << (offset % 8);
		const journal = new Journal(flash);
		let wrong = 0;
		for (const [key, expected] of [
			["a", value(20, 2)],
			["b", value(9)],
			["c", value(30)],
		] as const) {
			const found = journal.read(key);
			if (found !== undefined && toHex(found) === toHex(expected)) continue;
			wrong++;
			if (found !== undefined) assert.equal(found, older);
		}
		assert.ok(wrong <= 1, `a bit at ${offset} costs ${wrong} records`);
	}
});

test("records that rotted are counted", () => {
	const flash = new RamFlash();
	const first = new Journal(flash);
	first.write("a", value(20));
	first.write("b", value(20));
	flash.bytes[36 + 10]! ^= 1;
	const journal = new Journal(flash);
	assert.equal(journal.keys(), ["b"]);
	assert.is(journal.statistics().corruptCount, 1);
	assert.is(new Journal(flash).statistics().corruptCount, 0);
});

test("clear leaves nothing behind, in no block", () => {
	const flash = new RamFlash();
	const journal = new Journal(flash);
	const secret = encodeText("a key that nobody else may know");
	journal.write("secret", secret);
	fillBank(journal, flash, 30);
	fillBank(journal, flash, 30);
	journal.clear();
	assert.equal(journal.keys(), []);
	assert.equal(new Journal(flash).keys(), []);
	assert.is(toHex(flash.bytes).indexOf(toHex(secret)), -1);
	journal.write("key", value(3));
	assert.equal(new Journal(flash).keys(), ["key"]);
});

test("the layout is that of docs/store.md", () => {
	const flash = new RamFlash();
	const journal = new Journal(flash);
	journal.write("key", encodeText("value"));
	journal.delete("key");
	const parts = [
		["header", "504a0001" + "00000001" + "00000001000000000000000000000000"],
		["its check and its seal", "d779570f" + "565c3228a9a3cdd7"],
		["a record", "00050312" + "6b6579" + "76616c7565" + "5b51db39a4ae24c6"],
		["a deletion", "00008377" + "6b6579ff" + "4e64f416b19b0be9"],
	] as const;
	let offset = 0;
	for (const [what, hex] of parts) {
		const end = offset + hex.length / 2;
		assert.is(toHex(flash.bytes.subarray(offset, end)), hex, what);
		offset = end;
	}
	assert.ok(flash.bytes.subarray(72).every((byte) => byte === 0xff));
});

test("a header that rots while the device runs costs its own record only", () => {
	const flash = new RamFlash();
	const journal = new Journal(flash);
	journal.write("rots", value(20));
	journal.write("kept", value(20));
	// Its length then leads out of the partition.
	flash.bytes[FIRST_RECORD]! |= 0x80;
	assert.is(journal.read("rots"), undefined);
	assert.equal(journal.keys(), ["kept"]);
	fillBank(journal, flash, 20);
	assert.equal(journal.keys(), ["kept", "a"]);
	assert.is(journal.statistics().corruptCount, 1);
	assert.equal(new Journal(flash).read("kept"), value(20));
});

test("what a power cut left of a factory reset is erased at the next start", () => {
	const secret = toHex(encodeText("secret"));
	let isCleared = false;
	for (let cut = 0; !isCleared; cut++) {
		const flash = new RamFlash();
		const journal = new Journal(flash);
		journal.write("key", encodeText("secret"));
		fillBank(journal, flash, 20);
		flash.cutAfter(cut);
		try {
			journal.clear();
			isCleared = true;
		} catch {
			// The power is gone.
		}
		flash.cutAfter(Number.POSITIVE_INFINITY);
		const isKept = new Journal(flash).read("key") !== undefined;
		assert.is(toHex(flash.bytes).includes(secret), isKept, `cut ${cut}`);
	}
});

test.run();
