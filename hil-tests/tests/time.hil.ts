// A day of virtual time across each wrap of the 32-bit tick counter: nothing stops, nothing happens twice.

import { assert } from "#suite";
import { hil } from "../rig/suite.js";
import { pause, register } from "./steps.js";

const HOUR_MS = 3_600_000;
/** What `time advance` takes at once. */
const LONGEST_STEP_MS = 2 ** 31 - 1;
const STEP_MINUTES = 15;
/** To whoever learns, time that jumps is a network that answers late. */
const KEEPALIVE_SECONDS = 21;
/** After weeks at once the device has something to say to its server. */
const SETTLE_MS = 2000;

/** The counter is signed: it jumps to its least value, and later from -1 to 0. */
const WRAPS: readonly (readonly [name: string, atMs: number])[] = [
	["from 2^31 - 1 to -2^31", 2 ** 31],
	["from -1 to 0", 2 ** 32],
];

for (const [name, atMs] of WRAPS) {
	hil(`24 h that begin 12 h before the ticks go ${name}`, { needs: ["advance"], limitSeconds: 180 }, async (bench) => {
		const { board, backend } = bench;
		// Only now: a start begins with the board's own ticks again.
		const name = await register(bench, { keepaliveSeconds: KEEPALIVE_SECONDS });
		const ticks = async () => Number((await board.console.request("statistics")).ticks);
		const toGoMs = (atMs - 12 * HOUR_MS - (await ticks()) + 2 ** 32) % 2 ** 32;
		for (let leftMs = toGoMs; leftMs > 0; leftMs -= LONGEST_STEP_MS) {
			await board.console.request("time advance", { ms: Math.min(leftMs, LONGEST_STEP_MS) });
		}
		const before = await ticks();
		await pause(SETTLE_MS);
		const since = backend.events.length;
		const uptime = async () => Number((await board.console.request("status")).uptimeSeconds);
		const startedAt = await uptime();
		for (let minutes = 0; minutes < 24 * 60; minutes += STEP_MINUTES) {
			await board.advance(`${STEP_MINUTES}m`);
			// The Read follows what the device has sent because of the time: an Update, a check of the binding.
			assert.is(await backend.read(name, "/3/0/0"), "Pinhole", `after ${minutes + STEP_MINUTES} min`);
		}
		const passed = (await uptime()) - startedAt;
		assert.ok(before > 0 !== (await ticks()) > 0, `the ticks went from ${before} to ${await ticks()}`);
		assert.ok(passed >= 86_400 && passed < 86_400 + 120, `${passed} s have passed instead of 86,400`);
		const updates = backend.events.slice(since).filter((event) => event.name === "UPDATED").length;
		const registrations = backend.events.slice(since).filter((event) => event.name === "REGISTRATION").length;
		bench.note(`${updates} Updates, ${registrations} registrations`);
		assert.is(registrations, 0, "the registration of the beginning lasts");
		assert.ok(updates >= 23, `${updates} Updates in a day of a lifetime of an hour`);
	});
}
