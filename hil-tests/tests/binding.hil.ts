// The pinhole itself: the NAT's binding is kept, and repaired when it is lost, so that the next command arrives.

import { assert } from "#suite";
import type { Bench } from "../rig/board.js";
import { hil } from "../rig/suite.js";
import { pause, register } from "./steps.js";

/** The NAT of these tests forgets fast, and the board is told to check faster. */
const BINDING = { needs: ["link"], bindingLifetimeMs: 3000 } as const;
const KEEPALIVE_SECONDS = 2;
/** One keepalive that fails, its retransmissions, and an Update or a registration. */
const REPAIR_MS = 25_000;
/** A command that finds the binding open is answered in this time. */
const AT_ONCE_SECONDS = 1;

/** Until a command arrives; how long that took, in milliseconds. */
async function untilReached({ backend }: Bench, name: string): Promise<number> {
	const startedAt = Date.now();
	while (!(await backend.reaches(name, "/3/0/0", AT_ONCE_SECONDS))) {
		if (Date.now() - startedAt > REPAIR_MS) throw new Error(`no command arrives since ${REPAIR_MS} ms`);
	}
	return Date.now() - startedAt;
}

hil("is kept over silences longer than its lifetime", BINDING, async (bench) => {
	const { backend } = bench;
	const name = await register(bench, { keepaliveSeconds: KEEPALIVE_SECONDS });
	const address = (await backend.registration(name))?.address;
	for (let turn = 0; turn < 3; turn++) {
		await pause(4000);
		assert.ok(await backend.reaches(name, "/3/0/0", AT_ONCE_SECONDS), `silence ${turn + 1}`);
	}
	assert.is((await backend.registration(name))?.address, address);
});

hil("dies without keepalive: the NAT of this test is a NAT", BINDING, async (bench) => {
	const name = await register(bench, { keepaliveSeconds: 0 });
	await pause(4000);
	assert.not.ok(await bench.backend.reaches(name, "/3/0/0", AT_ONCE_SECONDS));
});

hil("is repaired after the NAT has moved it", BINDING, async (bench) => {
	const { board, backend, note } = bench;
	const name = await register(bench, { keepaliveSeconds: KEEPALIVE_SECONDS });
	const address = (await backend.registration(name))?.address;
	await board.link.rebind();
	note(`repaired after ${await untilReached(bench, name)} ms`);
	assert.is.not((await backend.registration(name))?.address, address);
});

hil("is repaired after the NAT has forgotten it", BINDING, async (bench) => {
	const { board, note } = bench;
	const name = await register(bench, { keepaliveSeconds: KEEPALIVE_SECONDS });
	await board.link.forget();
	note(`repaired after ${await untilReached(bench, name)} ms`);
});

hil("is repaired after the line was silent", { ...BINDING, limitSeconds: 90 }, async (bench) => {
	const { board, note } = bench;
	const name = await register(bench, { keepaliveSeconds: KEEPALIVE_SECONDS });
	await board.link.silence(true);
	await pause(6000);
	await board.link.silence(false);
	note(`repaired after ${await untilReached(bench, name)} ms`);
});

hil("is opened anew when the cable is plugged in again", { ...BINDING, needs: ["cable"] }, async (bench) => {
	const { board, note } = bench;
	const name = await register(bench, { keepaliveSeconds: KEEPALIVE_SECONDS });
	const down = board.console.line(/ network down$/, { within: 5000 });
	await board.link.cable(false);
	await down;
	await pause(4000);
	const up = board.console.line(/ network up /, { within: 20_000 });
	await board.link.cable(true);
	await up;
	note(`repaired after ${await untilReached(bench, name)} ms`);
});
