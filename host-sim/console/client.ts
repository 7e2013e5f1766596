// The desktop's side of the console (docs/console.md): requests, answers, log lines and banners over a SerialLink.

import { ConsoleFailure } from "./failure.js";
import type { SerialLink } from "./link.js";
import {
	type Banner,
	type BoardLine,
	frameRequest,
	type LogLine,
	pieceLine,
	type Reply,
	readLines,
} from "./protocol.js";

export type { Banner, LogLine, Reply } from "./protocol.js";

/** All that a board says on its own, with the host's time in Unix milliseconds. */
export type ConsoleEvent =
	| { readonly kind: "banner"; readonly at: number; readonly banner: Banner }
	| { readonly kind: "log"; readonly at: number; readonly log: LogLine }
	/** The lines of an answer to a person, a chip's ROM, noise. */
	| { readonly kind: "text"; readonly at: number; readonly text: string }
	| { readonly kind: "closed"; readonly at: number };

/** Within how many milliseconds. */
export interface Within {
	readonly within?: number;
}

export interface ClientOptions {
	/** Each piece of bytes as it passed, with the host's Unix time in milliseconds. What goes out may hold secrets. */
	readonly capture?: (at: number, direction: "in" | "out", bytes: Uint8Array) => void;
	readonly onEvent?: (event: ConsoleEvent) => void;
	/** Of the pieces of a long request. */
	readonly onProgress?: (sentLength: number, wholeLength: number) => void;
	/** How long one attempt waits for its answer. */
	readonly attemptMs?: number;
}

const WITHIN_MS = 6_000;
/** One attempt: QEMU's pty alone may take a second until it looks for the first byte, and a flash erases in one. */
const ATTEMPT_MS = 2_500;
/** Of one line; what is longer without an end is noise. */
const LINE_LENGTH = 16_384;
const LARGEST_ID = 65_535;
const LF = 0x0a;
/** These must not be done twice when only their answer was lost. */
const ONCE: readonly string[] = ["time advance", "restart", "factory-reset"];
/** What the ROM of an ESP32 says where no firmware runs, and what helps. */
const HINTS: readonly (readonly [said: RegExp, hint: string])[] = [
	[/waiting for download/i, "its chip waits for an image, press RESET or flash it"],
	[/invalid header|flash read err/i, "its flash holds no firmware, pinhole flash brings one"],
];

type AnswerLine = Extract<BoardLine, { kind: "answer" | "damaged" | "acknowledgement" | "banner" }>;

/** One board's console. All failures are ConsoleFailure. */
export class ConsoleClient {
	/** Requests and pieces that were sent again: for the report, never silent. */
	retryCount = 0;
	readonly #link: SerialLink;
	readonly #options: ClientOptions;
	#rest: Uint8Array = new Uint8Array(0);
	#banner: Banner | undefined;
	/** A banner that `waitForBanner` has not given yet. */
	#newBanner: Banner | undefined;
	/** Why there may be no answer, by what the board said last that was no line of the console. */
	#hint: string | undefined;
	#id = Math.floor(Math.random() * LARGEST_ID);
	/** The request under way; the next waits for it. */
	#turn: Promise<unknown> = Promise.resolve();
	/** Who waits for the answer to an ID; undefined: it did not come in time. */
	#answered: ((line: AnswerLine | undefined) => void) | undefined;
	#answerId = -1;
	readonly #waiters = new Set<(event: ConsoleEvent) => void>();
	#isClosed = false;

	constructor(link: SerialLink, options: ClientOptions = {}) {
		this.#link = link;
		this.#options = options;
		link.listen({ received: (bytes) => this.received(bytes), closed: () => this.closed() });
	}

	/** The last banner that was seen. */
	get banner(): Banner | undefined {
		return this.#banner;
	}

	/** Carries out a verb; an answer with `ok` false is the failure "refused" with the board's own sentence. */
	request(verb: string, members: Reply = {}, { within = WITHIN_MS }: Within = {}): Promise<Reply> {
		const request = this.#turn.then(() => this.carryOut(verb, members, within));
		this.#turn = request.catch(() => {});
		return request;
	}

	/** The next banner; one that came since the last call counts. */
	async waitForBanner({ within = WITHIN_MS }: Within = {}): Promise<Banner> {
		const banner = this.#newBanner;
		this.#newBanner = undefined;
		if (banner !== undefined) return banner;
		const event = await this.waitFor((one) => (one.kind === "banner" ? one : undefined), { within });
		this.#newBanner = undefined;
		return event.banner;
	}

	/** The next event that fits, from now on. */
	waitFor<E extends ConsoleEvent>(
		fits: (event: ConsoleEvent) => E | undefined,
		{ within = WITHIN_MS }: Within = {},
	): Promise<E> {
		return new Promise((resolve, reject) => {
			const end = (): void => {
				clearTimeout(timer);
				this.#waiters.delete(waiter);
			};
			const waiter = (event: ConsoleEvent): void => {
				const found = fits(event);
				if (found !== undefined) resolve(found);
				else if (event.kind === "closed") reject(this.closedFailure());
				else return;
				end();
			};
			const timer = setTimeout(() => {
				end();
				reject(this.noAnswer(within));
			}, within);
			this.#waiters.add(waiter);
			if (this.#isClosed) waiter({ kind: "closed", at: Date.now() });
		});
	}

	/** Empties the board's line buffer and waits until it answers; gives its identity. */
	resynchronise({ within = WITHIN_MS }: Within = {}): Promise<Reply> {
		return this.request("identity", {}, { within });
	}

	/** Bytes as they are: a person's line, or noise. */
	async write(bytes: Uint8Array): Promise<void> {
		this.#options.capture?.(Date.now(), "out", bytes);
		await this.#link.write(bytes);
	}

	close(): Promise<void> {
		return this.#link.close();
	}

	private async carryOut(verb: string, members: Reply, within: number): Promise<Reply> {
		const request = frameRequest(verb, members);
		if (request === undefined) throw new ConsoleFailure("refused", "This is more than a board takes: 1536 bytes.");
		const { attemptMs = ATTEMPT_MS } = this.#options;
		const endAt = Date.now() + within;
		for (let attempt = 0; ; attempt++) {
			if (this.#isClosed) throw this.closedFailure();
			const left = endAt - Date.now();
			if (left <= 0) throw this.noAnswer(within);
			if (attempt > 0) this.retryCount++;
			const line = await this.attempt(request, ONCE.includes(verb) ? left : Math.min(left, attemptMs));
			if (line?.kind === "banner" && isAnswer(line.banner, verb)) return {};
			if (line?.kind === "answer" && line.reply.damaged !== true) return resultOf(line.reply);
			const mayBeDone = line?.kind !== "answer";
			if (mayBeDone && ONCE.includes(verb)) throw this.noAnswer(within);
		}
	}

	/** Sends a request, in pieces where it must be; undefined when no answer came. */
	private async attempt(request: Buffer, ms: number): Promise<AnswerLine | undefined> {
		this.#id = (this.#id + 1) % (LARGEST_ID + 1);
		const endAt = Date.now() + ms;
		// Ends whatever half line stands before ours.
		let head = "\n";
		for (let offset = 0; ; head = "") {
			const { line, end } = pieceLine(this.#id, request, offset);
			const answered = this.answer(this.#id, endAt - Date.now());
			await this.write(Buffer.concat([Buffer.from(head), line]));
			const answer = await answered;
			if (answer?.kind !== "acknowledgement") return answer;
			if (answer.length !== end) this.retryCount++;
			// What the board has, whatever we think.
			offset = Math.min(answer.length, request.length);
			this.#options.onProgress?.(offset, request.length);
		}
	}

	/** The next answer to an ID; undefined when it does not come in time, or the port is closed. */
	private answer(id: number, ms: number): Promise<AnswerLine | undefined> {
		return new Promise((resolve) => {
			const timer = setTimeout(() => this.#answered?.(undefined), Math.max(0, ms));
			this.#answerId = id;
			this.#answered = (line) => {
				clearTimeout(timer);
				this.#answered = undefined;
				resolve(line);
			};
		});
	}

	private received(bytes: Uint8Array): void {
		this.#options.capture?.(Date.now(), "in", bytes);
		let data = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
		for (let end = data.indexOf(LF); end >= 0; end = data.indexOf(LF)) {
			const text = Buffer.from(data.subarray(0, end)).toString("utf8").replaceAll("\r", "");
			data = data.subarray(end + 1);
			for (const line of readLines(text)) this.take(line);
		}
		this.#rest = data.length > LINE_LENGTH ? new Uint8Array(0) : data.slice();
	}

	private take(line: BoardLine): void {
		const at = Date.now();
		if (line.kind === "text") {
			this.#hint = HINTS.find(([said]) => said.test(line.text))?.[1] ?? this.#hint;
			return this.tell({ kind: "text", at, text: line.text });
		}
		this.#hint = undefined;
		if (line.kind === "log") this.tell({ kind: "log", at, log: line.log });
		else if (line.kind === "banner") {
			this.#banner = line.banner;
			this.#newBanner = line.banner;
			this.tell({ kind: "banner", at, banner: line.banner });
			// A board that has started anew knows nothing of our request.
			this.#answered?.(line);
		} else if (line.id === this.#answerId) this.#answered?.(line);
	}

	private tell(event: ConsoleEvent): void {
		this.#options.onEvent?.(event);
		for (const waiter of [...this.#waiters]) waiter(event);
	}

	private closed(): void {
		if (this.#isClosed) return;
		this.#isClosed = true;
		this.tell({ kind: "closed", at: Date.now() });
		this.#answered?.(undefined);
	}

	private noAnswer(within: number): ConsoleFailure {
		const hint = this.#hint ?? "is a board behind it, and does it run this firmware?";
		const message = `No answer on ${this.#link.path} within ${within / 1000} s: ${hint}`;
		return new ConsoleFailure("no-answer", message.endsWith("?") ? message : `${message}.`);
	}

	private closedFailure(): ConsoleFailure {
		return new ConsoleFailure("port-closed", `${this.#link.path} has been closed by its other end.`);
	}
}

/** Whether a new start says what the answer would have said: only an unprovisioned board has forgotten its settings. */
function isAnswer({ endpoint }: Banner, verb: string): boolean {
	return verb === "restart" || (verb === "factory-reset" && endpoint === undefined);
}

function resultOf({ ok, error, ...members }: Reply): Reply {
	if (ok === true) return members;
	throw new ConsoleFailure("refused", `The board refuses: ${String(error)}.`);
}
