import { assert, suite } from "#suite";
import { NoSecurity } from "../../security/no-security.js";

const test = suite("security/no-security");

const transmit = (length: number) => ({ bytes: new Uint8Array(length), length: 0, path: 0 });

test("gives each datagram once, with its path", () => {
	const session = new NoSecurity();
	const out = transmit(8);
	session.handleReceived(0, 5, Uint8Array.of(1, 2, 3));
	assert.ok(session.pollReceived(out));
	assert.equal([out.length, out.path, ...out.bytes.subarray(0, 3)], [3, 5, 1, 2, 3]);
	assert.not(session.pollReceived(out));
});

test("drops a datagram above the drainer's buffer whole", () => {
	const session = new NoSecurity();
	const out = transmit(2);
	session.handleReceived(0, 5, Uint8Array.of(1, 2, 3));
	assert.not(session.pollReceived(out));
	assert.equal([...out.bytes], [0, 0]);
});

test("seals by copying, and has nothing of its own to say", () => {
	const session = new NoSecurity();
	const out = transmit(4);
	assert.ok(session.seal(0, Uint8Array.of(7, 8), out));
	assert.equal([out.length, ...out.bytes.subarray(0, 2)], [2, 7, 8]);
	assert.not(session.pollTransmit(0, out));
	assert.is(session.pollTimeout(), Number.POSITIVE_INFINITY);
});

test.run();
