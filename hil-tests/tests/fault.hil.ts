// A run that ends by a fault: the board starts anew by itself, and the back end learns why.

import { assert } from "#suite";
import { hil } from "../rig/suite.js";
import { REGISTER_MS, register } from "./steps.js";

/** What the board is told to fail by, and the error code (/3/0/11) of it. */
const FAULTS: readonly (readonly [fault: string, code: number])[] = [
	["memory full", 5],
	["stack overflow", 17],
	["unhandled exception", 18],
];
/** Where nobody could record what it was. */
const WATCHDOG = 16;
const START_MS = 60_000;

// Only a test build, which can also "advance", fails on request.
for (const [fault, code] of FAULTS) {
	hil(`after ${fault} the board registers again and tells the back end`, { needs: ["advance"] }, async (bench) => {
		const { board, backend } = bench;
		const name = await register(bench);
		const provoke = () => board.console.request("objects write", { path: "/33100/0/9", value: fault });
		const banner = await board.restarts(provoke, { within: START_MS, crash: true });
		assert.is(banner.reset, "watchdog");
		if (banner.cause !== undefined) assert.ok(banner.cause.startsWith(fault), banner.cause);
		await board.event("registered", { within: REGISTER_MS });
		assert.is(await backend.read(name, "/33100/0/0"), "watchdog");
		const errorCode = Number(await backend.read(name, "/3/0/11/0"));
		assert.is(errorCode, banner.cause === undefined ? WATCHDOG : code);
		assert.ok((await backend.ask("POST", name, "/3/0/12")).success);
		assert.is(Number(await backend.read(name, "/3/0/11/0")), 0, "the back end has taken note");
	});
}
