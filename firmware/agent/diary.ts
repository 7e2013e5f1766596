// What people are told of one server account; nothing in the firmware depends on it.

import { limits } from "../limits.js";
import type { AgentEvent } from "./agent.js";

/** Events until somebody polls them, the oldest out first. */
export class Diary {
	readonly #shortServerId: number;
	readonly #events: AgentEvent[] = [];
	#isSuspect = false;

	constructor(shortServerId: number) {
		this.#shortServerId = shortServerId;
	}

	add(kind: AgentEvent["kind"], detail: string): void {
		if (this.#events.length === limits.eventCount) this.#events.shift();
		this.#events.push({ kind, shortServerId: this.#shortServerId, detail });
	}

	/** The way to the server may be broken: told once, until it is repaired. */
	suspect(detail: string): void {
		if (!this.#isSuspect) this.add("suspect", detail);
		this.#isSuspect = true;
	}

	repaired(): void {
		if (this.#isSuspect) this.add("repaired", "");
		this.#isSuspect = false;
	}

	pollEvent(): AgentEvent | undefined {
		return this.#events.shift();
	}
}

/** Milliseconds as people read them: "75 s". */
export function seconds(milliseconds: number): string {
	return `${Math.round(milliseconds / 1000)} s`;
}
