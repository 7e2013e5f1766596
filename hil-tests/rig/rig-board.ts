// A board as tests have it: a machine with its console recorded, watched and waited on.

import { type Banner, ConsoleClient, type Reply } from "../../host-sim/console/client.js";
import type {
	Ability,
	Board,
	BoardConsole,
	BoardEvent,
	BoardLink,
	BoardPower,
	CutMoment,
	NetworkSettings,
} from "./board.js";
import type { Machine } from "./machine.js";
import { deviceTime, type Transcript } from "./transcript.js";
import { type BoardFault, readBanner, Watch } from "./watch.js";

/** A log line of an event of the agent: kind, Short Server ID, detail. */
const EVENT_LINE = /^I [\d.]+ agent ([\w-]+) (\d+) ?(.*)$/;
/** A question on the console, a provisioning in pieces included. */
const ANSWER_MS = 10_000;
const NEWLINE = 10;
/** Of what the host sends, in the transcript. */
const SHOWN_LENGTH = 256;
/** Events that no test has looked at; older ones make room. */
const EVENT_COUNT = 256;

/** Whoever waits for a line. */
interface Waiter {
	/** True: it has what it wants. */
	hear(line: string): boolean;
	fail(why: Error): void;
}

/** Without power until `power.on()`. */
export class RigBoard implements Board {
	readonly id: string;
	readonly link: BoardLink;
	readonly network: NetworkSettings | undefined;
	readonly console: BoardConsole;
	readonly power: BoardPower;
	readonly #machine: Machine;
	readonly #transcript: Transcript;
	readonly #watch = new Watch();
	readonly #waiters = new Set<Waiter>();
	/** Who is to hear of a fault whatever it waits for. */
	readonly #guards = new Set<(fault: BoardFault) => void>();
	readonly #decoder = new TextDecoder();
	#events: BoardEvent[] = [];
	#client: ConsoleClient | undefined;
	#banner: Banner | undefined;
	#fault: BoardFault | undefined;
	#isOver = false;
	/** What goes to the board holds the password of the rig's network: no transcript shall. */
	#isSecret = false;
	#rest: Uint8Array[] = [];
	#said: string[] = [];
	/** Of the clients before: each start has one of its own. */
	#retryCount = 0;

	constructor(machine: Machine, transcript: Transcript) {
		this.#machine = machine;
		this.#transcript = transcript;
		this.id = machine.id;
		this.link = machine.link;
		this.network = machine.network;
		this.console = {
			request: (verb, members, options) => this.request(verb, members, options),
			send: (bytes) => this.send(bytes),
			line: (pattern, { within }) =>
				this.waitFor((line) => (pattern.test(line) ? line : undefined), within, `a line like ${pattern}`),
			resynchronise: async ({ within = ANSWER_MS } = {}) => {
				await this.unlessFault(this.client.resynchronise({ within }));
			},
			transcript: () => this.#said.join("\n"),
		};
		this.power = {
			mark: () => machine.mark(),
			cut: () => this.cut(),
			tear: () => this.tear(),
			cutAt: (moment) => this.cutAt(moment),
			on: () => this.start(),
			cycle: async () => {
				await this.cut();
				return this.start();
			},
		};
	}

	get banner(): Banner {
		if (this.#banner === undefined) throw new Error(`${this.id} has no power`);
		return this.#banner;
	}

	/** What ended the test, should the board itself have done so. */
	get fault(): BoardFault | undefined {
		return this.#fault;
	}

	/** Requests that had to be sent again: shown, never silent. */
	get retryCount(): number {
		return this.#retryCount + (this.#client?.retryCount ?? 0);
	}

	can(ability: Ability): boolean {
		if (ability === "advance" && this.banner.build !== "test") return false;
		return this.#machine.abilities.has(ability);
	}

	event(kind: string, { within }: { readonly within: number }): Promise<BoardEvent> {
		const index = this.#events.findIndex((event) => event.kind === kind);
		if (index >= 0 && this.#fault === undefined) {
			const found = this.#events[index]!;
			this.#events = this.#events.slice(index + 1);
			return Promise.resolve(found);
		}
		const fits = (line: string) => {
			const event = readEvent(line);
			if (event?.kind !== kind) return undefined;
			this.#events = [];
			return event;
		};
		return this.waitFor(fits, within, `the event "${kind}"`);
	}

	async advance(span: string): Promise<void> {
		await this.request("time advance", { ms: milliseconds(span) });
	}

	async restarts(
		cause: () => Promise<unknown>,
		{ within = this.#machine.startMs, crash = false }: { readonly within?: number; readonly crash?: boolean } = {},
	): Promise<Banner> {
		if (crash) this.#watch.expectCrash();
		else this.#watch.expectStart();
		const started = this.waitFor(readBanner, within, "a banner");
		await cause();
		return started;
	}

	/** Rejects when the board crashes or starts unasked; never resolves. */
	whenFaulty(): Promise<never> {
		return new Promise((_, reject) => {
			if (this.#fault !== undefined) reject(this.#fault);
			else this.#guards.add(reject);
		});
	}

	/** A test that has failed may go on for a while: power comes no more. */
	async close(): Promise<void> {
		this.#isOver = true;
		this.failWaiters(this.over());
		await this.#client?.close();
		await this.#machine.close();
	}

	private over(): Error {
		return new Error(`the test of ${this.id} is over`);
	}

	private get client(): ConsoleClient {
		if (this.#client === undefined) throw new Error(`${this.id} has no power`);
		return this.#client;
	}

	private async start(): Promise<Banner> {
		if (this.#client !== undefined) throw new Error(`${this.id} has power already`);
		if (this.#isOver) throw this.over();
		this.#watch.expectStart();
		this.#events = [];
		this.#rest = [];
		const link = await this.#machine.open();
		if (this.#isOver) {
			await this.#machine.close();
			throw this.over();
		}
		const started = this.waitFor(readBanner, this.#machine.startMs, "a banner");
		this.#client = new ConsoleClient(link, {
			capture: (_at, direction, bytes) => this.capture(direction, bytes),
		});
		await this.#machine.run();
		return started;
	}

	private async cut(): Promise<void> {
		this.#transcript.add("rig", "power off");
		await this.#machine.cut();
		this.#retryCount += this.#client?.retryCount ?? 0;
		await this.#client?.close();
		this.#client = undefined;
		this.#banner = undefined;
		// Nobody shall take what the next run says for what this one was asked.
		this.failWaiters(new Error(`${this.id} lost its power`));
	}

	private tear(): string | undefined {
		const torn = this.#machine.tear();
		if (torn !== undefined) this.#transcript.add("rig", torn);
		return torn;
	}

	private async cutAt(moment: CutMoment): Promise<void> {
		if ("afterMs" in moment) await this.unlessFault(new Promise((resolve) => setTimeout(resolve, moment.afterMs)));
		else await this.console.line(moment.line, { within: ANSWER_MS });
		await this.cut();
	}

	private async request(verb: string, members: Reply = {}, { within = ANSWER_MS } = {}): Promise<Reply> {
		this.#isSecret = verb === "provision" && this.network !== undefined;
		try {
			return await this.unlessFault(this.client.request(verb, members, { within }));
		} finally {
			this.#isSecret = false;
		}
	}

	private async send(bytes: Uint8Array | string): Promise<void> {
		await this.unlessFault(this.client.write(typeof bytes === "string" ? Buffer.from(bytes) : bytes));
	}

	/** Bytes of the console as they pass, in lines for transcript, watch and waiters. */
	private capture(direction: "in" | "out", bytes: Uint8Array): void {
		if (direction === "out") {
			// Noise in thousands of bytes is no line that anybody reads.
			const line = this.#decoder.decode(bytes.subarray(0, SHOWN_LENGTH)).trimEnd();
			this.#transcript.add("host", this.#isSecret ? `${bytes.length} bytes of a provisioning with a password` : line);
			return;
		}
		let from = 0;
		for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, from)) {
			this.#rest.push(bytes.slice(from, at));
			const line = this.#decoder.decode(Buffer.concat(this.#rest)).replace(/\r$/, "");
			this.#rest = [];
			from = at + 1;
			this.hear(line);
		}
		if (from < bytes.length) this.#rest.push(bytes.slice(from));
	}

	private hear(line: string): void {
		this.#transcript.add("board", line);
		this.#said.push(line);
		const fault = this.#watch.judge(line);
		if (fault !== undefined) return this.fail(fault);
		const banner = readBanner(line);
		if (banner !== undefined) {
			this.#banner = banner;
			this.#events = [];
		}
		const event = readEvent(line);
		if (event !== undefined) {
			if (this.#events.length === EVENT_COUNT) this.#events.shift();
			this.#events.push(event);
		}
		for (const waiter of [...this.#waiters]) if (waiter.hear(line)) this.#waiters.delete(waiter);
	}

	private fail(fault: BoardFault): void {
		this.#fault ??= fault;
		for (const guard of this.#guards) guard(fault);
		this.#guards.clear();
		this.failWaiters(fault);
	}

	private failWaiters(why: Error): void {
		for (const waiter of this.#waiters) waiter.fail(why);
		this.#waiters.clear();
	}

	private waitFor<T>(fits: (line: string) => T | undefined, within: number, what: string): Promise<T> {
		const wait = new Promise<T>((resolve, reject) => {
			if (this.#fault !== undefined) return reject(this.#fault);
			const waiter: Waiter = {
				hear: (line) => {
					const found = fits(line);
					if (found === undefined) return false;
					clearTimeout(timer);
					resolve(found);
					return true;
				},
				fail: (fault) => {
					clearTimeout(timer);
					reject(fault);
				},
			};
			const timer = setTimeout(() => {
				this.#waiters.delete(waiter);
				reject(new Error(`${this.id} did not give ${what} within ${within} ms`));
			}, within);
			this.#waiters.add(waiter);
		});
		// A test that has failed meanwhile does not come back to it.
		wait.catch(() => {});
		return wait;
	}

	private async unlessFault<T>(work: Promise<T>): Promise<T> {
		if (this.#fault !== undefined) throw this.#fault;
		let guard: ((fault: BoardFault) => void) | undefined;
		const faulty = new Promise<never>((_, reject) => {
			guard = reject;
			this.#guards.add(reject);
		});
		try {
			return await Promise.race([work, faulty]);
		} finally {
			if (guard !== undefined) this.#guards.delete(guard);
		}
	}
}

function readEvent(line: string): BoardEvent | undefined {
	const found = EVENT_LINE.exec(line);
	if (found === null) return undefined;
	const [, kind = "", shortServerId, detail = ""] = found;
	return { kind, shortServerId: Number(shortServerId), detail, deviceMs: deviceTime(line) ?? 0 };
}

const UNITS: Readonly<{ [unit: string]: number }> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** "90s", "15m", "12h", "2d". */
export function milliseconds(span: string): number {
	const found = /^(\d+)([smhd])$/.exec(span);
	if (found === null) throw new Error(`"${span}" is no span such as 90s, 15m, 12h or 2d`);
	return Number(found[1]) * UNITS[found[2]!]!;
}
