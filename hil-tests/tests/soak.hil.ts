// Hours of the same work: the heap is as large after them as before.

import { assert } from "#suite";
import { hil } from "../rig/suite.js";
import { register } from "./steps.js";

const PRESSURE = "/3323/0/5700";
const SIMULATED_MINUTES = 240;
/** To whoever learns, time that jumps is a network that answers late. */
const KEEPALIVE_SECONDS = 21;
/** Until caches, buffers and the first observations are there. */
const WARM_UP_MINUTES = 40;
/** The garbage collector runs at least once in it, so that the least figure is what is really in use. */
const WINDOW_MINUTES = 40;

hil(
	"the heap does not grow over four hours of reads, writes and notifications",
	{ needs: ["advance"], limitSeconds: 180 },
	async (bench) => {
		const { board, backend, note } = bench;
		const name = await register(bench, { lifetimeSeconds: 300, keepaliveSeconds: KEEPALIVE_SECONDS });
		await backend.ask("POST", name, `${PRESSURE}/observe`);
		const floors: number[] = [];
		for (let minute = 0; minute < SIMULATED_MINUTES; minute++) {
			await board.advance("1m");
			await backend.read(name, "/3/0/0");
			await backend.write(name, "/3306/0/5850", String(minute % 2 === 0));
			const { heapBytes } = await board.console.request("statistics");
			assert.ok(Number(heapBytes) > 0, "the board tells no heapBytes");
			if (minute < WARM_UP_MINUTES) continue;
			const window = Math.floor((minute - WARM_UP_MINUTES) / WINDOW_MINUTES);
			floors[window] = Math.min(floors[window] ?? Infinity, Number(heapBytes));
		}
		note(`least heap of each ${WINDOW_MINUTES} min: ${floors.join(", ")} B`);
		assert.ok(floors.at(-1)! <= floors[0]!, `the heap grew: ${floors.join(", ")} B`);
	},
);
