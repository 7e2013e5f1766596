// suite: limit=180
// Sequence numbers stored ahead (RFC 8613, B.1.1) over power cuts in the middle of writing them: none is used twice.

import { assert, suite } from "#suite";
import { storedContext } from "../../firmware/security/oscore/stored-context.js";
import { Journal } from "../../firmware/store/journal.js";
import { plainPrimitives } from "../../firmware/tests/security/plain-primitives.js";
import { SeededRandom } from "../nat/seeded-random.js";
import { NorFlash } from "./nor-flash.js";

const test = suite("flash/sequence-cuts");

const isNode = "process" in globalThis;
/** All in all 10,000 cuts on Node; a life that ends before its cut counts none. */
const CUT_COUNT = isNode ? 10_000 : 100;
const CUTS_OF_A_FLASH = isNode ? 500 : 50;
/** The other traffic of the journal, so that it is compacted now and then. */
const SETTINGS_LENGTH = 200;

const PARAMETERS = {
	masterSecret: new Uint8Array(16).fill(7),
	masterSalt: new Uint8Array(0),
	idContext: Uint8Array.of(1),
	senderId: Uint8Array.of(2),
	recipientId: Uint8Array.of(3),
};

/** One device, life after life, until so many of them ended in a cut. Gives the highest number that it used. */
function live(seed: number): number {
	const random = new SeededRandom(seed);
	const flash = new NorFlash({ blockLength: 4096, blocks: 4, random: new SeededRandom(~seed) });
	let last = -1;
	for (let cuts = 0; cuts < CUTS_OF_A_FLASH; ) {
		flash.powerOn();
		flash.cutAfter(random.uint32() % 60);
		try {
			const journal = new Journal(flash);
			const context = storedContext(plainPrimitives, PARAMETERS, journal);
			for (let i = random.uint32() % 1500; i > 0 && !flash.isOff; i--) {
				const number = context.takeSequenceNumber();
				if (number < 0) break;
				assert.ok(number > last, `${number} after ${last}, seed ${seed}, cut ${cuts}`);
				last = number;
				if (i % 400 === 0) journal.write("settings", new Uint8Array(SETTINGS_LENGTH).fill(i));
			}
		} catch (error) {
			if (!flash.isOff) throw error;
		}
		if (flash.isOff) cuts++;
		assert.equal(flash.bugs, []);
	}
	return last;
}

test("power cuts while numbers are stored ahead: each number is used once, and they only rise", () => {
	let used = 0;
	for (let seed = 1; seed <= CUT_COUNT / CUTS_OF_A_FLASH; seed++) used += live(seed);
	assert.ok(used > CUT_COUNT);
});

test.run();
