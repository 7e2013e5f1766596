// What a device runs on when it runs on Node: the same shapes as on a board.

import { randomFillSync } from "node:crypto";
import { lookup } from "node:dns";
import type { Random } from "../../firmware/contract.js";
import type { Resolver as ResolverShape, TimerId } from "../../firmware/io/ecma-419.js";
import type { Provider } from "../../firmware/main.js";
import { nodePrimitives } from "../crypto/node-primitives.js";
import { Tcp } from "./tcp.js";
import { Udp } from "./udp.js";

class Resolver implements ResolverShape {
	resolve({ host, onResolved, onError }: Parameters<ResolverShape["resolve"]>[0]): void {
		lookup(host, { family: 4 }, (error, address) => {
			if (error === null) onResolved(host, address);
			else onError(error);
		});
	}

	close(): void {}
}

/** The system's own random source. */
export const systemRandom: Random = {
	fill(into) {
		randomFillSync(into);
	},
	uint32() {
		return randomFillSync(new Uint32Array(1))[0]!;
	},
};

export const nodeProvider: Provider = {
	udp: { io: Udp },
	tcp: { io: Tcp },
	dns: { io: Resolver },
	timer: {
		set: (callback, delayMs = 0, repeatMs) =>
			repeatMs === undefined ? setTimeout(callback, delayMs) : setInterval(callback, repeatMs),
		// Node's clearTimeout ends an interval, too.
		clear: (id) => clearTimeout(id as (TimerId & NodeJS.Timeout) | undefined),
	},
	time: {
		get ticks() {
			return performance.now();
		},
	},
	random: systemRandom,
	primitives: nodePrimitives,
};
