// Watches all that is sent and all that arrives, as somebody on the wire would, and checks what must hold there.

import { Code, isRequest, isResponse, isSuccess } from "../../firmware/coap/codes.js";
import {
	ACK_TIMEOUT,
	EXCHANGE_LIFETIME,
	MAX_RETRANSMIT,
	OBSERVE_FRESHNESS,
	OBSERVE_MODULUS,
} from "../../firmware/coap/constants.js";
import { DatagramMessage } from "../../firmware/coap/message.js";
import { Option } from "../../firmware/coap/options.js";
import { limits } from "../../firmware/limits.js";
import type { Counters } from "./counters.js";
import { Violation } from "./violation.js";

/** A CON that was sent. */
interface Sent {
	readonly at: number;
	/** When its repetitions last began, as far as can be seen. */
	begunAt: number;
	lastAt: number;
	count: number;
	acknowledged: boolean;
}

/** What one CoAP endpoint said to another, and heard from it. */
class Flow {
	usedAt = 0;
	/** When the sender last heard its peer. */
	heardAt = Number.NEGATIVE_INFINITY;
	readonly sent = new Map<number, Sent>();
	/** Message IDs of requests that arrived, with their times. */
	readonly arrived = new Map<number, number>();
	/** Tokens of requests sent: the Message ID, when, and whether it observes. */
	readonly tokens = new Map<string, { readonly messageId: number; readonly at: number; readonly observes: boolean }>();
	/** Observe values that arrived, by token. */
	readonly newest = new Map<string, { value: number; at: number }>();
	bucketAt = 0;
	bucketCount = 0;
}

/** A sender that says more than this in ten seconds has lost its measure: 4 requests and 8 answers, five times over. */
const BUCKET_MS = 10_000;
const BUCKET_COUNT = 5 * (limits.requestCount + limits.deduplicatorCount + limits.observationCount);
const SWEEP_MS = 600_000;
/** What a sealed payload holds beside a block: code, options, marker and tag. */
const SEALED_LENGTH = 64;

export class WireMonitor {
	readonly #counters: Counters;
	readonly #noisy: boolean;
	readonly #flows = new Map<string, Flow>();
	readonly #message = new DatagramMessage();
	#sweptAt = 0;

	constructor(counters: Counters, noisy: boolean) {
		this.#counters = counters;
		this.#noisy = noisy;
	}

	/** A sender hands a datagram to its network; `flow` names both endpoints and their lives. */
	handleSent(now: number, flow: string, isDevice: boolean, bytes: Uint8Array): void {
		const message = this.#message;
		if (bytes.length > limits.messageLength) throw new Violation(`${flow} sends ${bytes.length} bytes`);
		if (message.decode(bytes) !== "ok") throw new Violation(`${flow} sends a malformed message`);
		const most = limits.blockLength + (message.has(Option.Oscore) ? SEALED_LENGTH : 0);
		if ((message.payload?.length ?? 0) > most) throw new Violation(`${flow} sends a block too large`);
		const state = this.#flow(now, flow);
		this.#measure(now, flow, state);
		this.#countSent(message, isDevice);
		if (message.type === "CON") this.#checkRepeated(now, flow, isDevice, state, message);
		// A sealed response is bound to its request by more than the token: the one that brings an Echo may keep it.
		if (isRequest(message.code) && !message.has(Option.Oscore)) this.#checkToken(now, flow, state, message);
	}

	/** A datagram arrives, perhaps damaged, at the endpoint to which it was sent. */
	handleArrived(now: number, flow: string, bytes: Uint8Array): void {
		const message = this.#message;
		if (message.decode(bytes) !== "ok") return;
		const state = this.#flow(now, flow);
		state.heardAt = now;
		if (isRequest(message.code)) {
			const before = state.arrived.get(message.messageId);
			if (before !== undefined && now - before < EXCHANGE_LIFETIME) this.#counters.add("deduplication hit");
			else state.arrived.set(message.messageId, now);
		} else if (isSuccess(message.code)) this.#countStale(now, state, message);
	}

	/** An acknowledgement or Reset arrives at who sent the CON. */
	handleAnswered(flow: string, bytes: Uint8Array): void {
		const message = this.#message;
		if (message.decode(bytes) !== "ok" || (message.type !== "ACK" && message.type !== "RST")) return;
		const sent = this.#flows.get(flow)?.sent.get(message.messageId);
		if (sent !== undefined) sent.acknowledged = true;
	}

	/** Whether an endpoint waits for an acknowledgement. */
	isInExchange(now: number, flow: string): boolean {
		const state = this.#flows.get(flow);
		if (state === undefined) return false;
		for (const sent of state.sent.values()) if (!sent.acknowledged && now - sent.at < EXCHANGE_LIFETIME) return true;
		return false;
	}

	#countSent(message: DatagramMessage, isDevice: boolean): void {
		const counters = this.#counters;
		const { type, code } = message;
		counters.add("datagrams");
		if (!isDevice) {
			if (code === Code.NotFound) counters.add("4.04 from the back end");
			if (type === "RST") counters.add("observations reset");
			return;
		}
		if (code === Code.RequestEntityIncomplete) counters.add("4.08 from a device");
		if (type !== "CON" || !isResponse(code)) return;
		counters.add(message.count(Option.Observe) > 0 ? "CON notifications" : "separate responses");
	}

	#checkRepeated(now: number, flow: string, isDevice: boolean, state: Flow, message: DatagramMessage): void {
		const sent = state.sent.get(message.messageId);
		if (sent === undefined || now - sent.at >= EXCHANGE_LIFETIME) {
			state.sent.delete(message.messageId);
			state.sent.set(message.messageId, {
				at: now,
				begunAt: sent?.begunAt ?? now,
				lastAt: now,
				count: 1,
				acknowledged: false,
			});
			if (state.sent.size > 64) state.sent.delete(state.sent.keys().next().value!);
			return;
		}
		const gap = now - sent.lastAt;
		// A device may have waited for its socket with the first transmission; 1 ms because times here are whole.
		const isEarly = !isDevice && gap < ACK_TIMEOUT * 2 ** (sent.count - 1) - 1;
		// A peer that speaks again may be told again at once what it missed, once in ACK_TIMEOUT: repetitions begin anew.
		const mayBegin = !isDevice && state.heardAt >= sent.lastAt;
		if (isEarly && !(mayBegin && now - sent.begunAt > ACK_TIMEOUT))
			throw new Violation(`${flow} repeats a CON after ${gap} ms`);
		if (isEarly) sent.begunAt = now;
		if (mayBegin) sent.count = 0;
		sent.lastAt = now;
		if (++sent.count > 1 + MAX_RETRANSMIT)
			throw new Violation(`${flow} repeats a CON more than ${MAX_RETRANSMIT} times`);
		if (sent.count === 1 + MAX_RETRANSMIT) this.#counters.add("retransmission exhausted");
	}

	#checkToken(now: number, flow: string, state: Flow, message: DatagramMessage): void {
		const { token, messageId } = message;
		const observes = message.count(Option.Observe) > 0;
		const before = state.tokens.get(token);
		if (before !== undefined && before.messageId !== messageId && now - before.at < EXCHANGE_LIFETIME) {
			// RFC 7641, 3.1 and 3.6: asking for an observation again, or for its end, uses its token again. Once it has
			// ended, a counter that came to it by chance may.
			if (!before.observes) throw new Violation(`${flow} uses the token ${token} twice`);
			if (!observes) this.#counters.add("token of an ended observation");
		}
		if (before?.messageId === messageId) return;
		state.tokens.delete(token);
		state.tokens.set(token, { messageId, at: now, observes });
		if (state.tokens.size > 256) state.tokens.delete(state.tokens.keys().next().value!);
	}

	#countStale(now: number, state: Flow, message: DatagramMessage): void {
		const value = message.uint(Option.Observe);
		if (value === undefined || message.type === "ACK") return;
		const newest = state.newest.get(message.token);
		if (newest === undefined) {
			state.newest.set(message.token, { value, at: now });
			return;
		}
		const ahead = (value - newest.value + OBSERVE_MODULUS) % OBSERVE_MODULUS;
		if (ahead > OBSERVE_MODULUS / 2 && now - newest.at < OBSERVE_FRESHNESS)
			this.#counters.add("stale notifications dropped");
		else if (ahead > 0) {
			newest.value = value;
			newest.at = now;
		}
	}

	#measure(now: number, flow: string, state: Flow): void {
		if (now - state.bucketAt >= BUCKET_MS) {
			state.bucketAt = now;
			state.bucketCount = 0;
		}
		// Damaged messages draw Resets without end, so nothing is promised there.
		if (++state.bucketCount > BUCKET_COUNT && !this.#noisy)
			throw new Violation(`${flow} sends more than ${BUCKET_COUNT} datagrams in ${BUCKET_MS} ms`);
	}

	#flow(now: number, name: string): Flow {
		if (now - this.#sweptAt > SWEEP_MS) this.#sweep(now);
		let flow = this.#flows.get(name);
		if (flow === undefined) {
			flow = new Flow();
			this.#flows.set(name, flow);
		}
		flow.usedAt = now;
		return flow;
	}

	#sweep(now: number): void {
		this.#sweptAt = now;
		for (const [name, flow] of this.#flows) if (now - flow.usedAt > SWEEP_MS) this.#flows.delete(name);
	}
}
