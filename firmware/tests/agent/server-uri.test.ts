import { assert, suite } from "#suite";
import { parseServerUri } from "../../agent/server-uri.js";

const test = suite("agent/server-uri");

for (const [text, host, port, numeric] of [
	["coap://192.0.2.7", "192.0.2.7", 5683, true],
	["coap://192.0.2.7:5783/", "192.0.2.7", 5783, true],
	["coap://backend.example:1", "backend.example", 1, false],
	["coap://999.0.2.7", "999.0.2.7", 5683, false],
] as const) {
	test(`reads ${text}`, () => {
		assert.equal(parseServerUri(text), { host, port, numeric });
	});
}

for (const text of [
	"",
	"coaps://192.0.2.7",
	"coap://",
	"coap://:5683",
	"coap://host:0",
	"coap://host:65536",
	"coap://host:12a",
	"coap://user@host",
	"coap://host/path",
	"coap://[2001:db8::1]:5683",
]) {
	test(`refuses "${text}" with a sentence that says what to write`, () => {
		assert.throws(() => parseServerUri(text), /must (start with|be) coap:\/\//);
	});
}

test.run();
