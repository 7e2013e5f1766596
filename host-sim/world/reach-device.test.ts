// suite: limit=180
// Our firmware and our back end in the world of reachability.

import { assert, suite } from "#suite";
import type { AgentEvent } from "../../firmware/agent/agent.js";
import { natProfiles } from "../nat/profiles.js";
import { AN_HOUR_OF_A_DAY, calm, HOUR, MINUTE } from "./reach-bench.js";
import type { ReachOptions } from "./reach-types.js";
import { ReachWorld } from "./reach-world.js";

const test = suite("world/reach-device");

const CELLS: readonly (readonly [string, Partial<ReachOptions>])[] = [
	["quiet", {}],
	["lossy and moving", { loss: 0.05, rebinding: "hourly" }],
	["behind Linux, with restarts", { nat: natProfiles["linux-30-120"], loss: 0.01, backend: "restarts-without-state" }],
];
const KEEPALIVE_MS = 25_000;

function lived(options: Partial<ReachOptions>, hours = 6): ReachWorld {
	const world = new ReachWorld({ ...calm, keepaliveMs: KEEPALIVE_MS, commandsPerDay: 200, ...options });
	world.run(hours * AN_HOUR_OF_A_DAY);
	return world;
}

for (const [title, options] of CELLS) {
	test(`${title}: our device is reached, and a seed makes the same world on each engine`, () => {
		const { latencies, openCommands, unreachableMs, meter } = lived(options).figures(0);
		assert.ok(latencies.length > 20 && openCommands <= 1, `${latencies.length} answered, ${openCommands} open`);
		assert.ok(unreachableMs < HOUR, `unreachable for ${unreachableMs} ms`);
		const { up, down, byPurpose, wakeUps } = meter;
		suite.record(`figures of ${title}`, JSON.stringify([up, down, byPurpose, wakeUps, unreachableMs, latencies]));
	});

	test(`${title}: the stand-in for cryptography gives the same packets as the real one`, () => {
		const figures = (["oscore", "stand-in"] as const).map((security) => {
			const traffic: number[] = [];
			const onTraffic = (...packet: [number, number, boolean, number]): void =>
				void traffic.push(packet[0], Number(packet[2]), packet[3]);
			const { meter, latencies, unreachableMs } = lived({ ...options, security, onTraffic }, 2).figures(0);
			return { traffic, up: meter.up, down: meter.down, byPurpose: meter.byPurpose, latencies, unreachableMs };
		});
		assert.ok(figures[0]!.traffic.length > 500);
		assert.equal(figures[0], figures[1]);
	});
}

for (const security of ["plain", "stand-in"] as const)
	test(`where UDP is blocked our device is reached over TCP, ${security}`, () => {
		const { latencies, meter } = lived({ nat: natProfiles["udp-blocked"], security }).figures(0);
		assert.ok(latencies.length > 20, `${latencies.length} answered`);
		// The first tries go by UDP, for nothing; then there are segments alone.
		assert.ok(meter.down.bytes > 40 * meter.down.packets, JSON.stringify(meter.down));
	});

test("in Queue Mode, too: what keeps a datagram's binding open would break a stream", () => {
	const kinds: string[] = [];
	const firmware = { binding: "UTQ", onEvent: ({ kind }: AgentEvent) => void kinds.push(kind) };
	const { latencies } = lived({ nat: natProfiles["udp-blocked"], firmware, lifetimeSeconds: 300 }).figures(0);
	assert.ok(latencies.length > 20, `${latencies.length} answered`);
	const awake = kinds.slice(kinds.indexOf("registered"));
	assert.not(awake.includes("suspect") || awake.includes("repaired"), kinds.join(" "));
});

test("what the service asks while its process is down it asks again, and what it knew may be gone", () => {
	for (const backend of ["restarts-with-state", "restarts-without-state"] as const) {
		const { latencies, openCommands } = lived({ backend, commandsPerDay: 2000 }).figures(0);
		assert.ok(latencies.length > 300 && openCommands <= 1, `${latencies.length} answered, ${openCommands} open`);
	}
});

test("without a keepalive our device is lost half a minute after its last word", () => {
	const world = lived({ keepaliveMs: Infinity, commandsPerDay: 0 });
	const { unreachableMs } = world.figures(0);
	assert.ok(unreachableMs > 6 * HOUR - 2 * MINUTE, `unreachable for ${unreachableMs} ms`);
});

test("each purpose has its share: registration, keepalive and commands add up to all", () => {
	const { meter } = lived({ security: "stand-in" }).figures(0);
	const shares = Object.values(meter.byPurpose);
	assert.is(
		shares.reduce((sum, { bytes }) => sum + bytes, 0),
		meter.bytes,
	);
	for (const purpose of ["registration", "keepalive", "command"] as const)
		assert.ok(meter.byPurpose[purpose].packets > 1, purpose);
	assert.ok(meter.byPurpose.keepalive.packets > 1000, "Updates are keepalives");
});

test.run();
