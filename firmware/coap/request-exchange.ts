// One request of ours: its messages, from the registration or the question to the last block of the answer.

import type { Association } from "./association.js";
import { spanOf } from "./blockwise.js";
import { MAX_RETRANSMIT } from "./constants.js";
import type { Encoder } from "./encoder.js";
import type { PendingRequest, Request } from "./endpoint.js";
import { Exchange } from "./exchange.js";
import type { NotificationOrder } from "./observation.js";
import { Option } from "./options.js";
import type { Transfer } from "./transfer.js";
import { Upload } from "./upload.js";

const NOTHING = new Uint8Array(0);

/** A request until its response is whole, or, once it is open, an observation of ours. */
export class RequestExchange extends Exchange implements PendingRequest {
	/** The application's own; undefined for a resumed observation that can only receive. */
	readonly request: Request | undefined;
	/** The observation whose notification this exchange completes; else undefined. */
	readonly notified: RequestExchange | undefined;
	order: NotificationOrder | undefined = undefined;
	/** True once the application has been given a response. */
	delivered = false;
	/** The response as far as it came. */
	transfer: Transfer | undefined = undefined;
	/** Our payload as far as it went, where it takes several blocks. */
	upload: Upload | undefined = undefined;
	/** What the peer wants to see again (RFC 9175, 2.3). */
	echo: Uint8Array | undefined = undefined;
	restarts = 0;
	/** How often it was sent anew because its keys were renewed. */
	renewals = 0;

	constructor(
		handle: number,
		request: Request | undefined,
		notified: RequestExchange | undefined,
		confirmable = request?.confirmable ?? true,
	) {
		super(handle, "request", confirmable, 0, NOTHING, request?.maxRetransmit ?? MAX_RETRANSMIT, request?.urgent);
		this.request = request;
		this.notified = notified;
	}

	/** Makes the message that asks for all of the response; false where it would not fit a datagram. */
	ask(association: Association, tag: number | undefined): boolean {
		const { payload } = this.request!;
		const { bertLength, sizeExponentMax } = association;
		if (payload === undefined) return this.proceed(association);
		if (payload.length > spanOf(sizeExponentMax, bertLength))
			this.upload = new Upload(payload, sizeExponentMax, bertLength, tag);
		if (this.proceed(association)) return true;
		// Many options leave no room for a block of full size beside them.
		this.upload = new Upload(payload, Math.max(0, sizeExponentMax - 1), bertLength, tag);
		return this.proceed(association);
	}

	/** Makes the message that asks for the next block; without a transfer for the response from its start. */
	askAgain(association: Association): boolean {
		association.giveToken(this);
		return this.proceed(association);
	}

	get wasSent(): boolean {
		return this.startedAt >= 0;
	}

	get length(): number {
		return this.bytes?.length ?? 0;
	}

	get isAcknowledged(): boolean {
		return this.bytes === undefined;
	}

	/** True while our payload is on its way in blocks. */
	get isTelling(): boolean {
		return this.upload !== undefined && this.transfer === undefined && this.state !== "open";
	}

	/** True while a part of our payload, but not all of it, is with the peer. */
	get isPartlyTold(): boolean {
		return this.isTelling && this.upload!.announced === undefined;
	}

	/**
	 * Makes the message that is due, under the token that the exchange has: the first one, the next block of our payload,
	 * or the same with Echo; false where it would not fit a datagram.
	 */
	proceed(association: Association): boolean {
		const messageId = association.nextMessageId();
		const bytes = this.encode(association, messageId);
		if (bytes === undefined) return false;
		this.requeue(messageId, bytes);
		return true;
	}

	private encode(association: Association, messageId: number): Uint8Array | undefined {
		const { bertLength, encoder, guard, messageLengthMax, sizeExponentMax } = association;
		const wholeMax = spanOf(sizeExponentMax, bertLength);
		if (guard !== undefined) {
			do {
				encoder.target(guard.draft);
				this.write(encoder, messageId, wholeMax);
			} while (guard.makeRoom(encoder.end));
			return guard.sealRequest(encoder.end, this);
		}
		encoder.target(undefined);
		this.write(encoder, messageId, wholeMax);
		if (encoder.end > messageLengthMax) return undefined;
		const bytes = new Uint8Array(encoder.end);
		encoder.target(bytes);
		this.write(encoder, messageId, wholeMax);
		return bytes;
	}

	private write(to: Encoder, messageId: number, wholeMax: number): void {
		const { accept, code, contentFormat, observe, path, payload, query, reach } = this.request!;
		const { transfer } = this;
		// RFC 7959, 3.3: what was sent by Block1 is not sent again to ask for blocks of the response.
		const upload = transfer === undefined ? this.upload : undefined;
		to.begin(this.confirmable ? "CON" : "NON", code, messageId, this);
		if (observe !== undefined && transfer === undefined) to.uint(Option.Observe, observe);
		to.segments(Option.UriPath, path);
		if (contentFormat !== undefined) to.uint(Option.ContentFormat, contentFormat);
		to.texts(Option.UriQuery, query);
		if (accept !== undefined) to.uint(Option.Accept, accept);
		if (transfer !== undefined) to.uint(Option.Block2, transfer.next);
		if (upload !== undefined) {
			to.uint(Option.Block1, upload.block);
			if (upload.announced !== undefined) to.uint(Option.Size1, upload.announced);
		}
		if (this.echo !== undefined) to.option(Option.Echo, this.echo);
		if (this.upload?.tag !== undefined) to.uint(Option.RequestTag, this.upload.tag);
		if (reach !== undefined) to.option(Option.Reach, reach);
		if (upload !== undefined) to.payload(upload.part);
		else if (payload !== undefined && this.upload === undefined && payload.length <= wholeMax) {
			to.payload(payload);
		}
	}
}
