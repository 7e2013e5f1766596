// What a packet is for, told from its bytes alone: dialogues of a device, message by message.

import { assert, suite } from "#suite";
import { ACK, FIN, SYN } from "../nat/tcp-flags.js";
import type { Purpose } from "./meter.js";
import { Purposes, StreamPurposes } from "./purpose.js";
import type { VirtualSegment } from "./tcp-end.js";

const test = suite("world/purpose");

/** Of messages: type and token length, code, Message ID, then options. */
type Row = readonly [isUp: boolean, bytes: readonly number[], purpose: Purpose, port?: number];

const UP = true;
const DOWN = false;
const PATH_RD = [0xb2, 0x72, 0x64];
const PATH_NP = [0xb2, 0x6e, 0x70];
const PATH_DP = [0xb2, 0x64, 0x70];
/** A second segment of the path. */
const LOCATION = [0x02, 0x61, 0x31];
const OSCORE = [0x95, 0x09, 0x00, 0x01, 0x02, 0x03];
const OBJECTS = Array.from({ length: 64 }, () => 0x2c);

const DIALOGUES: readonly (readonly [string, readonly Row[]])[] = [
	["one byte keeps a binding", [[UP, [0x00], "keepalive"]]],
	[
		"a Register and its answer",
		[
			[UP, [0x40, 0x02, 0, 1, ...PATH_RD], "registration"],
			[DOWN, [0x60, 0x41, 0, 1], "registration"],
		],
	],
	[
		"an Update says no more than that the device lives",
		[
			[UP, [0x40, 0x02, 0, 1, ...PATH_RD, ...LOCATION], "keepalive"],
			[DOWN, [0x60, 0x44, 0, 1], "keepalive"],
		],
	],
	[
		"a ping and its Reset",
		[
			[UP, [0x40, 0x00, 0, 1], "keepalive"],
			[DOWN, [0x70, 0x00, 0, 1], "keepalive"],
		],
	],
	[
		"a probe, and the answer that comes much later to the same port",
		[
			[UP, [0x40, 0x02, 0, 1, ...PATH_NP], "probe", 6],
			[DOWN, [0x60, 0x00, 0, 1], "probe", 6],
			[UP, [0x40, 0x00, 0, 2], "keepalive", 5],
			[DOWN, [0x50, 0x44, 9, 9], "probe", 6],
		],
	],
	[
		"a command whose answer comes in a message of its own",
		[
			[DOWN, [0x40, 0x01, 0, 7], "command"],
			[UP, [0x60, 0x00, 0, 7], "command"],
			[UP, [0x40, 0x45, 0, 8], "command"],
			[DOWN, [0x60, 0x00, 0, 8], "command"],
		],
	],
	["a value that the device sends unasked", [[UP, [0x40, 0x02, 0, 1, ...PATH_DP], "command"]]],
	[
		"under OSCORE a long request is a Register, a short one an Update",
		[
			[UP, [0x40, 0x02, 0, 1, ...OSCORE, 0xff, ...OBJECTS], "registration"],
			[UP, [0x40, 0x02, 0, 2, ...OSCORE, 0xff, 1, 2, 3], "keepalive"],
		],
	],
];

for (const [title, rows] of DIALOGUES) {
	test(title, () => {
		const purposes = new Purposes();
		for (const [isUp, bytes, purpose, port = 5] of rows)
			assert.is(purposes.of(Uint8Array.from(bytes), isUp, port), purpose, String(bytes));
	});
}

function segment(flags: number, bytes: readonly number[]): VirtualSegment {
	return { flags, sequence: 1, acknowledgment: 1, payload: Uint8Array.from(bytes), length: 40, offers: 0 };
}

/** CoAP over TCP: length and token length, code, then options. */
const CONNECTION: readonly (readonly [isUp: boolean, flags: number, bytes: readonly number[], purpose: Purpose])[] = [
	[UP, SYN, [], "registration"],
	[DOWN, SYN | ACK, [], "registration"],
	[UP, ACK, [0x00, 0xe1], "registration"],
	[UP, ACK, [0x30, 0x02, ...PATH_RD], "registration"],
	[DOWN, ACK, [0x00, 0x41], "registration"],
	[UP, ACK, [], "registration"],
	[UP, ACK, [0x00, 0xe2], "keepalive"],
	[DOWN, ACK, [0x00, 0xe3], "keepalive"],
	[UP, ACK, [], "keepalive"],
	[DOWN, ACK, [0x30, 0x01, 0xb1, 0x33], "command"],
	[UP, ACK, [0x00, 0x45], "command"],
	[DOWN, ACK, [], "command"],
	[UP, ACK, [0xd0, 0x00, 0x02, ...PATH_RD, ...LOCATION], "keepalive"],
	[UP, FIN | ACK, [], "registration"],
];
test("a connection's segments without data are for what it last carried", () => {
	const purposes = new StreamPurposes();
	for (const [isUp, flags, bytes, purpose] of CONNECTION)
		assert.is(purposes.of(segment(flags, bytes), isUp), purpose, String(bytes));
});

test.run();
