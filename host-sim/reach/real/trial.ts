// One contestant behind one real NAT: what silence costs it by the kernel's count, whether a word arrives after it, and
// how long it is cut off when the NAT forgets.

import { setTimeout as pause } from "node:timers/promises";
import { LinuxGateway, type TrackingTimes } from "../../nat/linux-gateway.js";
import type { Contestant, Line } from "./contestants.js";

export interface TrialPlan {
	readonly times: TrackingTimes;
	/** Before anything is counted, for who learns. */
	readonly learnSeconds: number;
	/** Silences, each followed by one word from outside. */
	readonly silences: readonly number[];
	/** How long to wait, at most, for the line to come back after the NAT forgot all; 0: it does not forget. */
	readonly recoverySeconds: number;
}

/** What was seen; bytes and packets are whole IPv4 packets of both directions, of the silences only. */
export interface TrialResult {
	readonly contestant: string;
	readonly times: TrackingTimes;
	readonly silentSeconds: number;
	readonly bytes: number;
	readonly packets: number;
	/** One entry a silence: its length, and whether the word after it arrived. */
	readonly words: readonly { readonly seconds: number; readonly arrived: boolean }[];
	/** Seconds from the forgetting until a word arrived; undefined: not in time, or not tried. */
	readonly recoveredSeconds: number | undefined;
}

/** A word that finds the line open is there in this time, with the start of the program that says it. */
const WORD_MS = 4000;
/** What a word sets off is over after this. */
const CALM_MS = 6000;

/** Runs a plan to its end; the namespaces are removed in any case. */
export async function runTrial(contestant: Contestant, plan: TrialPlan): Promise<TrialResult> {
	const gateway = new LinuxGateway(plan.times);
	let line: Line | undefined;
	try {
		line = await contestant.open(gateway);
		await pause((contestant.learns ? plan.learnSeconds * 1000 : 0) + CALM_MS);
		const words: { seconds: number; arrived: boolean }[] = [];
		const sum = { bytes: 0, packets: 0 };
		for (const seconds of plan.silences) {
			const before = gateway.passed();
			await pause(seconds * 1000);
			const after = gateway.passed();
			for (const way of ["up", "down"] as const) {
				sum.bytes += after[way].bytes - before[way].bytes;
				sum.packets += after[way].packets - before[way].packets;
			}
			words.push({ seconds, arrived: await line.ask(WORD_MS) });
			await pause(CALM_MS);
		}
		const recoveredSeconds = await recover(gateway, line, plan.recoverySeconds);
		const silentSeconds = plan.silences.reduce((total, seconds) => total + seconds, 0);
		return { contestant: contestant.name, times: plan.times, silentSeconds, ...sum, words, recoveredSeconds };
	} finally {
		await line?.close();
		gateway.close();
	}
}

async function recover(gateway: LinuxGateway, line: Line, seconds: number): Promise<number | undefined> {
	if (seconds === 0) return undefined;
	gateway.forget();
	const from = Date.now();
	while (Date.now() - from < seconds * 1000) if (await line.ask(1000)) return (Date.now() - from) / 1000;
	return undefined;
}
