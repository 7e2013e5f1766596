// One request of ours: its messages, from the registration or the question to the last block of the answer.

import { limits } from "../limits.js";
import type { Association } from "./association.js";
import type { Transfer } from "./blockwise.js";
import { MAX_RETRANSMIT } from "./constants.js";
import type { Encoder } from "./encoder.js";
import type { Request } from "./endpoint.js";
import { Exchange } from "./exchange.js";
import type { NotificationOrder } from "./observation.js";
import { Option } from "./options.js";

const NOTHING = new Uint8Array(0);

/** A request until its response is whole, or, once it is open, an observation of ours. */
export class RequestExchange extends Exchange {
	/** The application's own; undefined for a resumed observation that can only receive. */
	readonly request: Request | undefined;
	/** The observation whose notification this exchange completes; else undefined. */
	readonly notified: RequestExchange | undefined;
	order: NotificationOrder | undefined = undefined;
	/** True once the application has been given a response. */
	delivered = false;
	/** The response as far as it came. */
	transfer: Transfer | undefined = undefined;
	restarts = 0;

	constructor(handle: number, request: Request | undefined, notified: RequestExchange | undefined) {
		const confirmable = request?.confirmable ?? true;
		super(handle, "request", confirmable, 0, NOTHING, request?.maxRetransmit ?? MAX_RETRANSMIT);
		this.request = request;
		this.notified = notified;
	}

	/** Makes the message that asks for all of the response; false where it would not fit a datagram. */
	ask(association: Association): boolean {
		return this.encode(association, this.request!.observe, undefined);
	}

	/** Makes the message that asks for the next block; without a transfer for the response from its start. */
	askAgain(association: Association): void {
		association.giveToken(this);
		this.encode(association, undefined, this.transfer?.next);
	}

	private encode(association: Association, observe: 0 | 1 | undefined, block: number | undefined): boolean {
		const { encoder } = association;
		const messageId = association.nextMessageId();
		encoder.target(undefined);
		this.write(encoder, messageId, observe, block);
		if (encoder.end > limits.messageLength) return false;
		const bytes = new Uint8Array(encoder.end);
		encoder.target(bytes);
		this.write(encoder, messageId, observe, block);
		this.requeue(messageId, bytes);
		return true;
	}

	private write(to: Encoder, messageId: number, observe: 0 | 1 | undefined, block: number | undefined): void {
		const { accept, code, confirmable, contentFormat, path, payload, query } = this.request!;
		to.begin(confirmable ? "CON" : "NON", code, messageId, this);
		if (observe !== undefined) to.uint(Option.Observe, observe);
		to.segments(Option.UriPath, path);
		if (contentFormat !== undefined) to.uint(Option.ContentFormat, contentFormat);
		for (let i = 0; i < query.length; i++) to.text(Option.UriQuery, query[i]!);
		if (accept !== undefined) to.uint(Option.Accept, accept);
		if (block !== undefined) to.uint(Option.Block2, block);
		if (payload !== undefined) to.payload(payload);
	}
}
