// What is said beside a miss follows from its result: never of a loss where nothing is lost, and so on.

import { assert, suite } from "#suite";
import { madeUp, type Wanted } from "./made-up.js";
import { OURS_STOCK } from "./policies.js";
import { reasonOf } from "./reasons.js";

const test = suite("reach: reasons");

const UNKNOWN = "not known yet";

/** Cells in short: lifetime, loss, rebinding, back end, NAT, security. */
function cell(loss: number, rebinding: string, backEnd = "stable", nat = "plain", security = "plain"): string {
	return `L120-p${loss}-${rebinding}-open-${backEnd}-${nat}-${security}`;
}

function rebinding(loss: number, security: string, slow: NonNullable<Wanted["recovery"]>["slow"]): string {
	return reasonOf(
		"rebinding",
		madeUp(cell(loss, "hourly", "forgets", "plain", security), { recovery: { slow: slow! } }),
	);
}

for (const [what, loss, security, slow, said] of [
	["the back end went down", 5, "plain", { downs: 1 }, /^the back end was down when the word came/],
	["it moved again", 0, "plain", { moves: 1 }, /^one further move before/],
	["it moved twice again", 0, "plain", { moves: 2 }, /^2 further moves before/],
	["a word was lost", 5, "plain", {}, /^at 5 % loss the word/],
	[
		"the context was gone",
		1,
		"oscore",
		{ isFirstSinceDown: true, registers: 1 },
		/^restarted, the back end has no OSCORE context, .* three times$/,
	],
	["both", 1, "oscore", { downs: 1, registers: 1 }, /^the back end was down .*; restarted, .* three times$/],
	["a copy was a replay", 1, "oscore", { registers: 2 }, /^the copy of an Update .* is a replay/],
	["nothing of that was seen", 0, "plain", {}, /^not known yet$/],
] as const)
	test(`a slow recovery in which ${what} is told so`, () => {
		assert.match(rebinding(loss, security, slow), said);
	});

test("of a recovery that a run of before recorded nothing is guessed", () => {
	const { recovery, ...rest } = madeUp(cell(5, "hourly"), { recovery: {} });
	const { slow: _slow, ...before } = recovery!;
	assert.is(reasonOf("rebinding", { ...rest, recovery: before }), UNKNOWN);
});

for (const [what, loss, nat, said] of [
	["lossy", 5, "plain", "173 s a day: keepalives that were lost in a row let the binding die"],
	["lossless", 0, "plain", UNKNOWN],
] as const)
	test(`a quiet device that is missed in a ${what} network is told why`, () => {
		assert.is(reasonOf("reachable", madeUp(cell(loss, "never", "stable", nat), { reachable: 0.998 })), said);
	});

test("what cannot be seen behind Linux' NAT is named where a device is missed there, and not behind another", () => {
	const missed = { reachable: 0.5, bytesPerDay: 1_000_000 };
	for (const [nat, isNamed] of [
		["linux", true],
		["symmetric", false],
	] as const)
		for (const name of ["reachable", "moving"])
			assert.is(
				reasonOf(name, madeUp(cell(1, "hourly", "stable", nat), missed)).includes("gets its port again"),
				isNamed,
			);
});

test("beside the moving oracle both reachabilities are told, and what a day of being reachable costs", () => {
	const reason = reasonOf(
		"moving",
		madeUp("L3600-p0-5min-open-stable-plain-plain", { reachable: 0.5, bytesPerDay: 20_000 }),
	);
	assert.match(reason, /^50\.0 % reachable, the oracle 31\.7 %: .* reachable 40\.0 kB, the oracle 2\d\.\d kB/);
});

for (const [what, cellName, wanted, said] of [
	[
		"probes",
		cell(1, "never"),
		{ perDay: { probe: 60_000 } },
		"60.0 kB a day for probes that measure and verify the lifetime",
	],
	["Registers", cell(1, "never"), { perDay: { registration: 60_000 } }, "60.0 kB a day for Registers anew"],
	["a wrong bound", cell(1, "never"), { learned: { lower: 30, upper: 40 } }, /believes in 30 to 40 s$/],
	[
		"a short interval",
		cell(1, "never"),
		{ learned: { interval: 20 } },
		/^a keepalive each 20 s, where .* takes \d+ s$/,
	],
	["nothing", cell(1, "never"), {}, UNKNOWN],
] as const)
	test(`of too many bytes that went into ${what} it is said`, () => {
		const reason = reasonOf("quiet", madeUp(cellName, { bytesPerDay: 1_000_000, ...wanted }));
		if (typeof said === "string") assert.is(reason, said);
		else assert.match(reason, said);
	});

test("the Updates of each hour are named only where they weigh", () => {
	const long = "L3600-p0-never-open-stable-plain-oscore";
	assert.match(reasonOf("quiet", madeUp(long, { bytesPerDay: 8_000 })), /each hour an Update of 115 B/);
	assert.ok(!reasonOf("quiet", madeUp(long, { bytesPerDay: 80_000 })).includes("Update"));
});

test("that a refresh comes more often than a word needs to be answered is named where it does", () => {
	const long = "L350-p0-never-open-stable-plain-plain";
	const said = (interval: number): boolean =>
		reasonOf(
			"quiet",
			madeUp(long, { bytesPerDay: 100_000, learned: { upper: 352, interval, kind: "refresh" } }),
		).includes(`each ${2 * interval} s a refresh is one`);
	assert.ok(said(346));
	assert.ok(!said(449));
});

test("a bound that is too low with a stock server is laid to its few commands, and one that is too high is not", () => {
	const stock = (lower: number): string =>
		reasonOf("stock", madeUp(cell(1, "never"), { policy: OURS_STOCK, learned: { lower } }));
	assert.match(stock(60), /^too few of 216 commands/);
	assert.is(stock(200), UNKNOWN);
});

test.run();
