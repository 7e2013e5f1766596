import { assert, suite } from "#suite";
import { encodeText } from "../../bytes.js";
import { sha1 } from "../../coap/sha1.js";
import { WebSocketEnd } from "../../coap/websocket.js";
import { base64, clientHead, isServerHead, serverHead } from "../../coap/websocket-handshake.js";
import { FixedRandom } from "../random.js";
import { fromHex, toHex } from "./hex.js";

const test = suite("coap/websocket");

for (const [message, digest] of [
	["", "da39a3ee5e6b4b0d3255bfef95601890afd80709"],
	["abc", "a9993e364706816aba3e25717850c26c9cd0d89d"],
	["abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "84983e441c3bd26ebaae4aa1f95129e5e54670f1"],
	["a".repeat(64), "0098ba824b5c16427bd7a1122a5a442a25ec644d"],
] as const) {
	test(`SHA-1 of ${message.length} characters (FIPS 180-4)`, () => {
		assert.is(toHex(sha1(encodeText(message))), digest);
	});
}

test("the sample handshake of RFC 6455, 1.3", () => {
	const key = "dGhlIHNhbXBsZSBub25jZQ==";
	assert.is(base64(encodeText("the sample nonce")), key);
	const answer = serverHead(clientHead("example.com", key));
	assert.ok(answer.isOpen);
	assert.ok(answer.text.includes("\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
	assert.ok(isServerHead(answer.text, key));
});

const HEAD = clientHead("a", "dGhlIHNhbXBsZSBub25jZQ==");
for (const [name, head, status] of [
	["another path", HEAD.replace("/.well-known/coap", "/"), "404"],
	["another method", HEAD.replace("GET", "POST"), "400"],
	["another version", HEAD.replace("Version: 13", "Version: 8"), "426"],
	["another subprotocol", HEAD.replace("Protocol: coap", "Protocol: chat"), "400"],
	["no upgrade", HEAD.replace("Upgrade: websocket", "Upgrade: h2c"), "400"],
	["no key", HEAD.replace("Sec-WebSocket-Key", "X-Key"), "400"],
] as const) {
	test(`a server refuses ${name} by ${status}`, () => {
		const answer = serverHead(head);
		assert.not(answer.isOpen);
		assert.ok(answer.text.startsWith(`HTTP/1.1 ${status} `));
	});
}

for (const [name, change] of [
	["another key", (text: string) => text.replace("s3pP", "S3pP")],
	["no subprotocol", (text: string) => text.replace("Protocol: coap", "Protocol: chat")],
	["an error", (text: string) => text.replace("101", "403")],
] as const) {
	test(`a client refuses an answer with ${name}`, () => {
		const { text } = serverHead(HEAD);
		assert.not(isServerHead(change(text), "dGhlIHNhbXBsZSBub25jZQ=="));
	});
}

test("names of headers and tokens in lists are told in any case, among others", () => {
	const head = HEAD.replace("Upgrade: websocket", "UPGRADE: WebSocket")
		.replace("Connection: Upgrade", "connection: keep-alive, Upgrade")
		.replace("Protocol: coap", "Protocol: chat, coap");
	assert.ok(serverHead(head).isOpen);
});

interface Ends {
	readonly client: WebSocketEnd;
	readonly server: WebSocketEnd;
}

/** What one end has to send goes to the other, byte by byte; gives the messages that come of it, in hex. */
function pass(from: WebSocketEnd, to: WebSocketEnd): string[] {
	const got: string[] = [];
	for (let bytes = from.pollTransmit(); bytes !== undefined; bytes = from.pollTransmit()) {
		for (const byte of bytes) {
			to.handleReceived(Uint8Array.of(byte));
			for (let message = to.pollReceived(); message !== undefined; message = to.pollReceived())
				got.push(toHex(message));
		}
	}
	return got;
}

function open(): Ends {
	const client = new WebSocketEnd({ random: new FixedRandom(0x5a), host: "backend.example" });
	const server = new WebSocketEnd({ random: new FixedRandom(0x5a) });
	pass(client, server);
	pass(server, client);
	assert.ok(client.isOpen && server.isOpen);
	return { client, server };
}

test("a message loses its length in a frame, and gets it back (RFC 8323, 4.2)", () => {
	const { client, server } = open();
	client.send(fromHex("21017fb161"));
	const frame = client.pollTransmit()!;
	// Final, binary, masked, 5 bytes, the mask; then 01 for no length and a token of one byte.
	assert.is(toHex(frame), `82855a5a5a5a${toHex(fromHex("01017fb161").map((byte) => byte ^ 0x5a))}`);
	server.handleReceived(frame);
	assert.is(toHex(server.pollReceived()!), "21017fb161");
});

test("several messages in one piece go in frames of their own, half a one waits", () => {
	const { client, server } = open();
	client.send(fromHex("00e1 21017fb161 21"));
	assert.equal(pass(client, server), ["00e1", "21017fb161"]);
	client.send(fromHex("017eb162"));
	assert.equal(pass(client, server), ["21017eb162"]);
});

test("long messages, both ways", () => {
	const { client, server } = open();
	const long = `e1${"02dc45"}0aff${"61".repeat(1000)}`;
	server.send(fromHex(long));
	assert.equal(pass(server, client), [long]);
	client.send(fromHex(long));
	assert.equal(pass(client, server), [long]);
});

/** Frames of a server, and what the client makes of them. */
const FRAMES: readonly (readonly [name: string, frames: string, expected: readonly string[], closed: string])[] = [
	["a message in two fragments (RFC 6455, 5.4)", "0203 01017f 8002 b161", ["21017fb161"], ""],
	["a ping between two fragments", "0203 01017f 8900 8002 b161", ["21017fb161"], ""],
	["a close", "8800", [], "normal"],
	["text", "8101 61", [], "unacceptable"],
	["a masked frame of a server", "8282 00000000 00e1", [], "protocol error"],
	["a reserved bit", "c202 00e1", [], "protocol error"],
	["a control frame in fragments", "0900", [], "protocol error"],
	["a continuation of nothing", "8002 00e1", [], "protocol error"],
	["a reserved opcode", "8b00", [], "protocol error"],
	["a message too short for CoAP", "8201 00", [], "protocol error"],
	["a message with a length of its own", "8202 10e1", [], "protocol error"],
	["a token of 8 bytes, the longest", "820a 08e1 0102030405060708", ["08e10102030405060708"], ""],
	["a token that is longer", "820b 09e1 010203040506070809", [], "protocol error"],
	["a frame longer than a message may be", "827f 0000000100000000", [], "too long"],
];

for (const [name, frames, expected, closed] of FRAMES)
	test(`${name}: ${closed === "" ? "taken" : closed}`, () => {
		const { client } = open();
		client.handleReceived(fromHex(frames));
		const got: string[] = [];
		for (let message = client.pollReceived(); message !== undefined; message = client.pollReceived())
			got.push(toHex(message));
		assert.equal(got, expected);
		assert.is(client.isClosed, closed !== "");
	});

test("a ping is answered by a pong with what it carried", () => {
	const { client, server } = open();
	client.handleReceived(fromHex("8902 abcd"));
	assert.is(client.pollReceived(), undefined);
	const pong = client.pollTransmit()!;
	assert.is(pong[0], 0x8a);
	assert.is(toHex(pong.subarray(6).map((byte) => byte ^ 0x5a)), "abcd");
	assert.ok(server.isOpen);
});

test("a head that does not end is no handshake", () => {
	const server = new WebSocketEnd({ random: new FixedRandom(1) });
	server.handleReceived(new Uint8Array(5000).fill(0x61));
	assert.ok(server.isClosed);
});

test.run();
