import { assert, suite } from "#suite";
import { Code } from "../../coap/codes.js";
import { Actuation } from "../../lwm2m/objects/actuation.js";
import { ascii, fromHex } from "../coap/hex.js";
import { Bench } from "./bench.js";
import { machine } from "./machine.js";

const test = suite("lwm2m/write");

const TEXT = 0;
const OPAQUE = 42;
const CBOR = 60;
const SENML_JSON = 110;
const SENML_CBOR = 112;
const TLV = 11542;
const LWM2M_CBOR = 11544;

/** A resource as text after a Write. */
type Case = readonly [
	name: string,
	method: "PUT" | "POST",
	path: string,
	contentFormat: number | undefined,
	hex: string,
	expected: string,
	readBack?: readonly [string, string],
];

const onOff = `6c${ascii("/3306/0/5850")}`;
const onOffJson = ascii('[{"bn":"/3306/0/5850","vb":true}]');

const cases: readonly Case[] = [
	["int-205: plain text", "PUT", "/3306/0/5850", TEXT, ascii("1"), "2.04", ["/3306/0/5850", "1"]],
	["text where no format is given", "PUT", "/3306/0/5851", undefined, ascii("99"), "2.04", ["/3306/0/5851", "99"]],
	["int-212: CBOR", "PUT", "/3306/0/5851", CBOR, "1832", "2.04", ["/3306/0/5851", "50"]],
	["int-215: TLV", "PUT", "/3306/0/5851", TLV, "e116db32", "2.04", ["/3306/0/5851", "50"]],
	["int-233: SenML-CBOR", "PUT", "/3306/0/5850", SENML_CBOR, `81a221${onOff}04f5`, "2.04", ["/3306/0/5850", "1"]],
	["int-234: SenML-JSON", "PUT", "/3306/0/5850", SENML_JSON, onOffJson, "2.04", ["/3306/0/5850", "1"]],
	["LwM2M CBOR", "PUT", "/3306/0/5850", LWM2M_CBOR, "a183190cea001916daf5", "2.04", ["/3306/0/5850", "1"]],
	[
		"a part of an instance in LwM2M CBOR",
		"POST",
		"/42/0",
		LWM2M_CBOR,
		"a1182aa100a103a10209",
		"2.04",
		["/42/0/3/2", "9"],
	],
	["resources alone in LwM2M CBOR", "POST", "/3306/0", LWM2M_CBOR, "a11916db05", "2.04", ["/3306/0/5851", "5"]],
	["another resource in LwM2M CBOR", "PUT", "/3306/0/5850", LWM2M_CBOR, "a183190cea001916dbf5", "4.00"],
	["null in LwM2M CBOR", "PUT", "/3306/0/5850", LWM2M_CBOR, "a183190cea001916daf6", "4.00"],
	["opaque", "PUT", "/42/0/2", OPAQUE, "010203", "2.04", ["/42/0/2", "AQID"]],
	["opaque of no bytes", "PUT", "/42/0/2", OPAQUE, "", "2.04", ["/42/0/2", ""]],
	["an object link", "PUT", "/42/0/4", TLV, "c4040ce50001", "2.04", ["/42/0/4", "3301:1"]],
	["what may only be written", "PUT", "/42/0/0", TEXT, ascii("x"), "2.04"],
	["int-227: replacing a multiple resource", "PUT", "/42/0/3", TLV, "8303410109", "2.04", ["/42/0/3/1", "9"]],
	["int-228: one resource instance", "PUT", "/42/0/3/0", TEXT, ascii("1"), "2.04", ["/42/0/3/0", "1"]],
	["int-226: a part of an instance", "POST", "/3306/0", TLV, "e116db05", "2.04", ["/3306/0/5851", "5"]],
	["int-271: resource instances beside the old ones", "POST", "/42/0/3", TLV, "410209", "2.04", ["/42/0/3/0", "7"]],
	["one more resource instance", "POST", "/42/0/3", TLV, "410209", "2.04", ["/42/0/3/2", "9"]],
	["a single resource by POST, which would execute it", "POST", "/42/0/7", TEXT, ascii("1"), "4.05", ["/42/0/7", "0"]],
	["no resource instances more", "POST", "/42/0/3", TLV, "", "2.04", ["/42/0/3/1", "8"]],
	["all of an instance", "PUT", "/3306/0", TLV, "e116da01", "2.04", ["/3306/0/5850", "1"]],
	["all of an instance but what is mandatory", "PUT", "/3306/0", TLV, "e116db05", "4.00", ["/3306/0/5851", "30"]],
	["int-256: a value of another type", "PUT", "/3306/0/5850", TEXT, ascii("on"), "4.00", ["/3306/0/5850", "0"]],
	["a value out of range", "PUT", "/3306/0/5851", TEXT, ascii("101"), "4.00", ["/3306/0/5851", "30"]],
	["a negative unsigned", "PUT", "/42/0/7", TEXT, ascii("-1"), "4.00", ["/42/0/7", "0"]],
	["a multiple resource out of range", "PUT", "/42/0/3", TLV, "83034101ff", "4.00", ["/42/0/3/1", "8"]],
	["a resource instance beyond the limit", "PUT", "/42/0/3", TLV, "8303411001", "4.00", ["/42/0/3/1", "8"]],
	["a multiple resource as if it were single", "PUT", "/42/0/3", TEXT, ascii("1"), "4.00", ["/42/0/3/1", "8"]],
	["a single resource as if it were multiple", "PUT", "/42/0/7", TLV, "8703410001", "4.00", ["/42/0/7", "0"]],
	["one resource twice", "POST", "/42/0", TLV, "c10701c10702", "4.00", ["/42/0/7", "0"]],
	["a resource beside the path", "PUT", "/3306/0/5850", TLV, "e116db05", "4.00", ["/3306/0/5851", "30"]],
	["malformed TLV", "POST", "/3306/0", TLV, "e1", "4.00"],
	["an instance as text", "POST", "/3306/0", TEXT, ascii("1"), "4.00"],
	["no payload for a resource", "PUT", "/3306/0/5851", TEXT, "", "4.00"],
	["a resource instance that is not there", "PUT", "/42/0/3/5", TEXT, ascii("1"), "4.04"],
	["a resource that the instance has not", "PUT", "/3306/0/5853", TEXT, ascii("x"), "4.04"],
	["an unknown resource among known ones", "POST", "/3306/0", TLV, "e116db05c10101", "4.04", ["/3306/0/5851", "30"]],
	["an instance that is not there", "PUT", "/3306/7/5850", TEXT, ascii("1"), "4.04"],
	["int-221: Security", "PUT", "/0/0/0", TEXT, ascii("x"), "4.01"],
	["a resource that may only be read", "PUT", "/3303/0/5700", TEXT, ascii("1"), "4.05", ["/3303/0/5700", "21.5"]],
	["an executable resource", "PUT", "/3/0/4", TEXT, "", "4.05"],
	["a read-only resource among others", "POST", "/3", TLV, "c10001", "4.05"],
	["a whole object", "PUT", "/3306", TLV, "0000", "4.05"],
	["a format that we do not read", "PUT", "/3306/0/5850", 50, "5b5d", "4.15"],
	["an instance without a format", "POST", "/3306/0", undefined, "e116db05", "4.15"],
];

for (const [name, method, path, contentFormat, hex, expected, readBack] of cases) {
	const title = name.startsWith("int-") ? `LightweightM2M-1.1-${name}` : name;
	test(`${title}: ${method} ${path} gives ${expected}`, () => {
		const { bench } = machine();
		const ask = { payload: fromHex(hex), ...(contentFormat === undefined ? {} : { contentFormat }) };
		assert.is(bench.line(method === "PUT" ? Code.Put : Code.Post, path, ask), expected);
		if (readBack !== undefined) assert.is(bench.get(readBack[0], { accept: TEXT }), `2.05 0 ${readBack[1]}`);
	});
}

test("replacing an instance takes the optional values that are not mentioned", () => {
	const { bench } = machine();
	bench.line(Code.Put, "/3306/0", { contentFormat: TLV, payload: fromHex("e116da01") });
	assert.is(bench.get("/3306/0/5851"), "4.04");
	assert.is(bench.get("/3306/0/5850"), "2.05 0 1");
});

test("replacing a multiple resource takes the instances that are not mentioned", () => {
	const { bench } = machine();
	bench.line(Code.Put, "/42/0/3", { contentFormat: TLV, payload: fromHex("8303410109") });
	assert.is(bench.get("/42/0/3/0"), "4.04");
});

test("a part of an instance keeps the resource instances that are not mentioned", () => {
	const { bench } = machine();
	bench.line(Code.Post, "/42/0", { contentFormat: TLV, payload: fromHex("8303410109") });
	assert.is(bench.get("/42/0/3/0"), "2.05 0 7");
	assert.is(bench.get("/42/0/3/1"), "2.05 0 9");
});

test("bytes are copied out of the message", () => {
	const { bench, cabinet } = machine();
	const payload = fromHex("0102");
	bench.line(Code.Put, "/42/0/2", { contentFormat: OPAQUE, payload });
	payload.fill(9);
	assert.equal(cabinet.get("blob"), fromHex("0102"));
});

test("the application sees what was written", () => {
	const { bench, motor } = machine();
	bench.put("/3306/0/5850", "1");
	assert.is(motor.get("onOff"), true);
});

test("a handler refuses, accepts or leaves it; only what it accepts is stored", () => {
	const bench = new Bench();
	const seen: unknown[] = [];
	const motor = bench.model.add(
		Actuation,
		0,
		{ onOff: false, dimmer: 1, onTime: 5 },
		{
			write(instanceId, name, value) {
				seen.push([instanceId, name, value]);
				if (name === "onOff") return "changed";
				return name === "onTime" ? "unauthorized" : undefined;
			},
		},
	);
	assert.is(bench.put("/3306/0/5850", "1"), "2.04");
	assert.is(bench.put("/3306/0/5851", "9"), "2.04");
	assert.is(bench.put("/3306/0/5852", "0"), "4.01");
	assert.equal([motor.get("onOff"), motor.get("dimmer"), motor.get("onTime")], [true, 9, 5]);
	assert.equal(seen, [
		[0, "onOff", true],
		[0, "dimmer", 9],
		[0, "onTime", 0],
	]);
});

test("a handler that throws is 5.00, and nothing is stored", () => {
	const bench = new Bench();
	const fail = () => {
		throw new Error("stuck");
	};
	const motor = bench.model.add(Actuation, 0, { onOff: false }, { write: fail });
	assert.is(bench.put("/3306/0/5850", "1"), "5.00");
	assert.is(motor.get("onOff"), false);
	assert.equal(bench.events()[0], { kind: "handler-failed", path: "/3306/0/5850", error: "Error: stuck" });
});

test("LightweightM2M-1.1-int-107: a written lifetime is told to the agent", () => {
	const { bench } = machine();
	assert.is(bench.put("/1/0/1", "60"), "2.04");
	assert.equal(bench.events()[0], { kind: "lifetime", shortServerId: 1, seconds: 60 });
});

test("a written time is told to the agent, which sets the clock", () => {
	const { bench } = machine();
	assert.is(bench.put("/3/0/13", "1700000000"), "2.04");
	assert.equal(bench.events()[0], { kind: "time", unixSeconds: 1_700_000_000 });
	assert.is(bench.get("/3/0/13"), "4.04");
});

test.run();
