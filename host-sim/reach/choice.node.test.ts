// The device that takes TCP where it is cheaper, in the world: what that saves, and what a wrong guess costs.

import { assert, suite } from "#suite";
import type { Tcp, TcpConstructor } from "../../firmware/io/ecma-419.js";
import { FirmwareParty } from "../world/reach-device.js";
import type { Host } from "../world/reach-types.js";
import { ReachWorld } from "../world/reach-world.js";
import { cellNamed } from "./cell.js";
import { OURS, policyNamed } from "./policies.js";
import type { Result } from "./result.js";
import { carryOut, natOf, ONE_DAY, THREE_DAYS } from "./trial.js";

const test = suite("reach: choice");

function day(id: string): Result {
	return carryOut({ cell: cellNamed(id), policy: policyNamed(OURS), seed: 1, span: ONE_DAY }, "");
}

for (const [id, kilobytes] of [
	["L30-p0-never-open-stable-plain-plain-T7440", 93.5],
	["L30-p1-never-open-stable-plain-oscore-T3600", 180],
	["L65-p5-never-open-stable-linux-plain-T7440", 89.2],
] as const)
	test(`${id}: a third of the ${kilobytes} kB of UDP at most, and reached all the time`, () => {
		const { silence, commands } = day(id);
		assert.ok(silence.bytesPerDay < 1000 * Math.min(20, kilobytes / 3), `${silence.bytesPerDay} B`);
		assert.ok(silence.reachable >= 0.9999 && commands.reachable >= 0.9999, JSON.stringify(silence));
	});

test("where TCP lives no longer than UDP it is found out within seconds out of reach, and UDP taken again", () => {
	for (const nat of ["plain", "linux", "symmetric"]) {
		const { learnedAtEnd, longestOutageSeconds } = day(`L30-p0-never-open-stable-${nat}-plain`);
		assert.is(learnedAtEnd?.kind, "refresh");
		assert.ok(longestOutageSeconds <= 20, `${nat}: ${longestOutageSeconds} s`);
	}
});

test("a rebinding of TCP is noticed within its interval, and costs the choice", () => {
	const cell = cellNamed("L30-p1-daily-open-stable-plain-plain-T7440");
	const { recovery, learned } = carryOut({ cell, policy: policyNamed(OURS), seed: 1, span: THREE_DAYS }, "");
	assert.ok(recovery!.count > 0 && recovery!.max <= 900, JSON.stringify(recovery));
	assert.is(learned?.longest, 850);
});

/** Half a day behind a NAT that forgets datagrams after half a minute; the device's TCP may be replaced. */
function halfADay(replaced?: { readonly io: TcpConstructor | undefined }): ReachWorld {
	const cell = cellNamed("L30-p0-never-open-stable-plain-plain-T7440");
	const party = (host: Host): FirmwareParty => {
		const { tcp, ...provider } = host.provider;
		const io = replaced === undefined ? tcp?.io : replaced.io;
		const own = { ...host, provider: io === undefined ? provider : { ...provider, tcp: { io } } };
		const options = { lifetimeSeconds: 86_400, keepaliveMs: undefined, elective: undefined, keys: undefined };
		return new FirmwareParty(own, options);
	};
	const world = new ReachWorld({
		seed: 1,
		nat: natOf(cell),
		loss: 0,
		rebinding: "never",
		backend: "stable",
		security: "plain",
		commandsPerDay: 0,
		party,
	});
	world.run(0.5);
	return world;
}

let begun = 0;

/** Begins to connect for ever, as where a firewall drops each segment. */
class Silent implements Tcp {
	constructor() {
		begun++;
	}
	read(): undefined {}
	write(): number {
		return 0;
	}
	close(): void {}
}

test("where no connection comes about the device is back after the first try, and does not try again that day", () => {
	const { outages } = halfADay({ io: Silent }).figures(0);
	assert.is(begun, 1);
	assert.is(outages.length, 1);
	// RFC 6298: a SYN is repeated after 1, 3 and 7 s; then it is given up.
	assert.ok(outages[0]!.ms < 17_000, `${outages[0]!.ms} ms`);
});

test("a board without TCP loses a moment", () => {
	const { outages } = halfADay({ io: undefined }).figures(0);
	assert.ok(outages.length <= 1 && (outages[0]?.ms ?? 0) < 1_000, JSON.stringify(outages));
});

test("a server that takes TCP out of the binding (/1/x/7) is obeyed at once, and for good", () => {
	const world = halfADay();
	const { device, model } = world.parties[0] as FirmwareParty;
	assert.is(device.statuses()[0]!.transport, "tcp");
	model.find(1, 0)!.set("binding", "U");
	device.changed();
	world.run(1 / 1440);
	assert.is(device.statuses()[0]!.transport, "udp");
	world.run(0.5);
	assert.is(device.statuses()[0]!.transport, "udp");
	assert.ok(world.sites[0]!.isReachable);
});

test.run();
