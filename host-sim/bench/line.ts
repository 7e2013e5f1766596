// The sender's end towards one target: a socket of its own that plays the server and takes the time of each answer.

import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import {
	acknowledgement,
	created,
	isError,
	isRegistration,
	number,
	OBSERVATION,
	observeRequest,
	readRequest,
	toggle,
	tokenOf,
	wantsAcknowledgement,
	writeRequest,
} from "./datagrams.js";

/** What is read, and what is written and observed: of every target the same. */
const READ_PATH = "/3/0/0";
const READ_VALUE = "Pinhole";
const NOTIFY_PATH = "/3306/0/5850";

/** An answer that has not come by then is a fault of the target. */
const ANSWER_MS = 5_000;
/**
 * The observation is asked for until the target, which may still be starting, gives it; not so often that a slow one
 * gets two questions, because lwm2m-node-lib then notifies twice.
 */
const SETUP_MS = 20_000;
const SETUP_STEP_MS = 1_000;

/** The operations that are measured. */
export const OPERATIONS = ["read", "notify"] as const;
export type Operation = (typeof OPERATIONS)[number];

/** What is under way. */
interface Wait {
	readonly token: number;
	answer: Buffer | undefined;
	/** True from the beginning where none is waited for. */
	notified: boolean;
	/** Takes the instant at which everything was there. */
	resolve(at: number): void;
	reject(error: Error): void;
}

/** One target, as its server sees it. */
export class Line {
	readonly #socket: Socket = createSocket("udp4");
	readonly #read = readRequest(READ_PATH);
	readonly #write = writeRequest(NOTIFY_PATH);
	readonly #met: Promise<void>;
	#meet = (): void => {};
	#isConnected = false;
	#count = 0;
	#wait: Wait | undefined;
	#answer: Buffer | undefined;

	private constructor() {
		this.#met = new Promise((resolve) => {
			this.#meet = resolve;
		});
		this.#socket.on("message", (bytes, from) => {
			const at = performance.now();
			if (this.#isConnected) this.handle(bytes, at);
			else this.handleFirst(bytes, from.port);
		});
		// A target that opens its port anew, as lwm2m-node-lib does, is away for an instant.
		this.#socket.on("error", () => {});
	}

	static async open(): Promise<Line> {
		const line = new Line();
		line.#socket.bind(0, "127.0.0.1");
		await once(line.#socket, "listening");
		return line;
	}

	/** Where the target is to send its first datagram. */
	get port(): number {
		return this.#socket.address().port;
	}

	/** Resolves when the target has made itself known. */
	get met(): Promise<void> {
		return this.#met;
	}

	close(): void {
		this.#socket.close();
	}

	private handleFirst(bytes: Buffer, port: number): void {
		this.#isConnected = true;
		// A connected socket spares the sender the look-up of an address that never changes.
		this.#socket.connect(port, "127.0.0.1", () => {
			if (isRegistration(bytes)) this.#socket.send(created(bytes));
			this.#meet();
		});
	}

	private handle(bytes: Buffer, at: number): void {
		if (wantsAcknowledgement(bytes)) this.#socket.send(acknowledgement(bytes));
		const wait = this.#wait;
		const token = tokenOf(bytes);
		if (wait === undefined || (token !== wait.token && token !== OBSERVATION)) return;
		if (isError(bytes)) return wait.reject(new Error(`answered with code ${bytes[1]! >> 5}.${bytes[1]! & 31}`));
		// The answer to the Observe itself bears the token of the notifications, too.
		if (token === wait.token) wait.answer = bytes;
		else wait.notified = true;
		if (wait.answer !== undefined && wait.notified) wait.resolve(at);
	}

	/** Sends, waits for the answer and, where asked for, a notification; keeps the answer and gives the milliseconds. */
	private async exchange(request: Buffer, token: number, wantsNotification: boolean, limitMs = ANSWER_MS) {
		number(request, ++this.#count, token);
		let alarm: NodeJS.Timeout | undefined;
		let startedAt = 0;
		const endedAt = await new Promise<number>((resolve, reject) => {
			this.#wait = { token, answer: undefined, notified: !wantsNotification, resolve, reject };
			alarm = setTimeout(() => reject(new Error(`no answer within ${limitMs} ms`)), limitMs);
			startedAt = performance.now();
			this.#socket.send(request);
		}).finally(() => {
			clearTimeout(alarm);
			this.#answer = this.#wait?.answer;
			this.#wait = undefined;
		});
		return endedAt - startedAt;
	}

	/** Observes what is going to be written, and makes sure that a Read gives what it should. */
	async prepare(): Promise<void> {
		const observe = observeRequest(NOTIFY_PATH);
		for (const endAt = performance.now() + SETUP_MS; ; ) {
			try {
				await this.exchange(observe, OBSERVATION, false, SETUP_STEP_MS);
				break;
			} catch (error) {
				if (performance.now() > endAt) throw error;
			}
		}
		await this.time("read");
		const answer = this.#answer!;
		// The floor gives the request back.
		if (!answer.equals(this.#read) && !answer.toString("latin1").endsWith(READ_VALUE))
			throw new Error(`it answered a Read with ${answer.toString("hex")}`);
	}

	/** Milliseconds of one operation: of a Read to its response; of a Write to both its response and the notification. */
	time(operation: Operation): Promise<number> {
		const token = this.#count + 1;
		if (operation === "read") return this.exchange(this.#read, token, false);
		toggle(this.#write);
		return this.exchange(this.#write, token, true);
	}
}
