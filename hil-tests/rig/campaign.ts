// Power cuts by the hundred, at moments that a seed chooses: nothing acknowledged is lost, and no start needs a person.

import type { Reply } from "../../host-sim/console/client.js";
import { ConsoleFailure } from "../../host-sim/console/failure.js";
import type { Bench } from "./board.js";

/** What the board is doing when the power goes. */
export const PHASES = Object.freeze(["provisioning", "registration", "write", "clean-up"] as const);
export type Phase = (typeof PHASES)[number];

/** What one cut did. */
export interface Cut {
	readonly cut: number;
	readonly phase: Phase;
	/** From the beginning of the phase to the cut. */
	readonly afterMs: number;
	/** Whether the board had said yes before it lost power. */
	readonly acknowledged: boolean;
	/** What the flash was doing, where that is known. */
	readonly torn?: string;
	/** Whether it had stored what it could not acknowledge any more. */
	readonly stored: boolean;
	/** From power-on to the banner, and to the registration. */
	readonly bannerMs: number;
	readonly registeredMs: number;
}

/** What a campaign adds up to. */
export interface Summary {
	readonly cuts: number;
	readonly byPhase: Readonly<Record<Phase, number>>;
	readonly acknowledged: number;
	/** Cuts in the midst of a command to the flash. */
	readonly torn: number;
	/** Cuts whose work was not acknowledged and yet was there: it had been stored, and the answer was lost. */
	readonly storedUnheard: number;
	/** What the board had to put in order in its journal, over all starts. */
	readonly recoveries: number;
	readonly worstRegisteredMs: number;
}

/** A resource that outlives a power cut once a Write to it was acknowledged: the motor's application type. */
const WRITTEN = "/3306/0/5750";
const LIFETIME_SECONDS = 3600;
const REGISTER_MS = 30_000;
/** Then the back end gives a Write up: a retransmission must not reach the next run. */
const WRITE_SECONDS = 0.5;
/** How often each phase is drawn, of the sum; to fill a journal takes as long as ten other cuts. */
const WEIGHTS: Readonly<Record<Phase, number>> = { provisioning: 4, registration: 2, write: 4, "clean-up": 1 };
/** Settings written one after the other until the journal has to clean up: more than one of its banks holds. */
const CLEAN_UP_COUNT = 400;
/** So much longer names fill it sooner. */
const LONG_NAME = "-".repeat(48);
/** Moments closer than this to their instant are waited for without a timer. */
const SPIN_MS = 3;

/** One thing that the board must keep: what it has promised, and what was under way when the power went. */
interface Kept {
	promised: string;
	pending: string | undefined;
}

/** A board that is cut off again and again, and what it has promised so far. */
export class Campaign {
	readonly #bench: Bench;
	readonly #phases: readonly Phase[];
	readonly #name: Kept = { promised: "campaign-0", pending: undefined };
	readonly #written: Kept = { promised: "", pending: undefined };
	#count = 0;
	#acknowledged = 0;
	#storedUnheard = 0;
	#torn = 0;
	#recoveries = 0;
	#worstRegisteredMs = 0;
	readonly #byPhase: Record<Phase, number> = { provisioning: 0, registration: 0, write: 0, "clean-up": 0 };
	/** How long each phase takes when nobody disturbs it. */
	readonly #typicalMs: Record<Phase, number> = { provisioning: 0, registration: 0, write: 0, "clean-up": 0 };

	/** The bench's board is unprovisioned. */
	constructor(bench: Bench, phases: readonly Phase[] = PHASES) {
		this.#bench = bench;
		this.#phases = phases.flatMap((phase) => Array.from({ length: WEIGHTS[phase] }, () => phase));
	}

	/** Cuts so often; rejects at the first promise that was broken. */
	async run(cuts: number, heard: (cut: Cut) => void): Promise<Summary> {
		await this.provision(this.#name.promised);
		await this.register();
		this.#written.promised = await this.#bench.backend.read(this.#name.promised, WRITTEN);
		for (const phase of new Set(this.#phases)) {
			if (this.endsAlone(phase)) continue;
			const startedAt = performance.now();
			await this.begin(phase);
			this.#typicalMs[phase] = performance.now() - startedAt;
		}
		await this.register();
		for (let cut = 1; cut <= cuts; cut++) heard(await this.cut(cut));
		return {
			cuts,
			byPhase: this.#byPhase,
			acknowledged: this.#acknowledged,
			torn: this.#torn,
			storedUnheard: this.#storedUnheard,
			recoveries: this.#recoveries,
			worstRegisteredMs: this.#worstRegisteredMs,
		};
	}

	private async cut(cut: number): Promise<Cut> {
		const { board, random } = this.#bench;
		const phase = this.#phases[random.uint32() % this.#phases.length]!;
		const moment = this.moment(phase);
		const startedAt = performance.now();
		let acknowledged = false;
		const done = this.begin(phase).then(
			() => {
				acknowledged = true;
				this.#typicalMs[phase] = performance.now() - startedAt;
			},
			(error: unknown) => {
				// Cut off in the midst of it, as is the purpose; but a board that says no has no such excuse.
				if (error instanceof ConsoleFailure && error.kind === "refused") throw error;
			},
		);
		await Promise.race([done, until(startedAt + moment)]);
		const afterMs = Math.round((performance.now() - startedAt) * 10) / 10;
		await board.power.cut();
		await done;
		const flash = board.power.tear();
		const torn = flash === undefined ? {} : { torn: flash };
		if (flash?.startsWith("torn") === true) this.#torn++;
		const what = `cut ${cut}, ${afterMs} ms into ${phase}${acknowledged ? " (acknowledged)" : ""}`;
		const { stored, ...times } = await this.inspect().catch((error: Error) => {
			throw new Error(`${what}: ${error.message}`);
		});
		this.#byPhase[phase]++;
		if (acknowledged) this.#acknowledged++;
		if (stored) this.#storedUnheard++;
		return { cut, phase, afterMs, acknowledged, ...torn, stored, ...times };
	}

	/**
	 * A third of the moments anywhere in the phase, a third around its end, where things are stored, and a third at once
	 * after its end (Infinity): what was just acknowledged must be there.
	 */
	private moment(phase: Phase): number {
		const { random } = this.#bench;
		const kind = random.uint32() % 3;
		const share = kind === 0 ? random.fraction() : 0.7 + random.fraction() * 0.3;
		return kind === 2 || this.endsAlone(phase) ? Number.POSITIVE_INFINITY : share * this.#typicalMs[phase];
	}

	/** A clean-up of the journal is met by its own end, where `tear` can go back into it. */
	private endsAlone(phase: Phase): boolean {
		return phase === "clean-up" && this.#bench.board.can("tear");
	}

	private async begin(phase: Phase): Promise<void> {
		switch (phase) {
			case "provisioning":
				return this.provision(`campaign-${++this.#count}`);
			case "registration":
				return this.register();
			case "write":
				return this.write(`motor ${++this.#count}`);
			case "clean-up":
				return this.cleanUp();
			default:
				phase satisfies never;
		}
	}

	/** Provisions until the journal has cleaned up. Where a cut can go back into that, the last one is not promised. */
	private async cleanUp(): Promise<void> {
		const { board } = this.#bench;
		const before = await this.cleanUps();
		for (let turn = 0; turn < CLEAN_UP_COUNT; turn++) {
			const { promised } = this.#name;
			const name = `campaign-${++this.#count}${LONG_NAME}`;
			this.#name.pending = name;
			board.power.mark();
			await this.request(name);
			keep(this.#name, name);
			if ((await this.cleanUps()) === before) continue;
			if (board.can("tear")) Object.assign(this.#name, { promised, pending: name });
			return;
		}
		throw new Error(`${CLEAN_UP_COUNT} provisionings, and the journal has not cleaned up`);
	}

	private async cleanUps(): Promise<number> {
		const { journal } = await this.#bench.board.console.request("statistics");
		return Number((journal as Reply | undefined)?.cleanUps);
	}

	private async request(name: string): Promise<void> {
		const { board } = this.#bench;
		const account = { serverUri: board.link.serverUri, shortServerId: 1, lifetimeSeconds: LIFETIME_SECONDS };
		const network = board.network === undefined ? {} : { network: board.network };
		await board.console.request("provision", { settings: { endpointName: name, accounts: [account], ...network } });
	}

	private async provision(name: string): Promise<void> {
		const { board } = this.#bench;
		this.#name.pending = name;
		await this.request(name);
		board.power.mark();
		keep(this.#name, name);
	}

	private async register(): Promise<void> {
		const { board } = this.#bench;
		await board.restarts(() => board.console.request("restart"));
		await board.event("registered", { within: REGISTER_MS });
		board.power.mark();
	}

	/** The board runs under the name that it had at its last start. */
	private async write(text: string): Promise<void> {
		const { board, backend } = this.#bench;
		this.#written.pending = text;
		await backend.write(board.banner.endpoint!, WRITTEN, text, WRITE_SECONDS);
		board.power.mark();
		keep(this.#written, text);
	}

	/** Gives power and looks whether all that was promised is there, and nothing that is half. */
	private async inspect(): Promise<Pick<Cut, "stored" | "bannerMs" | "registeredMs">> {
		const { board, backend } = this.#bench;
		const startedAt = performance.now();
		const { endpoint = "none" } = await board.power.on();
		const bannerMs = Math.round(performance.now() - startedAt);
		const underWay = this.#name.pending ?? this.#written.pending;
		settle(this.#name, endpoint, "its name");
		await board.event("registered", { within: REGISTER_MS });
		const registeredMs = Math.round(performance.now() - startedAt);
		const written = await backend.read(endpoint, WRITTEN);
		settle(this.#written, written, "what the server wrote");
		const stored = underWay === endpoint || underWay === written;
		const { journal } = await board.console.request("statistics");
		this.#recoveries += Number((journal as Reply | undefined)?.recoveries ?? 0);
		this.#worstRegisteredMs = Math.max(this.#worstRegisteredMs, registeredMs);
		board.power.mark();
		return { stored, bannerMs, registeredMs };
	}
}

function keep(kept: Kept, value: string): void {
	kept.promised = value;
	kept.pending = undefined;
}

/** What is found must be what was promised, or what was under way; from now on it is promised. */
function settle(kept: Kept, found: string, what: string): void {
	if (found !== kept.promised && found !== kept.pending) {
		const or = kept.pending === undefined ? "" : ` or ${kept.pending}`;
		throw new Error(`${what} is ${found}, not ${kept.promised}${or}`);
	}
	keep(kept, found);
}

/** A timer up to the last milliseconds, then turns of the event loop, which are a hundred times finer. */
async function until(instant: number): Promise<void> {
	if (instant === Number.POSITIVE_INFINITY) return new Promise(() => {});
	const wait = instant - performance.now() - SPIN_MS;
	if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
	while (performance.now() < instant) await new Promise((resolve) => setImmediate(resolve));
}
