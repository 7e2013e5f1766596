// The policies that are compared: ours with its own server and with a stock one, the oracle, and the peers.

import type { Host, Party, Service, ServiceNetwork } from "../world/reach-types.js";
import { type Cell, rebindingSeconds } from "./cell.js";
import { driverOf } from "./drivers.js";
import { cheapest, type Schedule, type Weight, weights } from "./oracle.js";
import { OracleDriver, oraclePeer } from "./oracle-driver.js";
import { PeerService } from "./peer-service.js";
import { OSCORE, type Peer, peers } from "./peers.js";

export interface Policy {
	readonly name: string;
	readonly title: string;
	readonly source: string;
	/** It runs on a system with Linux' TCP; ours is lwIP's. */
	readonly isLinux?: boolean;
	/** The firmware itself; the others are drivers. */
	readonly isOurs: boolean;
	/** Ours: the server offers what only our back end has. */
	readonly isElective?: boolean;
	party?(cell: Cell, host: Host): Party;
	service?(cell: Cell, network: ServiceNetwork): Service;
}

export const OURS = "pinhole";
export const OURS_STOCK = "pinhole-stock";

/** In the order of the tables. */
export const policies: readonly Policy[] = [
	{
		name: OURS,
		title: "Pinhole",
		source: "the firmware of this project with the back end of this project",
		isOurs: true,
		isElective: true,
	},
	{
		name: OURS_STOCK,
		title: "Pinhole, stock server",
		source: "the firmware of this project with a server that knows LwM2M and nothing of reach",
		isOurs: true,
		isElective: false,
	},
	...peers.map(policyOf),
];

/** The oracle as a policy: only for the test that its schedule can be kept. */
export function oraclePolicy(): Policy {
	return {
		name: "oracle",
		title: oraclePeer.title,
		source: oraclePeer.source,
		isOurs: false,
		party: (cell, host) =>
			new OracleDriver(oracleOf(cell), cell.security === "plain" ? weights.update : weights.protectedUpdate, host),
		service: (_cell, network) => new PeerService(network, oraclePeer),
	};
}

/** What the cheapest schedule costs in a cell; `serverAsks`: with a server that knows reach. */
export function oracleOf(cell: Cell, serverAsks = true): Schedule {
	return cheapest({
		lifetimeSeconds: cell.lifetimeSeconds,
		loss: cell.lossPercent / 100,
		rebindingSeconds: rebindingSeconds[cell.rebinding],
		isStream: cell.udp === "blocked",
		isProtected: cell.security === "oscore",
		serverAsks,
	});
}

export function policyNamed(name: string): Policy {
	const found = policies.find((policy) => policy.name === name);
	if (found !== undefined) return found;
	throw new TypeError(`there is no policy "${name}"; there are ${policies.map((policy) => policy.name).join(", ")}`);
}

function policyOf(peer: Peer): Policy {
	const { name, title, source } = peer;
	return {
		name,
		title,
		source,
		isOurs: false,
		isLinux: peer.kind === "stream",
		party: (cell, host) => driverOf(secured(peer, cell), host),
		service: (cell, network) => new PeerService(network, secured(peer, cell)),
	};
}

/** Where our device has OSCORE, so have the registrants; sessions and streams always bring their own security. */
function secured(peer: Peer, { security }: Cell): Peer {
	if (peer.kind !== "registrant" || security === "plain") return peer;
	const { register, keep, keepTells, read } = peer;
	return {
		...peer,
		register: heavier(register),
		keep: keepTells ? heavier(keep) : keep,
		read: { up: read.up + OSCORE.down, down: read.down + OSCORE.up },
	};
}

function heavier({ up, down }: Weight): Weight {
	return { up: up + OSCORE.up, down: down + OSCORE.down };
}
