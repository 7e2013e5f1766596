// TCP bindings of a NAT as rows of time (RFC 5382).

import { assert, suite } from "#suite";
import type { Instant } from "../../firmware/contract.js";
import { Nat, type NatBehaviour } from "./behaviour.js";
import { DEVICE, SERVER, strict } from "./rows.js";
import { SeededRandom } from "./seeded-random.js";
import { ACK, FIN, RST, SYN } from "./tcp-flags.js";

const test = suite("nat/connections");

const SEED = 1;

/** A segment from inside leaves from a port, or is refused; from outside it reaches the device, or does not. */
type SegmentRow =
	| readonly [now: Instant, action: "out" | "in", flags: number, expected: string]
	| readonly [now: Instant, action: "rebind" | "reboot"];

const tcp = { establishedMs: 1_000_000, transitoryMs: 60_000, whenForgotten: "silent" } as const;
const silent: NatBehaviour = { ...strict, tcp };
const OPENING: readonly SegmentRow[] = [
	[0, "out", SYN, "a"],
	[100, "in", SYN | ACK, DEVICE],
	[200, "out", ACK, "a"],
];

const SEGMENT_CASES: readonly (readonly [string, NatBehaviour, readonly SegmentRow[]])[] = [
	[
		"a connection that stands lives longer than one that is being opened (RFC 5382, REQ-5)",
		silent,
		[...OPENING, [1_000_199, "out", ACK, "a"], [2_000_198, "in", ACK, DEVICE], [3_000_198, "in", ACK, "expired"]],
	],
	[
		"a connection that nobody answered is forgotten soon",
		silent,
		[
			[0, "out", SYN, "a"],
			[59_999, "out", SYN, "a"],
			[119_999, "in", SYN | ACK, "expired"],
		],
	],
	[
		"once one end has said that it sends no more a connection is forgotten soon",
		silent,
		[...OPENING, [300, "in", FIN | ACK, DEVICE], [400, "out", ACK, "a"], [60_400, "out", FIN | ACK, "no-mapping"]],
	],
	[
		"a reset ends a binding at once, behind the reset itself",
		silent,
		[...OPENING, [300, "in", RST, DEVICE], [301, "out", ACK, "no-mapping"]],
	],
	["no segment but the first opens a binding", silent, [[0, "out", ACK, "no-mapping"]]],
	[
		"a forgotten connection is reset where the NAT does so, but for a reset",
		{ ...strict, tcp: { ...tcp, whenForgotten: "reset" } },
		[...OPENING, [1_000_200, "out", ACK, "reset"], [1_000_201, "out", RST, "no-mapping"]],
	],
	[
		"a forgotten connection is picked up where the NAT does so, and stands at once",
		{ ...strict, portPreservation: true, tcp: { ...tcp, whenForgotten: "picked-up" } },
		[...OPENING, [1_000_200, "out", ACK, "a"], [2_000_199, "in", ACK, DEVICE]],
	],
	[
		"a rebinding ends all connections",
		silent,
		[...OPENING, [300, "rebind"], [400, "in", ACK, "rebound"], [500, "out", ACK, "no-mapping"], [600, "out", SYN, "b"]],
	],
	[
		"a reboot ends all connections",
		silent,
		[...OPENING, [300, "reboot"], [400, "in", ACK, "forgotten"], [500, "out", ACK, "no-mapping"]],
	],
	["what blocks UDP lets TCP through", { ...silent, blocksUdp: true }, [...OPENING, [300, "in", ACK, DEVICE]]],
];

for (const [title, behaviour, rows] of SEGMENT_CASES) {
	test(title, () => {
		const nat = new Nat(behaviour, new SeededRandom(SEED));
		const ports: number[] = [];
		for (const row of rows) {
			if (row.length === 2) {
				nat[row[1]](row[0]);
				continue;
			}
			const [now, action, flags, expected] = row;
			if (action === "in") {
				const verdict = nat.handleTcpInbound(now, ports.at(-1)!, SERVER, flags);
				assert.is(typeof verdict === "string" ? verdict : verdict.inside, expected, `row ${row.join(" ")}`);
				continue;
			}
			const verdict = nat.handleTcpOutbound(now, DEVICE, SERVER, flags);
			if (typeof verdict !== "string" && !ports.includes(verdict.port)) ports.push(verdict.port);
			const text = typeof verdict === "string" ? verdict : String.fromCharCode(97 + ports.indexOf(verdict.port));
			assert.is(text, expected, `row ${row.join(" ")}`);
		}
		assert.is(nat.pollEvent(), undefined, "nobody holds a socket for a connection's port");
	});
}

test.run();
