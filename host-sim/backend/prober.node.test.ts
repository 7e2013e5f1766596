// The device's own prober at the resource /np, behind a NAT.

import { assert, suite } from "#suite";
import { PROBE_PATHS, type ProbeResult, Prober } from "../../firmware/agent/prober.js";
import { Code } from "../../firmware/coap/codes.js";
import { SeededRandom } from "../nat/seeded-random.js";
import { Bench } from "./bench.js";

const test = suite("backend/prober");

const HOME = "10.0.0.1:1";
/** Of the request for a ticket. */
const PADDING = "12345678";

/** Sockets behind a NAT of Linux's kind: a flow that was not promoted lives no longer than 30 s. */
class Nat {
	readonly #bindings = new Map<string, { path: number; begunAt: number; refreshedAt: number; isPromoted: boolean }>();
	readonly #lifetimeMs: number;
	#port = 20_000;

	constructor(lifetimeMs: number) {
		this.#lifetimeMs = lifetimeMs;
	}

	up(now: number, path: number): string {
		for (const [address, binding] of this.#bindings) {
			if (binding.path !== path) continue;
			if (now - binding.refreshedAt > this.#livesFor(binding)) break;
			binding.refreshedAt = now;
			if (now - binding.begunAt > 2000) binding.isPromoted = true;
			return address;
		}
		const address = `10.0.0.1:${this.#port++}`;
		this.#bindings.set(address, { path, begunAt: now, refreshedAt: now, isPromoted: false });
		return address;
	}

	/** The path of an address that still leads anywhere. */
	down(now: number, address: string): number | undefined {
		const binding = this.#bindings.get(address);
		if (binding === undefined || now - binding.refreshedAt > this.#livesFor(binding)) return undefined;
		binding.refreshedAt = now;
		return binding.path;
	}

	#livesFor({ isPromoted }: { readonly isPromoted: boolean }): number {
		return isPromoted ? this.#lifetimeMs : Math.min(this.#lifetimeMs, 30_000);
	}
}

/** What the device measures behind such a NAT; every `lossEvery`-th datagram is lost. */
function measure(lifetimeMs: number, delaysMs: readonly number[], lossEvery = Number.POSITIVE_INFINITY): ProbeResult[] {
	const bench = new Bench();
	const device = bench.register("a", HOME);
	const nat = new Nat(lifetimeMs);
	const prober = new Prober(new SeededRandom(3), PROBE_PATHS + 1, "192.0.2.1", 5683);
	const out = { bytes: new Uint8Array(1500), length: 0, path: 0 };
	const results: ProbeResult[] = [];
	let count = 0;
	let heard = bench.spoken.length;
	const isLost = (): boolean => ++count % lossEvery === 0;
	for (const delayMs of delaysMs) prober.probe(0, delayMs);
	for (;;) {
		for (let moved = true; moved; ) {
			moved = false;
			if (prober.takeTicketRequest() !== undefined) {
				device.send(bench.now, Code.Post, "/np", [], PADDING);
				bench.exchange();
				prober.handleTicket(bench.now, device.answers.at(-1)!, Buffer.from(device.payloads.at(-1)!, "hex"));
				heard = bench.spoken.length;
			}
			for (let one = prober.pollCommand(); one !== undefined; one = prober.pollCommand())
				if (one.kind === "open") prober.handleOpened(bench.now, one.path);
			while (prober.pollTransmit(bench.now, out)) {
				moved = true;
				const address = nat.up(bench.now, out.path);
				if (!isLost()) bench.receive(address, out.bytes.slice(0, out.length));
			}
			for (; heard < bench.spoken.length; heard++) {
				const { address, bytes } = bench.spoken[heard]!;
				const path = isLost() ? undefined : nat.down(bench.now, address);
				if (path === undefined) continue;
				moved = true;
				prober.handleReceived(bench.now, path, bytes);
			}
			for (let one = prober.pollResult(); one !== undefined; one = prober.pollResult()) results.push(one);
		}
		if (prober.isIdle) return results;
		const at = Math.min(prober.pollTimeout(), bench.nextAt);
		bench.run(at - bench.now);
		prober.handleTimeout(bench.now);
	}
}

const alive = (result: ProbeResult): string =>
	result.kind === "probed" ? `${result.delayMs / 1000} ${result.alive}` : result.kind;

test("six at once tell how long a NAT keeps a binding that it has promoted", () => {
	const results = measure(120_000, [45_000, 70_000, 105_000, 160_000, 240_000, 360_000]);
	assert.equal(results.map(alive), ["45 true", "70 true", "105 true", "160 false", "240 false", "360 false"]);
});

test("and one that is shorter than that of a fresh binding", () => {
	const results = measure(20_000, [15_000, 19_000, 21_000, 25_000]);
	assert.equal(results.map(alive), ["15 true", "19 true", "21 false", "25 false"]);
});

test("bisection comes as close as a second", () => {
	let alives = 10;
	let deads = 900;
	while (deads - alives > 1) {
		const middle = Math.round((alives + deads) / 2);
		if (alive(measure(347_500, [middle * 1000])[0]!) === `${middle} true`) alives = middle;
		else deads = middle;
	}
	assert.equal([alives, deads], [347, 348]);
});

test("more measurements than a ticket opens take another one", () => {
	const delays = Array.from({ length: 16 }, (_, i) => (i + 1) * 10_000);
	const results = measure(85_000, delays)
		.map(alive)
		.sort((left, right) => Number.parseInt(left, 10) - Number.parseInt(right, 10));
	assert.equal(
		results,
		delays.map((delayMs) => `${delayMs / 1000} ${delayMs <= 85_000}`),
	);
});

for (const lossEvery of [3, 4, 5, 7]) {
	test(`where each ${lossEvery}th datagram is lost, no dead binding is called alive`, () => {
		const results = measure(120_000, [60_000, 90_000, 119_000, 122_000, 150_000, 300_000], lossEvery);
		assert.is(results.length, 6);
		for (const result of results) {
			if (result.kind !== "probed" || result.alive !== true) continue;
			assert.ok(result.delayMs <= 120_000, alive(result));
		}
	});
}

test.run();
