// The observed side of RFC 7641: who observes, what each is told, and when an observation is over.

import type { Instant, Transmit } from "../contract.js";
import { limits } from "../limits.js";
import type { Association } from "./association.js";
import { isSuccess } from "./codes.js";
import { CONFIRMABLE_NOTIFICATION_INTERVAL, MAX_RETRANSMIT, OBSERVE_MODULUS } from "./constants.js";
import type { Response } from "./endpoint.js";
import { Exchange } from "./exchange.js";
import { removeItem, withHandle } from "./list.js";
import { Observation } from "./observation.js";
import type { Reply } from "./reply.js";
import type { TokenBearer } from "./token.js";
import { transmit } from "./transmit.js";

/** The peer's observations here, at most limits.observationCount. */
export class Observers {
	readonly #association: Association;
	readonly #reply: Reply;
	readonly #observations: Observation[] = [];
	/** RFC 7641, 4.4: one counter for all observations rises within each of them. */
	#value = 0;
	#unsentCount = 0;

	constructor(association: Association, reply: Reply) {
		this.#association = association;
		this.#reply = reply;
	}

	/** The Observe value of the response that accepts a registration; undefined where there is no room. */
	register(now: Instant, handle: number, token: TokenBearer, key: number, sizeExponent: number): number | undefined {
		if (this.#observations.length >= limits.observationCount) return undefined;
		this.#observations.push(new Observation(handle, token, key, sizeExponent, now));
		return this.nextValue();
	}

	private nextValue(): number {
		this.#value = (this.#value + 1) % OBSERVE_MODULUS;
		return this.#value;
	}

	/** A GET with this token and Observe (RFC 7641, 4.1): with 0 it takes the observation's place, with 1 it ends it. */
	handleRequest(token: TokenBearer, observe: number): void {
		const observations = this.#observations;
		for (let i = 0; i < observations.length; i++) {
			if (!observations[i]!.hasTokenOf(token)) continue;
			this.end(observations[i]!, observe === 0 ? "replaced" : "deregister");
			return;
		}
	}

	/** False: that observation is over. */
	notify(now: Instant, handle: number, response: Response): boolean {
		const observation = withHandle(this.#observations, handle);
		if (observation === undefined) return false;
		const { key, sizeExponent } = observation;
		// RFC 7641, 4.2: an error is the last notification; as a CON it arrives, or its absence is noticed.
		const last = !isSuccess(response.code);
		const overdue = now - observation.confirmedAt >= CONFIRMABLE_NOTIFICATION_INTERVAL;
		const underWay = this.#association.exchanges.byHandle(handle);
		const asked = last || overdue || response.confirmable === true || underWay !== undefined;
		const confirmable = asked || this.#association.mustProbe(now);
		const messageId = this.#association.nextMessageId();
		this.#reply.setResponse(now, response, observation, key, sizeExponent, last ? undefined : this.nextValue());
		const bytes = this.#reply.encode(confirmable ? "CON" : "NON", messageId);
		this.withdraw(observation);
		if (underWay !== undefined) underWay.supersede(bytes);
		else if (confirmable) {
			this.#association.exchanges.add(new Exchange(handle, "notification", true, messageId, bytes, MAX_RETRANSMIT));
		} else {
			observation.messageId = messageId;
			observation.unsent = bytes;
			this.#association.spend(now, bytes.length);
			this.#unsentCount++;
		}
		if (last) removeItem(this.#observations, observation);
		return true;
	}

	/** The peer has a message of this exchange. */
	handleAcknowledged(now: Instant, handle: number): void {
		const observation = withHandle(this.#observations, handle);
		if (observation !== undefined) observation.confirmedAt = now;
	}

	/** The peer does not want, or does not answer, a message of this exchange. False: it is no observation. */
	handleRefused(handle: number, why: "reset" | "timeout"): boolean {
		const observation = withHandle(this.#observations, handle);
		if (observation === undefined) return false;
		this.end(observation, why);
		return true;
	}

	/** A Reset to a NON notification (RFC 7641, 3.6). False: its Message ID is none of the newest. */
	handleReset(messageId: number): boolean {
		const observations = this.#observations;
		for (let i = 0; i < observations.length; i++) {
			if (observations[i]!.messageId !== messageId) continue;
			this.end(observations[i]!, "reset");
			return true;
		}
		return false;
	}

	/** Observations stay; a CON notification under way goes out again as a new message. */
	handlePathChanged(): void {
		const { exchanges } = this.#association;
		for (let i = 0; i < exchanges.count; i++) {
			const exchange = exchanges.at(i);
			if (exchange.role !== "notification" || exchange.succeed()) continue;
			exchange.renew(this.#association.nextMessageId());
		}
	}

	/** Ends an observation without a word. */
	cancel(handle: number): void {
		const observation = withHandle(this.#observations, handle);
		if (observation !== undefined) this.drop(observation);
	}

	pollTransmit(out: Transmit): boolean {
		if (this.#unsentCount === 0) return false;
		const observations = this.#observations;
		for (let i = 0; i < observations.length; i++) {
			const bytes = observations[i]!.unsent;
			if (bytes === undefined) continue;
			this.withdraw(observations[i]!);
			return transmit(bytes, out);
		}
		return false;
	}

	private end(observation: Observation, why: "reset" | "deregister" | "timeout" | "replaced"): void {
		this.drop(observation);
		this.#association.events.push({ kind: "cancelled", exchange: observation.handle, why });
	}

	private drop(observation: Observation): void {
		this.withdraw(observation);
		removeItem(this.#observations, observation);
		const exchange = this.#association.exchanges.byHandle(observation.handle);
		if (exchange !== undefined) this.#association.exchanges.remove(exchange);
	}

	private withdraw(observation: Observation): void {
		if (observation.unsent === undefined) return;
		observation.unsent = undefined;
		this.#unsentCount--;
	}
}
