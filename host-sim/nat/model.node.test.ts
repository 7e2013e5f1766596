// The NAT against a model that is too simple to be wrong and too slow to be used: lists, searched from end to end.

import { assert, suite } from "#suite";
import type { Instant } from "../../firmware/contract.js";
import { type Dependence, defaultBehaviour, dependences, Nat, type NatBehaviour } from "./behaviour.js";
import { addressOf, type Peer } from "./peer.js";
import { SeededRandom } from "./seeded-random.js";

interface Binding {
	readonly inside: Peer;
	readonly towards: string;
	port: number;
	refreshedAt: Instant;
	readonly contacts: { readonly seen: string; at: Instant }[];
}

interface Held {
	readonly port: number;
	readonly why: string;
	readonly until: Instant;
}

const seen = (remote: Peer, how: Dependence): string =>
	how === "endpoint-independent" ? "*" : how === "address-dependent" ? addressOf(remote) : remote;

/** What a NAT of a given behaviour must say; it takes the ports that the other one drew, if they are free. */
class Model {
	bindings: Binding[] = [];
	held: Held[] = [];
	readonly #is: NatBehaviour;

	constructor(behaviour: NatBehaviour) {
		this.#is = behaviour;
	}

	outbound(now: Instant, inside: Peer, remote: Peer, drawn: number | undefined): string {
		this.#expire(now);
		const towards = seen(remote, this.#is.mapping);
		let binding = this.bindings.find((one) => one.inside === inside && one.towards === towards);
		if (binding === undefined) {
			if (this.bindings.length >= this.#is.mappingCount) return "table-full";
			binding = { inside, towards, port: this.#free(drawn), refreshedAt: now, contacts: [] };
			this.bindings.push(binding);
		}
		this.#refresh(now, binding, remote);
		return String(binding.port);
	}

	inbound(now: Instant, port: number, remote: Peer): string {
		this.#expire(now);
		const binding = this.bindings.find((one) => one.port === port);
		if (binding === undefined) return this.held.find((one) => one.port === port)?.why ?? "no-mapping";
		const contact = binding.contacts.find((one) => one.seen === seen(remote, this.#is.filtering));
		if (contact === undefined || now - contact.at >= this.#is.udpTimeoutMs) return "filtered";
		if (this.#is.inboundRefresh) this.#refresh(now, binding, remote);
		return binding.inside;
	}

	rebind(now: Instant, ports: ReadonlyMap<string, number>): void {
		this.#expire(now);
		for (const binding of this.bindings) {
			this.held.push({ port: binding.port, why: "rebound", until: now + this.#is.portHoldMs });
			const port = ports.get(`${binding.inside}>${binding.towards}`);
			assert.is.not(port, binding.port);
			binding.port = -1;
			binding.port = this.#free(port);
		}
	}

	reboot(now: Instant): void {
		this.#expire(now);
		for (const { port } of this.bindings) this.held.push({ port, why: "forgotten", until: now + this.#is.portHoldMs });
		this.bindings = [];
	}

	timeout(): Instant {
		const deaths = this.bindings.map(({ refreshedAt }) => refreshedAt + this.#is.udpTimeoutMs);
		return Math.min(...deaths, ...this.held.map(({ until }) => until));
	}

	#free(port: number | undefined): number {
		assert.ok(port !== undefined && port >= this.#is.firstPort && port <= this.#is.lastPort);
		assert.not.ok(this.bindings.some((one) => one.port === port) || this.held.some((one) => one.port === port));
		return port!;
	}

	#refresh(now: Instant, binding: Binding, remote: Peer): void {
		binding.refreshedAt = now;
		const contact = binding.contacts.find((one) => one.seen === seen(remote, this.#is.filtering));
		if (contact === undefined) binding.contacts.push({ seen: seen(remote, this.#is.filtering), at: now });
		else contact.at = now;
	}

	#expire(now: Instant): void {
		const dead = (one: Binding): boolean => now - one.refreshedAt >= this.#is.udpTimeoutMs;
		for (const { port, refreshedAt } of this.bindings.filter(dead)) {
			this.held.push({ port, why: "expired", until: refreshedAt + this.#is.udpTimeoutMs + this.#is.portHoldMs });
		}
		this.bindings = this.bindings.filter((one) => !dead(one));
		this.held = this.held.filter(({ until }) => now < until);
	}
}

const STEPS = 3000;
const INSIDES: readonly Peer[] = ["10.0.0.2:1", "10.0.0.2:2", "10.0.0.3:1", "10.0.0.4:1", "10.0.0.5:1"];
const REMOTES: readonly Peer[] = ["192.0.2.1:1", "192.0.2.1:2", "192.0.2.2:1"];

function compare(behaviour: NatBehaviour, seed: number): number {
	const random = new SeededRandom(seed);
	const pick = <T>(list: readonly T[]): T => list[random.uint32() % list.length]!;
	const nat = new Nat(behaviour, new SeededRandom(seed + 1));
	const model = new Model(behaviour);
	const known = [0];
	let delivered = 0;
	for (let step = 0, now = 0; step < STEPS; step++, now += random.uint32() % 400) {
		const chance = random.fraction();
		if (chance < 0.005) {
			nat.rebind(now);
			const ports = Array.from(nat.mappings, ({ key, port }): [string, number] => [key.replace(/>$/, ">*"), port]);
			model.rebind(now, new Map(ports));
			known.push(...ports.map(([, port]) => port));
		} else if (chance < 0.01) {
			nat.reboot(now);
			model.reboot(now);
		} else if (chance < 0.4) {
			const [inside, remote] = [pick(INSIDES), pick(REMOTES)];
			const verdict = nat.handleOutbound(now, inside, remote);
			const port = typeof verdict === "string" ? undefined : verdict.port;
			assert.is(String(port ?? verdict), model.outbound(now, inside, remote, port), `step ${step}`);
			if (port !== undefined) known.push(port);
		} else {
			const [port, remote] = [pick(known.slice(-8)), pick(REMOTES)];
			const verdict = nat.handleInbound(now, port, remote);
			const got = typeof verdict === "string" ? verdict : verdict.inside;
			assert.is(got, model.inbound(now, port, remote), `step ${step}`);
			if (got.startsWith("10.")) delivered++;
		}
		assert.is(nat.pollTimeout(), model.timeout(), `step ${step}`);
	}
	return delivered;
}

const test = suite("nat/model");
const seed = Number(process.env.PINHOLE_SEED ?? Math.floor(Math.random() * 2 ** 31));
console.log(`seed ${seed} (repeat with PINHOLE_SEED=${seed})`);
for (const mapping of dependences) {
	for (const filtering of dependences) {
		for (const inboundRefresh of [false, true]) {
			const title = `mapping ${mapping}, filtering ${filtering}, inbound ${inboundRefresh ? "refreshes" : "does not"}`;
			test(title, () => {
				const times = { udpTimeoutMs: 3000, portHoldMs: 12_000 };
				const bounds = { mappingCount: 8, retiredCount: 10_000, contactCount: 16 };
				const delivered = compare(
					{ ...defaultBehaviour, ...times, ...bounds, mapping, filtering, inboundRefresh },
					seed,
				);
				assert.ok(delivered > STEPS / 20, `only ${delivered} datagrams came in: the run proves little`);
			});
		}
	}
}
test.run();
