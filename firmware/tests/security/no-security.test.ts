import { assert, suite } from "#suite";
import { NoSecurity } from "../../security/no-security.js";

const test = suite("security/no-security");

test("gives each datagram once, without a copy", () => {
	const session = new NoSecurity();
	const bytes = Uint8Array.of(1, 2, 3);
	session.handleReceived(0, 5, bytes);
	assert.is(session.pollReceived(), bytes);
	assert.is(session.pollReceived(), undefined);
});

test("seals by leaving as it is, and has nothing of its own to say", () => {
	const session = new NoSecurity();
	const out = { bytes: Uint8Array.of(7, 8), length: 2, path: 3 };
	assert.ok(session.seal(0, out));
	assert.equal(out, { bytes: Uint8Array.of(7, 8), length: 2, path: 3 });
	assert.not(session.pollTransmit(0, out));
	assert.is(session.pollTimeout(), Number.POSITIVE_INFINITY);
});

test.run();
