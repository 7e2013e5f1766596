// The oracle's schedule, carried out in the same world: the proof that the computed yardstick can be kept.

import type { TimerId } from "../../firmware/io/ecma-419.js";
import type { Host, Party } from "../world/reach-types.js";
import { Exchanger } from "./exchanger.js";
import { type Schedule, type Weight, weights } from "./oracle.js";
import { type Registrant, UDP_HEADERS } from "./peers.js";

/** The oracle for its server: a registrant that nobody has to ask. */
export const oraclePeer: Registrant = {
	kind: "registrant",
	name: "oracle",
	title: "Oracle",
	source: "host-sim/reach/oracle.ts",
	everySeconds: 900,
	updateSeconds: Number.POSITIVE_INFINITY,
	lifetimeSeconds: Number.POSITIVE_INFINITY,
	retrySeconds: 1,
	register: { up: 206, down: 48 },
	keep: weights.ping,
	keepTells: false,
	isAsked: true,
	read: { up: 40, down: 40 },
};

const CHECK_MS = 900_000;

export class OracleDriver implements Party {
	readonly #schedule: Schedule;
	readonly #host: Host;
	readonly #exchanger: Exchanger;
	readonly #update: Weight;
	#timer: TimerId | undefined;
	#checkedAt = 0;

	constructor(schedule: Schedule, update: Weight, host: Host) {
		this.#schedule = schedule;
		this.#update = update;
		this.#host = host;
		this.#exchanger = new Exchanger(host, oraclePeer.read, () => this.#tell());
	}

	start(): void {
		this.#exchanger.open();
		this.#exchanger.ask({
			kind: "register",
			weight: oraclePeer.register,
			done: (reply, sentAt) => (reply === undefined ? this.start() : this.#handleChecked(sentAt)),
		});
	}

	/** The server asked who we are: an Update instead of whatever is under way. */
	#tell(): void {
		this.#exchanger.ask({
			kind: "update",
			weight: this.#update,
			done: (reply, sentAt) => (reply === undefined ? this.#tell() : this.#handleChecked(sentAt)),
		});
	}

	#handleChecked(sentAt: number): void {
		this.#checkedAt = sentAt;
		this.#wait(sentAt);
	}

	#wait(from: number): void {
		const { timer } = this.#host.provider;
		const at = from + 1000 * this.#schedule.intervalSeconds;
		timer.clear(this.#timer);
		this.#timer = timer.set(this.#keep, Math.max(0, at - this.#host.now()));
	}

	readonly #keep = (): void => {
		const now = this.#host.now();
		// The check takes the place of the refresh that is nearest to it.
		const next = now + 500 * this.#schedule.intervalSeconds;
		if (this.#schedule.kind === "one-way" && next < this.#checkedAt + CHECK_MS) {
			this.#exchanger.tell("refresh", weights.oneWay.up - UDP_HEADERS);
			this.#wait(now);
			return;
		}
		if (this.#schedule.kind === "one-way") this.#wait(now);
		this.#exchanger.ask({
			kind: "ping",
			weight: weights.ping,
			again: this.#schedule.transmissions - 1,
			done: (reply, sentAt) => {
				if (this.#schedule.kind === "one-way") this.#checkedAt = reply === undefined ? this.#checkedAt : sentAt;
				else if (reply === undefined) this.#keep();
				else this.#handleChecked(sentAt);
			},
		});
	};
}
