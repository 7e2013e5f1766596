import { assert, suite } from "#suite";
import { SeededRandom } from "../nat/seeded-random.js";
import { FlashError, NorFlash, type NorFlashOptions, PowerCut } from "./nor-flash.js";

const test = suite("flash/nor-flash");

function flash(options: Partial<NorFlashOptions> = {}, seed = 1): NorFlash {
	return new NorFlash({ blockLength: 64, blocks: 2, random: new SeededRandom(seed), ...options });
}

function bytes(...values: number[]): Uint8Array {
	return new Uint8Array(values);
}

function read(from: NorFlash, offset: number, count: number): number[] {
	return [...new Uint8Array(from.read(count, offset))];
}

test("it is erased, takes words, and is erased block by block", () => {
	const one = flash();
	assert.equal(one.status(), { size: 128, blockLength: 64, blocks: 2 });
	one.write(bytes(1, 2, 3, 4), 60);
	one.write(bytes(5, 6, 7, 8), 64);
	assert.equal(read(one, 58, 12), [255, 255, 1, 2, 3, 4, 5, 6, 7, 8, 255, 255]);
	one.eraseBlock(0);
	assert.equal(read(one, 60, 8), [255, 255, 255, 255, 5, 6, 7, 8]);
	assert.equal([...one.eraseCounts], [1, 0]);
	one.eraseBlock(0, 2);
	assert.equal(read(one, 64, 4), [255, 255, 255, 255]);
});

const BUGS: readonly [what: string, expected: RegExp, act: (flash: NorFlash) => void][] = [
	["a bit that is set", /sets a bit/, (one) => one.write(bytes(0xff, 0xff, 3, 5), 0)],
	["a word that is programmed twice", /programs a word again/, (one) => one.write(bytes(1, 2, 3, 0), 0)],
	["half a word", /not whole words/, (one) => one.write(bytes(1, 2), 4)],
	["a word at an odd place", /not whole words/, (one) => one.write(bytes(1, 2, 3, 4), 6)],
	["a write beyond the end", /outside/, (one) => one.write(bytes(1, 2, 3, 4), 128)],
	["a read beyond the end", /reads 4 bytes at 126/, (one) => one.read(4, 126)],
	["a block that there is not", /erases blocks 1 to 3/, (one) => one.eraseBlock(1, 3)],
];
for (const [what, expected, act] of BUGS)
	test(`${what} is a bug of the driver, and is remembered`, () => {
		const one = flash();
		one.write(bytes(1, 2, 3, 4), 0);
		assert.throws(() => act(one), expected);
		assert.match(one.bugs[0]!, expected);
	});

test("after a cut nothing works until the power is back", () => {
	const cuts: string[] = [];
	const one = flash({ onCut: () => cuts.push("cut") });
	one.cutAfter(1);
	one.write(bytes(1, 2, 3, 4), 0);
	assert.throws(
		() => one.write(bytes(1, 2, 3, 4), 4),
		(error: unknown) => error instanceof PowerCut,
	);
	assert.throws(
		() => one.read(4, 0),
		(error: unknown) => error instanceof PowerCut,
	);
	assert.throws(
		() => one.eraseBlock(0),
		(error: unknown) => error instanceof PowerCut,
	);
	one.powerOn();
	assert.equal(read(one, 0, 4), [1, 2, 3, 4]);
	assert.equal(cuts, ["cut"]);
});

/** What a cut of a write of zeros leaves, over many flashes. */
function tear(seed: number): number[][] {
	const one = flash({}, seed);
	one.cutAfter(0);
	try {
		one.write(new Uint8Array(32), 0);
	} catch {
		one.powerOn();
	}
	return [read(one, 0, 32), read(one, 0, 32), read(one, 32, 32)];
}

test("a cut leaves nothing, all, whole words and a torn one, and bits that read now so, now so", () => {
	const seen = new Set<string>();
	for (let seed = 1; seed < 400; seed++) {
		const [first, second, beyond] = tear(seed);
		assert.ok(beyond!.every((byte) => byte === 255));
		if (first!.every((byte) => byte === 255)) seen.add("nothing");
		if (first!.every((byte) => byte === 0)) seen.add("all");
		if (first![0] === 0 && first![31] === 255) seen.add("a part");
		if (first!.join() !== second!.join()) seen.add("weak bits");
	}
	assert.equal([...seen].sort(), ["a part", "all", "nothing", "weak bits"]);
});

test("a cut of an erase leaves old bytes, blank ones, others, and weak bits", () => {
	const seen = new Set<string>();
	for (let seed = 1; seed < 200; seed++) {
		const one = flash({}, seed);
		one.write(new Uint8Array(64).fill(0x0f), 0);
		one.cutAfter(0);
		assert.throws(() => one.eraseBlock(0));
		one.powerOn();
		const [first, second] = [read(one, 0, 64), read(one, 0, 64)];
		if (first.filter((byte) => byte === 0x0f).length > 40) seen.add("old");
		else if (first.filter((byte) => byte === 0xff).length > 40) seen.add("blank");
		else seen.add("others");
		if (first.join() !== second.join()) seen.add("weak bits");
		one.eraseBlock(0);
		assert.ok(
			read(one, 0, 64).every((byte) => byte === 255),
			"an erase that ends makes all strong",
		);
	}
	assert.equal([...seen].sort(), ["blank", "old", "others", "weak bits"]);
});

test("it refuses what it is told to refuse, until it is healed", () => {
	const one = flash();
	one.failAfter(1);
	one.write(bytes(1, 2, 3, 4), 0);
	assert.throws(
		() => one.write(bytes(1, 2, 3, 4), 4),
		(error: unknown) => error instanceof FlashError,
	);
	one.heal();
	one.write(bytes(1, 2, 3, 4), 4);
	assert.is(one.operationCount, 2);
});

test("a worn block does not get clean", () => {
	const one = flash({ wearLimit: 3 });
	for (let i = 0; i < 3; i++) one.eraseBlock(0);
	assert.ok(read(one, 0, 64).every((byte) => byte === 255));
	one.eraseBlock(0);
	assert.ok(read(one, 0, 64).some((byte) => byte !== 255));
	one.wearOut(1);
	one.eraseBlock(1);
	assert.ok(read(one, 64, 64).some((byte) => byte !== 255));
});

test("rot turns a few bits, where it is told to", () => {
	const one = flash();
	one.rot(64, 64);
	assert.ok(read(one, 0, 64).every((byte) => byte === 255));
	const wrong = read(one, 64, 64).filter((byte) => byte !== 255).length;
	assert.ok(wrong >= 1 && wrong <= 4);
});

test("a copy has the content, the wear and a life of its own", () => {
	const one = flash({ wearLimit: 1 });
	one.eraseBlock(0);
	one.write(bytes(1, 2, 3, 4), 0);
	const other = one.copy(new SeededRandom(2));
	other.write(bytes(9, 9, 9, 9), 4);
	assert.equal(read(one, 0, 8), [1, 2, 3, 4, 255, 255, 255, 255]);
	assert.equal(read(other, 0, 8), [1, 2, 3, 4, 9, 9, 9, 9]);
	assert.throws(() => other.write(bytes(0, 0, 0, 0), 0), /again/);
	assert.equal([...other.eraseCounts], [1, 0]);
});

test.run();
