// The start of a board: what it says of itself, and why it started.

import { assert } from "#suite";
import { hil } from "../rig/suite.js";

const VIRTUAL = ["qemu-riscv32", "xs"];

hil("the first line says what runs on what", {}, async ({ board }) => {
	const { board: name, version, commit, build, endpoint } = board.banner;
	// A chip's ROM writes before we do, and the id of a real board is its owner's choice.
	if (VIRTUAL.includes(board.id)) {
		assert.is(name, board.id);
		assert.match(board.console.transcript(), /^\{"boot":/);
	}
	assert.match(version, /^\d+\.\d+\.\d+$/);
	assert.match(commit, /^[0-9a-f]{7}\+?$/);
	assert.match(build, /^(debug|instrumented|release|test)$/);
	assert.is(endpoint, undefined);
});

hil("the banner tells power-on from restart", { needs: ["power"] }, async ({ board }) => {
	assert.is((await board.power.cycle()).reset, "power-on");
	assert.is((await board.restarts(() => board.console.request("restart"))).reset, "restart");
	assert.is((await board.power.cycle()).reset, "power-on");
});

hil("identity agrees with the banner", {}, async ({ board }) => {
	const identity = await board.console.request("identity");
	for (const name of ["board", "version", "commit", "build"] as const) assert.is(identity[name], board.banner[name]);
});

hil("without settings it waits on the console", {}, async ({ board }) => {
	const status = await board.console.request("status");
	assert.is(status.state, "unprovisioned");
	assert.is(status.provisioned, false);
});

hil("starts are counted over a power cut", { needs: ["power"] }, async ({ board }) => {
	const before = Number((await board.console.request("statistics")).starts);
	await board.power.cycle();
	await board.power.cycle();
	assert.is((await board.console.request("statistics")).starts, before + 2);
});

hil("a person is understood, too", {}, async ({ board }) => {
	const answered = board.console.line(/^state: unprovisioned$/, { within: 5000 });
	await board.console.send("status\n");
	await answered;
});
