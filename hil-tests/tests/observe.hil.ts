// Observation: a changing value arrives by itself, and stops when nobody wants it any more.

import { assert } from "#suite";
import type { Bench } from "../rig/board.js";
import { hil } from "../rig/suite.js";
import { pause, register } from "./steps.js";

/** The pressure changes each second. */
const PRESSURE = "/3323/0/5700";
const NOTIFICATION_MS = 10_000;

async function notification({ backend }: Bench, since: number): Promise<string> {
	const event = await backend.event(({ name }) => name === "NOTIFICATION", { within: NOTIFICATION_MS, since });
	return JSON.stringify(event.data);
}

hil("a changing value is notified, each time another one", { needs: ["link"] }, async (bench) => {
	const { backend } = bench;
	const name = await register(bench);
	assert.ok((await backend.ask("POST", name, `${PRESSURE}/observe`)).success);
	const values = new Set<string>();
	for (let turn = 0; turn < 3; turn++) values.add(await notification(bench, backend.events.length));
	assert.is(values.size, 3);
});

hil("a cancelled observation ends", { needs: ["link"] }, async (bench) => {
	const { backend } = bench;
	const name = await register(bench);
	await backend.ask("POST", name, `${PRESSURE}/observe`);
	await notification(bench, 0);
	assert.ok((await backend.ask("DELETE", name, `${PRESSURE}/observe`, { query: "active" })).success);
	const since = backend.events.length;
	await pause(3000);
	assert.equal(
		backend.events.slice(since).filter(({ name: kind }) => kind === "NOTIFICATION"),
		[],
	);
});

hil("a notification finds its way after the NAT has moved the binding", { needs: ["link"] }, async (bench) => {
	const { board, backend } = bench;
	const name = await register(bench, { keepaliveSeconds: 2 });
	await backend.ask("POST", name, `${PRESSURE}/observe`);
	await notification(bench, 0);
	await board.link.rebind();
	await notification(bench, backend.events.length);
});
