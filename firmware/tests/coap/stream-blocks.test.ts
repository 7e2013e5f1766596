import { assert, suite } from "#suite";
import type { EndpointEvent, Request, Response } from "../../coap/endpoint.js";
import { content, get } from "./bench.js";
import { StreamWire } from "./stream-wire.js";

const test = suite("coap/stream: large payloads and BERT (RFC 8323, 6)");

/** So many bytes that differ. */
function bytes(length: number): Uint8Array {
	return Uint8Array.from({ length }, (_, i) => (i * 7) & 0xff);
}

interface Course {
	/** What was asked, as it came, and what was answered. */
	readonly asked: Uint8Array[];
	readonly answered: Uint8Array[];
	readonly failures: string[];
	readonly wire: StreamWire;
}

/** One request from left to right, all bytes in pieces of up to `pieceLength`. */
function exchange(
	request: Request,
	response: Response,
	lengths: readonly [left: number, right: number],
	pieceLength = 500,
): Course {
	const asked: Uint8Array[] = [];
	const answered: Uint8Array[] = [];
	const failures: string[] = [];
	const heard = (event: EndpointEvent): void => {
		if (event.kind === "response") answered.push(new Uint8Array(event.message.payload ?? []));
		if (event.kind === "failed") failures.push(event.why);
	};
	const wire = new StreamWire(
		{ messageLengthMax: lengths[0], onEvent: heard },
		{
			messageLengthMax: lengths[1],
			onEvent: (event, endpoint, now) => {
				if (event.kind !== "request") return;
				asked.push(new Uint8Array(event.message.payload ?? []));
				endpoint.respond(now, event.exchange, response);
			},
		},
		7,
	);
	wire.run(0, pieceLength);
	wire.left.endpoint.request(0, request);
	wire.run(0, pieceLength);
	return { asked, answered, failures, wire };
}

const POST = get({ code: 0x02 });

const SIZES: readonly (readonly [name: string, length: number, left: number, right: number])[] = [
	["goes whole where it fits", 2048, 2304, 2304],
	["goes in two messages of BERT", 4096, 2304, 2304],
	["goes whole to a peer that takes 8 KiB", 4096, 8192, 8192],
	["goes in blocks of 1024 to a peer that takes no more", 4000, 2304, 1152],
];

for (const [name, length, left, right] of SIZES) {
	test(`a request of ${length} bytes ${name}`, () => {
		const payload = bytes(length);
		const course = exchange({ ...POST, payload }, content({ code: 0x44 }), [left, right]);
		assert.equal(course.failures, []);
		assert.equal(course.asked, [payload]);
		assert.is(course.answered.length, 1);
	});

	test(`a response of ${length} bytes ${name}`, () => {
		const payload = bytes(length);
		const course = exchange(get(), content({ payload }), [right, left]);
		assert.equal(course.failures, []);
		assert.equal(course.answered, [payload]);
		assert.is(course.asked.length, 1);
	});
}

test("a block of BERT says so, and is numbered in 1024 bytes", () => {
	const { wire } = exchange({ ...POST, payload: bytes(4096) }, content({ code: 0x44 }), [2304, 2304]);
	// Uri-Path "a"; Block1 0/1/7 and Size1 4096, then Block1 2/0/7.
	assert.ok(wire.left.written.includes("b161d1030fd2141000ff"), "the first two blocks");
	assert.ok(wire.left.written.includes("b161d10327ff"), "the last two");
	assert.ok(/5f....d10e0f/.test(wire.right.written), "the answer to the first two");
});

test("pieces of one byte make no difference", () => {
	const payload = bytes(3000);
	const course = exchange({ ...POST, payload }, content({ code: 0x44, payload }), [2304, 2304], 1);
	assert.equal(course.asked, [payload]);
	assert.equal(course.answered, [payload]);
});

test.run();
