import { assert, suite } from "#suite";
import { prfSha256 } from "../../security/prf.js";
import { fromHex, toHex } from "../coap/hex.js";
import { plainPrimitives } from "./plain-primitives.js";

const test = suite("security/prf");

const SECRET = fromHex("9bbe436ba940f017b17652849a71db35");
const SEED = fromHex("a0ba9f936cda311827a6f796ffd5198c");
/** The known answer for P_SHA256 that TLS implementers share. */
const OUTPUT =
	"e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9c9a46b4e14baf9af" +
	"0fa022f7077def17abfd3797c0564bab4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff70187347b66";

test("the known answer, whole and cut at any length", () => {
	for (const length of [100, 0, 1, 31, 32, 33, 64, 99]) {
		const output = prfSha256(plainPrimitives, SECRET, "test label", SEED, length);
		assert.is(toHex(output), OUTPUT.slice(0, 2 * length));
	}
});

test("label and seed both matter", () => {
	const first = toHex(prfSha256(plainPrimitives, SECRET, "test label", SEED, 32));
	assert.is.not(toHex(prfSha256(plainPrimitives, SECRET, "test labem", SEED, 32)), first);
	assert.is.not(toHex(prfSha256(plainPrimitives, SECRET, "test label", SECRET, 32)), first);
});

test.run();
