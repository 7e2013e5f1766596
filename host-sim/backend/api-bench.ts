// A bench for tests of the HTTP API: requests without a socket, in virtual time.

import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from "fastify";
import { createApi } from "./api.js";
import { Bench, type BenchDevice } from "./bench.js";

/** Unix milliseconds at the bench's beginning. */
export const UNIX_MS = 1_700_000_000_000;

/** An API before a back end with one device, "a". */
export interface Stage {
	readonly bench: Bench;
	readonly device: BenchDevice;
	readonly api: FastifyInstance;
}

/** A new stage. */
export function stage(token?: string): Stage {
	const bench = new Bench();
	const device = bench.register("a", "10.0.0.1:1");
	return { bench, device, api: createApi({ service: bench.service, offsetMs: UNIX_MS, token }) };
}

/** One HTTP request, while the virtual network carries what it causes; `waitMs` lets so much virtual time pass. */
export async function call({ bench, api }: Stage, options: InjectOptions, waitMs = 0): Promise<LightMyRequestResponse> {
	let response: LightMyRequestResponse | undefined;
	const headers = { host: "127.0.0.1:8080", ...options.headers };
	const done = api.inject({ ...options, headers }).then((one) => {
		response = one;
	});
	for (let i = 0; i < 100 && response === undefined; i++) {
		await new Promise(setImmediate);
		bench.exchange();
		if (i === 50) bench.run(waitMs);
	}
	await done;
	return response!;
}

/** A node as the body of a request. */
export function json(node: unknown): InjectOptions {
	return { headers: { "content-type": "application/json" }, payload: JSON.stringify(node) };
}
