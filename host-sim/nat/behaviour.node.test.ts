// RFC 4787 as rows of time. Ports are written as letters: the same letter is the same port, another letter another.

import { assert, suite } from "#suite";
import type { Instant } from "../../firmware/contract.js";
import { defaultBehaviour, Nat, type NatBehaviour, type NatEvent } from "./behaviour.js";
import type { Peer } from "./peer.js";
import { DEVICE, OTHER, play, type Row, SERVER, strict } from "./rows.js";
import { SeededRandom } from "./seeded-random.js";

const SERVER_PORT_2 = "192.0.2.1:5684";
const SERVER_2 = "192.0.2.2:5683";

const SEED = 1;
const free: NatBehaviour = { ...defaultBehaviour, filtering: "endpoint-independent" };

function eventsOf(nat: Nat): NatEvent[] {
	const events: NatEvent[] = [];
	for (let event = nat.pollEvent(); event !== undefined; event = nat.pollEvent()) events.push(event);
	return events;
}

const CASES: readonly (readonly [title: string, behaviour: NatBehaviour, rows: readonly Row[]])[] = [
	[
		"endpoint-independent mapping uses one port for every destination (4.1)",
		free,
		[
			[0, "out", DEVICE, SERVER, "a"],
			[1, "out", DEVICE, SERVER_PORT_2, "a"],
			[2, "out", DEVICE, SERVER_2, "a"],
			[3, "out", OTHER, SERVER, "b"],
		],
	],
	[
		"address-dependent mapping uses one port for each remote address (4.1)",
		{ ...free, mapping: "address-dependent" },
		[
			[0, "out", DEVICE, SERVER, "a"],
			[1, "out", DEVICE, SERVER_PORT_2, "a"],
			[2, "out", DEVICE, SERVER_2, "b"],
		],
	],
	[
		"address-and-port-dependent mapping uses one port for each destination (4.1)",
		strict,
		[
			[0, "out", DEVICE, SERVER, "a"],
			[1, "out", DEVICE, SERVER_PORT_2, "b"],
			[2, "out", DEVICE, SERVER_2, "c"],
			[3, "out", DEVICE, SERVER, "a"],
		],
	],
	[
		"endpoint-independent filtering lets anybody in (5)",
		free,
		[
			[0, "out", DEVICE, SERVER, "a"],
			[1, "in", "a", SERVER_2, DEVICE],
		],
	],
	[
		"address-dependent filtering lets every port of a known address in (5)",
		{ ...free, filtering: "address-dependent" },
		[
			[0, "out", DEVICE, SERVER, "a"],
			[1, "in", "a", SERVER_PORT_2, DEVICE],
			[2, "in", "a", SERVER_2, "filtered"],
		],
	],
	[
		"address-and-port-dependent filtering lets only the exact peer in (5)",
		defaultBehaviour,
		[
			[0, "out", DEVICE, SERVER, "a"],
			[1, "in", "a", SERVER, DEVICE],
			[2, "in", "a", SERVER_PORT_2, "filtered"],
			[3, "in", "a", SERVER_2, "filtered"],
			[4, "out", DEVICE, SERVER_2, "a"],
			[5, "in", "a", SERVER_2, DEVICE],
		],
	],
	[
		"the filter forgets a peer of its own time although the mapping lives on",
		defaultBehaviour,
		[
			[0, "out", DEVICE, SERVER, "a"],
			[20_000, "out", DEVICE, SERVER_2, "a"],
			[29_999, "in", "a", SERVER, DEVICE],
			[30_000, "in", "a", SERVER, "filtered"],
			[30_000, "in", "a", SERVER_2, DEVICE],
		],
	],
	[
		"a binding lives up to its time-out and dies on it (4.3)",
		strict,
		[
			[0, "out", DEVICE, SERVER, "a"],
			[29_999, "in", "a", SERVER, DEVICE],
			[30_000, "in", "a", SERVER, "expired"],
		],
	],
	[
		"outbound traffic refreshes a binding (4.3, REQ-6)",
		strict,
		[
			[0, "out", DEVICE, SERVER, "a"],
			[25_000, "out", DEVICE, SERVER, "a"],
			[50_000, "out", DEVICE, SERVER, "a"],
			[79_999, "in", "a", SERVER, DEVICE],
			[80_000, "in", "a", SERVER, "expired"],
		],
	],
	[
		"inbound traffic alone does not refresh a binding",
		strict,
		[
			[0, "out", DEVICE, SERVER, "a"],
			[15_000, "in", "a", SERVER, DEVICE],
			[29_000, "in", "a", SERVER, DEVICE],
			[30_000, "in", "a", SERVER, "expired"],
		],
	],
	[
		"inbound traffic refreshes a binding where that is chosen",
		{ ...strict, inboundRefresh: true },
		[
			[0, "out", DEVICE, SERVER, "a"],
			[25_000, "in", "a", SERVER, DEVICE],
			[54_999, "in", "a", SERVER, DEVICE],
			[84_999, "in", "a", SERVER, "expired"],
		],
	],
	[
		"a datagram that the filter stops refreshes nothing",
		{ ...strict, inboundRefresh: true },
		[
			[0, "out", DEVICE, SERVER, "a"],
			[25_000, "in", "a", SERVER_2, "filtered"],
			[30_000, "in", "a", SERVER, "expired"],
		],
	],
	[
		"after its time-out a binding comes back at another port",
		strict,
		[
			[0, "out", DEVICE, SERVER, "a"],
			[30_000, "out", DEVICE, SERVER, "b"],
			[30_001, "in", "a", SERVER, "expired"],
			[30_002, "in", "b", SERVER, DEVICE],
		],
	],
	[
		"a rebinding changes every port at once and the old ones are dead",
		strict,
		[
			[0, "out", DEVICE, SERVER, "a"],
			[1, "out", OTHER, SERVER, "b"],
			[2, "rebind"],
			[3, "in", "a", SERVER, "rebound"],
			[4, "in", "b", SERVER, "rebound"],
			[5, "out", DEVICE, SERVER, "c"],
			[6, "out", OTHER, SERVER, "d"],
			[7, "in", "c", SERVER, DEVICE],
			[8, "in", "d", SERVER, OTHER],
		],
	],
	[
		"a rebinding refreshes nothing",
		strict,
		[
			[0, "out", DEVICE, SERVER, "a"],
			[20_000, "rebind"],
			[30_000, "out", DEVICE, SERVER, "b"],
			[30_001, "in", "a", SERVER, "rebound"],
		],
	],
	[
		"after a reboot only traffic from inside makes a mapping again",
		strict,
		[
			[0, "out", DEVICE, SERVER, "a"],
			[1, "reboot"],
			[2, "in", "a", SERVER, "forgotten"],
			[3, "out", DEVICE, SERVER, "b"],
			[4, "in", "b", SERVER, DEVICE],
		],
	],
	[
		"a retired port is unknown once its holding time is over (RFC 6888, REQ-8)",
		{ ...strict, portHoldMs: 120_000 },
		[
			[0, "out", DEVICE, SERVER, "a"],
			[149_999, "in", "a", SERVER, "expired"],
			[150_000, "in", "a", SERVER, "no-mapping"],
		],
	],
	[
		"a full table refuses new mappings and keeps the old ones",
		{ ...strict, mappingCount: 1 },
		[
			[0, "out", DEVICE, SERVER, "a"],
			[1, "out", OTHER, SERVER, "table-full"],
			[2, "in", "a", SERVER, DEVICE],
			[30_000, "out", OTHER, SERVER, "b"],
		],
	],
	[
		"a held port is not given to another host although no other is free",
		{ ...strict, firstPort: 50_000, lastPort: 50_000 },
		[
			[0, "out", DEVICE, SERVER, "a"],
			[1, "out", OTHER, SERVER, "no-port"],
			[30_000, "out", OTHER, SERVER, "no-port"],
			[150_000, "out", OTHER, SERVER, "a"],
		],
	],
	[
		"where UDP is blocked nothing goes out and nothing comes in",
		{ ...strict, blocksUdp: true },
		[[0, "out", DEVICE, SERVER, "udp-blocked"]],
	],
	[
		"the peers that one mapping remembers are bounded, the one sent to longest ago goes first",
		{ ...defaultBehaviour, contactCount: 2 },
		[
			[0, "out", DEVICE, SERVER, "a"],
			[1, "out", DEVICE, SERVER_2, "a"],
			[2, "out", DEVICE, SERVER, "a"],
			[3, "out", DEVICE, SERVER_PORT_2, "a"],
			[4, "in", "a", SERVER_2, "filtered"],
			[5, "in", "a", SERVER, DEVICE],
			[6, "in", "a", SERVER_PORT_2, DEVICE],
		],
	],
];

const test = suite("nat/behaviour");

for (const [title, behaviour, rows] of CASES) {
	test(title, () => assert.equal(play(new Nat(behaviour, new SeededRandom(SEED)), rows), []));
}

test("port preservation gives the inside port where it is free, and the same again after a time-out (4.2.1)", () => {
	const nat = new Nat({ ...strict, portPreservation: true }, new SeededRandom(SEED));
	const portOf = (now: Instant, inside: Peer): number | undefined => {
		const verdict = nat.handleOutbound(now, inside, SERVER);
		return typeof verdict === "string" ? undefined : verdict.port;
	};
	assert.is(portOf(0, DEVICE), 5683);
	assert.is.not(portOf(1, OTHER), 5683, "the second host with the same inside port");
	assert.is(portOf(40_000, DEVICE), 5683, "its own held port");
	nat.rebind(40_001);
	assert.is.not(portOf(40_002, DEVICE), 5683, "a rebinding changes a preserved port too");
});

test("what an observer is told of a binding's end is what a datagram then meets, and refreshes nothing", () => {
	const nat = new Nat(strict, new SeededRandom(SEED));
	const mapping = nat.handleOutbound(0, DEVICE, SERVER);
	if (typeof mapping === "string") throw new Error(mapping);
	for (const now of [0, 10_000, 29_999]) assert.is(nat.opensUntil(now, mapping.port, SERVER), 30_000);
	assert.is(nat.opensUntil(29_999, mapping.port, SERVER_2), undefined);
	assert.is(nat.opensUntil(30_000, mapping.port, SERVER), undefined);
});

test("each end is counted by its reason", () => {
	const nat = new Nat(strict, new SeededRandom(SEED));
	play(nat, CASES.find(([title]) => title.startsWith("a rebinding changes"))![2]);
	assert.is(nat.refused.rebound, 2);
	nat.handleInbound(10, 1, SERVER);
	assert.is(nat.refused["no-mapping"], 1);
	assert.is(nat.refused.expired, 0);
});

test("a port that the shell cannot have is replaced by another and left alone", () => {
	const nat = new Nat({ ...strict, firstPort: 50_000, lastPort: 50_001 }, new SeededRandom(SEED));
	const mapping = nat.handleOutbound(0, DEVICE, SERVER);
	if (typeof mapping === "string") throw new Error(mapping);
	const taken = mapping.port;
	nat.handlePortTaken(1, taken);
	assert.is(mapping.port, taken === 50_000 ? 50_001 : 50_000);
	assert.is(nat.handleInbound(2, taken, SERVER), "no-mapping");
	assert.is(nat.handleOutbound(3, OTHER, SERVER), "no-port");
});

test("the events let a shell hold exactly the ports that matter", () => {
	const nat = new Nat({ ...strict, portHoldMs: 120_000 }, new SeededRandom(SEED));
	const mapping = nat.handleOutbound(0, DEVICE, SERVER);
	if (typeof mapping === "string") throw new Error(mapping);
	const inside = DEVICE;
	const port = mapping.port;
	assert.equal(eventsOf(nat), [{ kind: "opened", port, inside }]);
	nat.handleTimeout(30_000);
	assert.equal(eventsOf(nat), [{ kind: "retired", port, inside, why: "expired" }]);
	nat.handleTimeout(150_000);
	assert.equal(eventsOf(nat), [{ kind: "released", port }]);
});

test("the ports held after their mapping are bounded, the longest held goes first", () => {
	const nat = new Nat({ ...strict, retiredCount: 1 }, new SeededRandom(SEED));
	const mapping = nat.handleOutbound(0, DEVICE, SERVER);
	if (typeof mapping === "string") throw new Error(mapping);
	const first = mapping.port;
	nat.rebind(1);
	nat.rebind(2);
	assert.is(nat.handleInbound(3, first, SERVER), "no-mapping");
	assert.equal(
		eventsOf(nat).filter(({ kind }) => kind === "released"),
		[{ kind: "released", port: first }],
	);
});

const TIMEOUTS: readonly (readonly [title: string, until: (nat: Nat) => void, expected: Instant])[] = [
	["an idle NAT never", () => {}, Infinity],
	["a mapping at its time-out", (nat) => nat.handleOutbound(5, DEVICE, SERVER), 30_005],
	[
		"the earliest of two mappings, also after the first was refreshed",
		(nat) => {
			nat.handleOutbound(0, DEVICE, SERVER);
			nat.handleOutbound(10, OTHER, SERVER);
			nat.handleOutbound(20, DEVICE, SERVER);
		},
		30_010,
	],
	[
		"a held port at its release",
		(nat) => {
			nat.handleOutbound(0, DEVICE, SERVER);
			nat.handleTimeout(30_000);
		},
		150_000,
	],
];
for (const [title, until, expected] of TIMEOUTS) {
	test(`falls due: ${title}`, () => {
		const nat = new Nat(strict, new SeededRandom(SEED));
		until(nat);
		assert.is(nat.pollTimeout(), expected);
	});
}

test("the same seed gives the same ports, another seed others", () => {
	const portsOf = (seed: number): number[] => {
		const nat = new Nat(defaultBehaviour, new SeededRandom(seed));
		return Array.from({ length: 8 }, (_, host) => {
			const mapping = nat.handleOutbound(host, `10.0.1.${host}:5683`, SERVER);
			return typeof mapping === "string" ? 0 : mapping.port;
		});
	};
	assert.equal(portsOf(7), portsOf(7));
	assert.is(new Set(portsOf(7)).size, 8);
	assert.not.equal(portsOf(7), portsOf(8));
});

test.run();
