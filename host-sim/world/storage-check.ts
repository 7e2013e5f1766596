// What devices keep: a set point that was written, created or deleted, and acknowledged, is so after each start.

import type { Model } from "../../firmware/lwm2m/model.js";
import type { SimulatedDevice } from "./device.js";
import { KEPT_COUNT, keptState } from "./machine.js";
import { Violation } from "./violation.js";

/** The states that a set point went through since the last start. */
interface History {
	states: string[];
	/** The state that was acknowledged last: nothing older may come back. */
	acknowledged: number;
}

export class StorageCheck {
	readonly #histories = new Map<SimulatedDevice, History[]>();

	/** The machine heard of a new state, before it was stored. */
	handleChanging(device: SimulatedDevice, instanceId: number, state: string): void {
		this.#histories.get(device)?.[instanceId]?.states.push(state);
	}

	/** The back end was told that a state is so. */
	handleAcknowledged(device: SimulatedDevice, instanceId: number, state: string): void {
		const history = this.#histories.get(device)?.[instanceId];
		if (history === undefined) return;
		// The same state may have come again: the first one since the last acknowledgement was surely meant.
		const at = history.states.indexOf(state, history.acknowledged + 1);
		if (at > 0) history.acknowledged = at;
	}

	/**
	 * The device starts, and has read what it keeps; from now on that is so. But what was under way at a power cut may
	 * yet come: where flash refuses at the start, the journal cannot tidy up, and weak bits may read otherwise next time.
	 */
	handleStarted(device: SimulatedDevice, model: Model): void {
		const old = this.#histories.get(device);
		const histories: History[] = [];
		for (let id = 0; id < KEPT_COUNT; id++) {
			const state = keptState(model, id);
			const { states, acknowledged } = old?.[id] ?? { states: [state], acknowledged: 0 };
			const at = states.indexOf(state, acknowledged);
			if (at < 0)
				throw new Violation(`${device.name} starts with ${state} at /3308/${id}, after ${states[acknowledged]}`);
			histories.push({ states: [state, ...states.slice(at + 1)], acknowledged: 0 });
		}
		this.#histories.set(device, histories);
	}
}
