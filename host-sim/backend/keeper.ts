// Who keeps a NAT's binding open says nothing of itself. Where nobody is registered, it is told so: it has moved.
// No more bytes go back than came, and nothing is kept of whoever sent them (docs/reach-extension.md).

import { Code } from "../../firmware/coap/codes.js";
import { HEADER_LENGTH } from "../../firmware/coap/constants.js";
import { Encoder } from "../../firmware/coap/encoder.js";
import { Keeper as Bytes, isRefresh, knownAnswer } from "../../firmware/coap/keeper-ping.js";
import { DatagramMessage } from "../../firmware/coap/message.js";
import type { Instant } from "../../firmware/contract.js";
import type { Device } from "./device.js";
import type { Outbox } from "./outbox.js";
import type { RateLimit } from "./rate-limit.js";
import type { ReachCounters } from "./reach-counters.js";

const UNKNOWN = Uint8Array.of(Bytes.Unknown);

export class Keeper {
	readonly #outbox: Outbox;
	readonly #limit: RateLimit;
	readonly #counters: ReachCounters;
	readonly #message = new DatagramMessage();
	readonly #encoder = new Encoder();

	constructor(outbox: Outbox, limit: RateLimit, counters: ReachCounters) {
		this.#outbox = outbox;
		this.#limit = limit;
		this.#counters = counters;
	}

	/** True for a keeper byte, or a ping from where no device is registered: there is nothing more to it. */
	handleReceived(now: Instant, address: string, bytes: Uint8Array, device: Device | undefined): boolean {
		const answer = knownAnswer(bytes);
		if (answer !== undefined || isRefresh(bytes)) {
			if (device === undefined) this.#answer(now, address, UNKNOWN);
			else {
				device.silence.handleKeeper(now);
				if (answer !== undefined) this.#outbox.add(address, Uint8Array.of(answer));
			}
			return true;
		}
		if (device !== undefined || !this.#isPing(bytes)) return false;
		this.#answer(now, address, this.#acknowledgement());
		return true;
	}

	#isPing(bytes: Uint8Array): boolean {
		const message = this.#message;
		return message.decode(bytes) === "ok" && message.type === "CON" && message.code === Code.Empty;
	}

	/** An Empty ACK: heard, but not by whom. A Reset would say that the device is known here. */
	#acknowledgement(): Uint8Array {
		const bytes = new Uint8Array(HEADER_LENGTH);
		this.#encoder.target(bytes);
		this.#encoder.begin("ACK", Code.Empty, this.#message.messageId);
		return bytes;
	}

	#answer(now: Instant, address: string, bytes: Uint8Array): void {
		if (this.#limit.allows(now, address)) {
			this.#counters.strangersAnswered++;
			this.#outbox.add(address, bytes);
		} else this.#counters.limited++;
	}
}
