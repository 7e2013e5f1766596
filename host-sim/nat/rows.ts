// Rows of time for tests of NATs. Ports are written as letters: the same letter is the same port, others are others.

import type { Instant } from "../../firmware/contract.js";
import { defaultBehaviour, type Nat, type NatBehaviour } from "./behaviour.js";
import type { Peer } from "./peer.js";

export const DEVICE = "10.0.0.2:5683";
export const OTHER = "10.0.0.3:5683";
export const SERVER = "192.0.2.1:5683";

/** A port for each destination, dead after half a minute. */
export const strict: NatBehaviour = {
	...defaultBehaviour,
	mapping: "address-and-port-dependent",
	udpTimeoutMs: 30_000,
};

/** Out: which port a datagram leaves from, or why not. In: whom a datagram at a port reaches, or why nobody. */
export type Row =
	| readonly [now: Instant, action: "out", inside: Peer, remote: Peer, expected: string]
	| readonly [now: Instant, action: "in", port: string, remote: Peer, expected: string]
	| readonly [now: Instant, action: "rebind" | "reboot"];

/** Lets a NAT live through some rows, and gives those whose outcome was another one, with it. */
export function play(nat: Nat, rows: readonly Row[]): string[] {
	const ports = new Map<string, number>();
	const letterOf = (port: number): string => {
		for (const [letter, known] of ports) if (known === port) return letter;
		const letter = String.fromCharCode(97 + ports.size);
		ports.set(letter, port);
		return letter;
	};
	const carryOut = (row: Row): string => {
		if (row.length === 2) {
			nat[row[1]](row[0]);
			return row[1];
		}
		const [now, action, from, to] = row;
		const verdict = action === "out" ? nat.handleOutbound(now, from, to) : nat.handleInbound(now, ports.get(from)!, to);
		if (typeof verdict === "string") return verdict;
		return action === "out" ? letterOf(verdict.port) : verdict.inside;
	};
	return rows.flatMap((row) => {
		const outcome = carryOut(row);
		return outcome === (row[4] ?? row[1]) ? [] : `${row.join(" ")}: ${outcome}`;
	});
}
