import { assert, suite } from "#suite";
import type { Value, ValueType } from "../../../lwm2m/formats/format.js";
import { fromHex } from "../../coap/hex.js";
import { decodeRows, encodeRows } from "./entries.js";

const test = suite("lwm2m/formats/cbor");

const CBOR = 60;

// RFC 8949, appendix A, as far as LwM2M has such values.
const both: readonly (readonly [ValueType, Value, string])[] = [
	["integer", 0, "00"],
	["integer", 23, "17"],
	["integer", 24, "1818"],
	["integer", 255, "18ff"],
	["integer", 256, "190100"],
	["integer", 1000, "1903e8"],
	["integer", 65536, "1a00010000"],
	["integer", 1000000000000, "1b000000e8d4a51000"],
	["integer", -1, "20"],
	["integer", -100, "3863"],
	["integer", -1000, "3903e7"],
	["unsigned", 4294967295, "1affffffff"],
	["time", 1363896240, "1a514b67b0"],
	["float", 100000, "fa47c35000"],
	["float", 3.4028234663852886e38, "fa7f7fffff"],
	["float", 1.1, "fb3ff199999999999a"],
	["float", -4.1, "fbc010666666666666"],
	["float", Infinity, "fa7f800000"],
	["boolean", false, "f4"],
	["boolean", true, "f5"],
	["string", "", "60"],
	["string", "IETF", "6449455446"],
	["string", "\u00fc", "62c3bc"],
	["string", "a".repeat(24), `7818${"61".repeat(24)}`],
	["string", "a".repeat(256), `790100${"61".repeat(256)}`],
	["opaque", fromHex("01020304"), "4401020304"],
	["objectLink", "3303:0", "66333330333a30"],
];

for (const [type, value, hex] of both)
	test(`${type} ${String(value).slice(0, 20)} is ${hex.slice(0, 20)}`, () => {
		assert.is(encodeRows(CBOR, "/1/2/3", [["/1/2/3", type, value]]), hex);
		assert.equal(decodeRows(CBOR, "/1/2/3", hex, [["/1/2/3", type, value]]), [["/1/2/3", type, value]]);
	});

const readOnly: readonly (readonly [string, ValueType, Value, string])[] = [
	["a half float", "float", 1.5, "f93e00"],
	["the greatest half float", "float", 65504, "f97bff"],
	["a subnormal half float", "float", 2 ** -24, "f90001"],
	["a negative half float", "float", -4, "f9c400"],
	["an integer for a float", "float", 21, "15"],
	["a whole float for an integer", "integer", 21, "fa41a80000"],
	["an integer in a longer form", "integer", 1, "1b0000000000000001"],
	["epoch time with its tag", "time", 1363896240, "c11a514b67b0"],
	["a decimal fraction", "float", 273.15, "c48221196ab3"],
	["a text in chunks", "string", "a°b", "7f 6161 62c2b0 60 6162 ff"],
	["a text in no chunk", "string", "", "7fff"],
	["bytes in chunks", "opaque", fromHex("010203"), "5f 4101 40 420203 ff"],
	["bytes in no chunk", "opaque", fromHex(""), "5fff"],
];

for (const [name, type, value, hex] of readOnly)
	test(`${name} is read`, () => {
		assert.equal(decodeRows(CBOR, "/1/2/3", hex, [["/1/2/3", type, value]]), [["/1/2/3", type, value]]);
	});

const refused: readonly (readonly [string, ValueType, string])[] = [
	["nothing", "integer", ""],
	["a cut integer", "integer", "19ff"],
	["bytes left over", "integer", "0000"],
	["reserved additional information", "integer", "1c"],
	["a text in chunks without end", "string", "7f6161"],
	["a text in chunks of bytes", "string", "7f4161ff"],
	["a text in chunks of chunks", "string", "7f7fff"],
	["a text whose chunks part a character", "string", "7f61c261b0ff"],
	["bytes in chunks without end", "opaque", "5f4101"],
	["bytes in chunks of texts", "opaque", "5f6161ff"],
	["bytes in a chunk longer than the payload", "opaque", "5f5bffffffffffffffffff"],
	["a string longer than the payload", "string", "7bffffffffffffffff"],
	["ill-formed UTF-8", "string", "61ff"],
	["a fraction for an integer", "integer", "f93e00"],
	["a negative for an unsigned", "unsigned", "20"],
	["2^53, which is not exact", "integer", "1b0020000000000000"],
	["NaN", "float", "f97e00"],
	["null", "integer", "f6"],
	["a number for a boolean", "boolean", "01"],
	["a text for a number", "integer", "6131"],
	["a text for bytes", "opaque", "6131"],
	["an array", "integer", "8101"],
	["an unknown tag", "integer", "c201"],
	["a decimal fraction without numbers", "float", "c4826161f4"],
	["no object link", "objectLink", "6131"],
];

for (const [name, type, hex] of refused)
	test(`${name} is refused`, () => {
		assert.is(decodeRows(CBOR, "/1/2/3", hex, [["/1/2/3", type, 0]]), undefined);
	});

test.run();
