import { assert, suite } from "#suite";
import { Reader } from "../../../bytes.js";
import { NONE } from "../../../security/oscore/constants.js";
import { encodeOption, OscoreOption } from "../../../security/oscore/option.js";
import { fromHex, toHex } from "../../coap/hex.js";

const test = suite("security/oscore/option");

/** Partial IV, kid, kid context, value; the first four are RFC 8613, 6.3. */
const ROWS: readonly [number, string | undefined, string | undefined, string][] = [
	[0x05, "25", undefined, "090525"],
	[0x05, "25", "44616c656b", "19050544616c656b25"],
	[NONE, undefined, undefined, ""],
	[0x07, undefined, undefined, "0107"],
	[0, "", undefined, "0900"],
	[255, "", undefined, "09ff"],
	[256, "01", undefined, "0a010001"],
	[2 ** 40 - 1, "01020304050607", undefined, "0dffffffffff01020304050607"],
	[NONE, undefined, "0102", "10020102"],
	[20, "", "", "191400"],
];

for (const [partialIv, kid, kidContext, value] of ROWS) {
	test(`"${value}" is written and read`, () => {
		const bytes = encodeOption(partialIv, kid?.length === 0 ? new Uint8Array(0) : hex(kid), hex(kidContext));
		assert.is(toHex(bytes), value);
		const option = new OscoreOption();
		assert.ok(option.read(new Reader(bytes)));
		assert.is(option.partialIv, partialIv);
		assert.is(option.kid && toHex(option.kid), kid);
		assert.is(option.kidContext && toHex(option.kidContext), kidContext);
	});
}

function hex(text: string | undefined): Uint8Array | undefined {
	return text === undefined ? undefined : fromHex(text);
}

/** Reserved bits, reserved lengths, the second way to say nothing, and what is cut off. */
const BAD = [
	"00",
	"20",
	"40",
	"80",
	"06000000000000",
	"0700000000000000",
	"0b0102",
	"1902",
	"190103",
	"110105",
	"010203",
];

for (const value of BAD) {
	test(`"${value}" is refused`, () => {
		assert.not(new OscoreOption().read(new Reader(fromHex(value))));
	});
}

test.run();
