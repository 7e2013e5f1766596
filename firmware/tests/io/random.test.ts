import { assert, suite } from "#suite";
import { BoardRandom } from "../../io/random.js";

const test = suite("io/random");

test("makes an unsigned integer of four bytes of the chip", () => {
	const random = new BoardRandom({ fill: (into) => into.set([0xff, 0x01, 0x02, 0x03].slice(0, into.length)) });
	assert.is(random.uint32(), 0xff01_0203);
});

test("gives what the chip gives", () => {
	const random = new BoardRandom({ fill: (into) => into.fill(7) });
	const bytes = new Uint8Array(3);
	random.fill(bytes);
	assert.equal([...bytes], [7, 7, 7]);
});

test("an unfit source is no source", () => {
	const random = new BoardRandom({
		fill() {
			throw new Error("the radio is off");
		},
	});
	assert.throws(() => random.uint32(), /radio/);
});

test.run();
