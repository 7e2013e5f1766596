// A private network: a few devices behind one NAT with one public address, and the link from there to the back end.

import { type Dependence, defaultBehaviour, dependences, Nat, type NatBehaviour } from "../nat/behaviour.js";
import { addressOf, type Peer, peerOf } from "../nat/peer.js";
import type { Chance } from "./chance.js";
import type { SimulatedDevice } from "./device.js";
import { type Conditions, Link } from "./link.js";

export class Site {
	readonly publicAddress: string;
	readonly nat: Nat;
	readonly up: Link;
	readonly down: Link;
	readonly devices: SimulatedDevice[] = [];
	/** The name server answers. */
	resolves = true;
	/** Devices get sockets. */
	socketsWork = true;

	constructor(publicAddress: string, behaviour: NatBehaviour, conditions: Conditions, chance: Chance) {
		this.publicAddress = publicAddress;
		this.nat = new Nat(behaviour, chance.fork());
		this.up = new Link(conditions, chance.fork());
		this.down = new Link(conditions, chance.fork());
	}

	/** Both directions behave alike. */
	set conditions(conditions: Conditions) {
		this.up.conditions = conditions;
		this.down.conditions = conditions;
	}

	/** The public end that a datagram leaves from; undefined: the NAT refuses. */
	outside(now: number, inside: Peer, remote: Peer): Peer | undefined {
		const mapping = this.nat.handleOutbound(now, inside, remote);
		this.#ignoreEvents();
		return typeof mapping === "string" ? undefined : peerOf(this.publicAddress, mapping.port);
	}

	/** The inside end of a public port; undefined: the NAT drops what comes there. */
	inside(now: number, port: number, remote: Peer): Peer | undefined {
		const mapping = this.nat.handleInbound(now, port, remote);
		this.#ignoreEvents();
		return typeof mapping === "string" ? undefined : mapping.inside;
	}

	/** The device that has an inside end. */
	deviceAt(inside: Peer): SimulatedDevice | undefined {
		const address = addressOf(inside);
		return this.devices.find(({ settings }) => settings.address === address);
	}

	#ignoreEvents(): void {
		while (this.nat.pollEvent() !== undefined);
	}
}

/** A NAT of some kind whose bindings outlive the keepalive interval of the devices behind it. */
export function drawBehaviour(chance: Chance, keepaliveMs: number): NatBehaviour {
	const dependence = (): Dependence => chance.pick(dependences);
	return {
		...defaultBehaviour,
		mapping: dependence(),
		filtering: dependence(),
		udpTimeoutMs: Math.ceil(keepaliveMs * chance.within([1.1, 3])),
		inboundRefresh: chance.happens(0.5),
		portPreservation: chance.happens(0.3),
	};
}
