// The supply of a real board: one port of a USB hub, switched by uhubctl.

import type { BoardRow } from "./registry.js";
import { findTool, runTool } from "./tool.js";

/** A supply that can be switched. */
export interface Supply {
	set(on: boolean): Promise<void>;
}

const LIMIT_MS = 10_000;

/** Why this board cannot be cut off its supply, in one sentence; undefined when it can. */
export function whyNoSupply(row: BoardRow): string | undefined {
	if (row.power === undefined) return `rig.json gives ${row.id} no "power".`;
	return findTool("uhubctl") === undefined ? "uhubctl is not in PATH." : undefined;
}

/** The supply of a row that has one. */
export function supplyOf(row: BoardRow, log: string): Supply {
	const { hub, port } = row.power!;
	return {
		async set(on) {
			const words = ["uhubctl", "--location", hub, "--ports", String(port), "--action", on ? "on" : "off"];
			const fault = await runTool(words, { limitMs: LIMIT_MS, log });
			if (fault !== undefined) throw new Error(fault);
		},
	};
}
