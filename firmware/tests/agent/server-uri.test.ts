import { assert, suite } from "#suite";
import { parseServerUri } from "../../agent/server-uri.js";

const test = suite("agent/server-uri");

for (const [text, transport, host, port, numeric] of [
	["coap://192.0.2.7", "udp", "192.0.2.7", 5683, true],
	["coap://192.0.2.7:5783/", "udp", "192.0.2.7", 5783, true],
	["coap://backend.example:1", "udp", "backend.example", 1, false],
	["coap://999.0.2.7", "udp", "999.0.2.7", 5683, false],
	["coap+tcp://192.0.2.7", "tcp", "192.0.2.7", 5683, true],
	["coaps+tcp://backend.example", "tls", "backend.example", 5684, false],
	["coap+ws://backend.example", "ws", "backend.example", 80, false],
	["coaps+ws://backend.example/", "wss", "backend.example", 443, false],
	["coaps+ws://192.0.2.7:8443", "wss", "192.0.2.7", 8443, true],
] as const) {
	test(`reads ${text}`, () => {
		assert.equal(parseServerUri(text), { transport, host, port, numeric });
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
	"coap+ws://host/.well-known/coap",
	"http://host",
]) {
	test(`refuses "${text}" with a sentence that says what to write`, () => {
		assert.throws(() => parseServerUri(text), /must (start with|be) coap(\+ws)?:\/\//);
	});
}

test.run();
