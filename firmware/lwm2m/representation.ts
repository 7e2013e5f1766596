// What a request or a notification reads: one path or several, in a content format, as a payload.

import { Code } from "../coap/codes.js";
import type { Response } from "../coap/endpoint.js";
import type { Instant } from "../contract.js";
import { limits } from "../limits.js";
import { readPaths } from "./composite.js";
import { encoderFor } from "./formats/codec.js";
import type { Value } from "./formats/format.js";
import { DEFERRED, type Handlers } from "./handlers.js";
import type { Model } from "./model.js";
import type { Measured } from "./observation.js";
import { Path } from "./path.js";
import { read } from "./read.js";

/** One for each server, made anew for each operation: what is in hand ends with its answer. */
export class Representation {
	readonly model: Model;
	readonly path = new Path();
	/** Of a composite operation, whose own path is the root. */
	paths: readonly Path[] | undefined = undefined;
	contentFormat = 0;
	/** What goes into a 2.05; undefined where it is empty. */
	payload: Uint8Array | undefined = undefined;
	readonly #handlers: Handlers;
	/** For paths that last no longer than a call. */
	readonly scratch = new Path();

	constructor(model: Model, handlers: Handlers) {
		this.model = model;
		this.#handlers = handlers;
	}

	/** Takes up what an observation, or an operation put off, is about. */
	begin(path: Path, paths: readonly Path[] | undefined, contentFormat: number): void {
		this.path.copy(path);
		this.paths = paths;
		this.contentFormat = contentFormat;
	}

	/** Reads into `payload`; gives 2.05, DEFERRED, or the code of what went wrong. */
	encode(now: Instant): number {
		const { model, path, paths } = this;
		const handlers = this.#handlers;
		let buffer = new Uint8Array(path.depth < 3 ? USUAL_LENGTH : USUAL_VALUE_LENGTH);
		for (;;) {
			const encoder = encoderFor(this.contentFormat, buffer, path);
			if (encoder === undefined) return Code.NotAcceptable;
			const code =
				paths === undefined
					? read(model, handlers, now, path, encoder, this.scratch)
					: readPaths(model, handlers, now, paths, encoder, this.scratch);
			if (code !== DEFERRED) handlers.dropDeferral();
			if (code !== Code.Content) return code;
			const payload = encoder.finish();
			if (encoder.spoiled) return Code.NotAcceptable;
			if (payload !== undefined) {
				this.payload = payload.length > 0 ? payload : undefined;
				return Code.Content;
			}
			if (encoder.length > limits.responseLength) return Code.InternalServerError;
			buffer = new Uint8Array(encoder.length);
		}
	}

	/** The value that was read last, of one resource or resource instance that conditions may speak of. */
	get measured(): Measured | undefined {
		const { depth, resourceInstanceId } = this.path;
		const read = this.#handlers.value;
		const value = depth === 4 && Array.isArray(read) ? (read[resourceInstanceId] as Value | undefined) : read;
		return depth >= 3 && (typeof value === "number" || typeof value === "boolean") ? value : undefined;
	}

	/** The answer, or the notification; the payload, which goes with 2.05 only, is then no longer held. */
	respond(code: number, observe: boolean | undefined, confirmable: boolean | undefined): Response {
		const isContent = code === Code.Content;
		const contentFormat = isContent ? this.contentFormat : undefined;
		const payload = isContent ? this.payload : undefined;
		this.payload = undefined;
		const locationPath = code === Code.Created ? this.path.toString() : undefined;
		return { code, contentFormat, payload, locationPath, observe, confirmable };
	}
}

/** First guesses at the bytes of an answer; one that is longer is encoded again, into a buffer of its very length. */
const USUAL_VALUE_LENGTH = 32;
const USUAL_LENGTH = 128;
