// The drivers of the peers spend in the world what the peers spent behind a real NAT, and fail where they failed.

import { assert, suite } from "#suite";
import { type Cell, cellNamed } from "./cell.js";
import { policyNamed } from "./policies.js";
import type { Result } from "./result.js";
import { carryOut, ONE_DAY } from "./trial.js";

const test = suite("reach: peers");

function day(policy: string, id: string): Result {
	const cell: Cell = cellNamed(id);
	return carryOut({ cell, policy: policyNamed(policy), seed: 1, span: ONE_DAY }, "");
}

const LONG = "L3600-p0-never-open-stable-plain-plain";
const HOURS = 24;
/** A quarter of a day does not hold a whole number of intervals. */
const ALIKE = 0.03;

/** Measured: bytes an hour of an idle client, both directions, IPv4 headers included. */
const MEASURED: readonly (readonly [policy: string, bytesPerHour: number])[] = [
	["wakaama", 1_340],
	["mqtt-60", 12_200],
	["mqtt-25", 29_400],
];

for (const [policy, bytesPerHour] of MEASURED)
	test(`${policy} spends ${bytesPerHour} bytes an hour as measured`, () => {
		const ratio = day(policy, LONG).silence.bytesPerDay / HOURS / bytesPerHour;
		assert.ok(Math.abs(ratio - 1) < ALIKE, `${ratio.toFixed(3)} times as many`);
	});

test("Anjay says nothing in the quarter of a day after its Register", () => {
	assert.is(day("anjay", LONG).silence.bytesPerDay, 0);
});

test("Wakaama behind a binding of 30 s is reached for as long as that after each Update, and then not", () => {
	const { reachable } = day("wakaama", "L30-p0-never-open-stable-plain-plain").silence;
	assert.ok(Math.abs(reachable - 30 / 207) < 0.005, String(reachable));
});

test("a ping that tells no address leaves a device that was rebound unreachable", () => {
	const { longestOutageSeconds } = day("ping-25", "L120-p0-hourly-open-stable-plain-plain");
	assert.ok(longestOutageSeconds > 40_000, String(longestOutageSeconds));
});

test("MQTT is back within its keepalive after a rebinding behind Linux, within twice that elsewhere", () => {
	const { recovery } = day("mqtt-60", "L3600-p0-hourly-open-stable-linux-plain");
	assert.ok(recovery!.count > 10 && recovery!.max <= 62, JSON.stringify(recovery));
	// A NAT that is silent about a connection that it forgot lets the ping time out first.
	const { max } = day("mqtt-60", "L3600-p0-hourly-open-stable-plain-plain").recovery!;
	assert.ok(max > 62 && max <= 122, String(max));
});

test("where UDP is blocked only the stream gets through", () => {
	const id = "L120-p0-never-blocked-stable-plain-plain";
	assert.is(day("update-25", id).silence.reachable, 0);
	assert.is(day("mqtt-60", id).silence.reachable, 1);
});

test.run();
