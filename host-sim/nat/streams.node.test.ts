// The two classes of UDP bindings in Linux (nf_conntrack_proto_udp.c), as rows of time; linux-classes.node.test.ts asks
// a kernel for the same.

import { assert, suite } from "#suite";
import { Nat, type NatBehaviour } from "./behaviour.js";
import { DEVICE, OTHER, play, type Row, SERVER, strict } from "./rows.js";
import { SeededRandom } from "./seeded-random.js";

/** The two classes of Linux, with times that are easily told apart. */
const linux: NatBehaviour = {
	...strict,
	stream: { timeoutMs: 120_000, afterMs: 2000 },
	inboundRefresh: true,
	portPreservation: true,
};
const CASES: readonly (readonly [title: string, rows: readonly Row[]])[] = [
	[
		"one request and its answer do not make a stream of Linux",
		[
			[0, "out", DEVICE, SERVER, "a"],
			[100, "in", "a", SERVER, DEVICE],
			[30_099, "in", "a", SERVER, DEVICE],
			// The first answer itself makes none, this one does: what refreshes is judged by what was before.
			[150_098, "in", "a", SERVER, DEVICE],
		],
	],
	[
		"a first answer that comes late does not make a stream of Linux",
		[
			[0, "out", DEVICE, SERVER, "a"],
			[3_000, "in", "a", SERVER, DEVICE],
			[33_000, "in", "a", SERVER, "expired"],
		],
	],
	[
		"two exchanges more than two seconds apart make a stream of Linux",
		[
			[0, "out", DEVICE, SERVER, "a"],
			[100, "in", "a", SERVER, DEVICE],
			[2_001, "out", DEVICE, SERVER, "a"],
			[122_000, "in", "a", SERVER, DEVICE],
			[242_000, "in", "a", SERVER, "expired"],
		],
	],
	[
		"two exchanges within two seconds make none",
		[
			[0, "out", DEVICE, SERVER, "a"],
			[100, "in", "a", SERVER, DEVICE],
			[2_000, "out", DEVICE, SERVER, "a"],
			[32_000, "in", "a", SERVER, "expired"],
		],
	],
	[
		"without an answer no traffic makes a stream of Linux",
		[
			[0, "out", DEVICE, SERVER, "a"],
			[20_000, "out", DEVICE, SERVER, "a"],
			[40_000, "out", DEVICE, SERVER, "a"],
			[70_000, "in", "a", SERVER, "expired"],
		],
	],
	[
		"a stream and a fresh binding die each in its own time, whichever was used last",
		[
			[0, "out", DEVICE, SERVER, "a"],
			[100, "in", "a", SERVER, DEVICE],
			[3_000, "out", DEVICE, SERVER, "a"],
			[10_000, "out", OTHER, SERVER, "b"],
			[40_000, "in", "b", SERVER, "expired"],
			[122_999, "in", "a", SERVER, DEVICE],
			[242_999, "in", "a", SERVER, "expired"],
		],
	],
	[
		"a stream that was rebound is a fresh binding at another port",
		[
			[0, "out", DEVICE, SERVER, "a"],
			[100, "in", "a", SERVER, DEVICE],
			[3_000, "out", DEVICE, SERVER, "a"],
			[10_000, "rebind"],
			[20_000, "in", "a", SERVER, "rebound"],
			[30_000, "out", DEVICE, SERVER, "b"],
			[60_000, "in", "b", SERVER, "expired"],
		],
	],
	[
		"a stream that expired comes back at the port it had",
		[
			[0, "out", DEVICE, SERVER, "a"],
			[100, "in", "a", SERVER, DEVICE],
			[3_000, "out", DEVICE, SERVER, "a"],
			[123_000, "in", "a", SERVER, "expired"],
			[124_000, "out", DEVICE, SERVER, "a"],
		],
	],
];

const test = suite("nat/streams");
for (const [title, rows] of CASES) test(title, () => assert.equal(play(new Nat(linux, new SeededRandom(1)), rows), []));
test.run();
