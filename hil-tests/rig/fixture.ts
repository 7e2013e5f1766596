// One test on one board: back end, NAT and board are made for it, it runs within its limit, and all is ended again.

import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { SeededRandom } from "../../host-sim/nat/seeded-random.js";
import { Backend } from "./backend.js";
import type { Bench, Board } from "./board.js";
import type { MachineMaker } from "./machine.js";
import type { Result } from "./report.js";
import { RigBoard } from "./rig-board.js";
import type { Declared } from "./suite.js";
import { Transcript } from "./transcript.js";

/** What is the same for all tests of a run. */
export interface RunPlan {
	readonly board: string;
	/** Why nothing can run on this board here; undefined: it can. */
	readonly missing: string | undefined;
	readonly maker: MachineMaker;
	/** The address of this computer that the board reaches. */
	readonly address: string;
	readonly seed: number;
	/** Below it each test has a folder. */
	readonly folder: string;
	/** How often a test is tried before it counts as failed. */
	readonly attempts: number;
	/** The command line that repeats one test. */
	readonly repeat: (suite: string, title: string) => string;
}

const LIMIT_SECONDS = 60;
const BINDING_LIFETIME_MS = 30_000;
/** The folder of a test's machines within that of its records. */
const STATE = "state";

/** The board cannot do what the test needs. */
class Lacking extends Error {}

/** Runs one test, again where it failed, and tells how it went. Never rejects. */
export async function runTest(plan: RunPlan, suite: string, test: Declared): Promise<Result> {
	const folder = join(plan.folder, suite, slug(test.title));
	const startedAt = Date.now();
	const common = { board: plan.board, suite, test: test.title, folder };
	if (plan.missing !== undefined) {
		return { ...common, outcome: "skipped", ms: 0, detail: plan.missing, attempts: 1, resent: 0 };
	}
	for (let attempt = 1; ; attempt++) {
		rmSync(folder, { recursive: true, force: true });
		mkdirSync(join(folder, STATE), { recursive: true });
		const trial = new Trial(plan, test, folder);
		const error = await trial.run();
		const done = { ...common, ms: Date.now() - startedAt, attempts: attempt, resent: trial.retryCount };
		if (error === undefined) {
			rmSync(join(folder, STATE), { recursive: true, force: true });
			return { ...done, outcome: "passed", detail: "" };
		}
		if (error instanceof Lacking) return { ...done, outcome: "skipped", detail: error.message };
		if (attempt >= plan.attempts) {
			const repeat = `repeat: ${plan.repeat(suite, test.title)}`;
			return {
				...done,
				dead: trial.dead,
				outcome: "failed",
				detail: [describe(error), trial.tail(), repeat].join("\n"),
			};
		}
	}
}

/** One attempt of one test. */
class Trial {
	retryCount = 0;
	/** True until the first board has started. */
	dead = true;
	readonly #plan: RunPlan;
	readonly #test: Declared;
	readonly #folder: string;
	readonly #transcripts: Transcript[] = [];
	readonly #boards: RigBoard[] = [];
	/** Rejects as soon as one of the boards is faulty. */
	readonly #faulty: Promise<never>;
	#fail!: (fault: Error) => void;

	constructor(plan: RunPlan, test: Declared, folder: string) {
		this.#faulty = new Promise((_, reject) => {
			this.#fail = reject;
		});
		this.#faulty.catch(() => {});
		this.#plan = plan;
		this.#test = test;
		this.#folder = folder;
	}

	/** What went wrong; undefined when nothing did. */
	async run(): Promise<unknown> {
		const limitMs = (this.#test.wishes.limitSeconds ?? LIMIT_SECONDS) * 1000;
		const notes = this.transcript("rig.ndjson");
		let backend: Backend | undefined;
		let timer: NodeJS.Timeout | undefined;
		try {
			backend = await Backend.open({ address: this.#plan.address, onLog: (line) => notes.add("rig", line) });
			const overdue = new Promise<never>((_, reject) => {
				timer = setTimeout(() => reject(new Error(`not done within ${limitMs / 1000} s`)), limitMs);
			});
			const play = this.play(backend, notes);
			// What it says after its time limit is of no account.
			play.catch(() => {});
			await Promise.race([play, overdue]);
			return undefined;
		} catch (error) {
			// A board that died makes everything else fail, too: what it said is the reason.
			return this.#boards.find(({ fault }) => fault !== undefined)?.fault ?? error;
		} finally {
			clearTimeout(timer);
			for (const board of this.#boards) await board.close().catch((error) => notes.add("rig", describe(error)));
			this.retryCount = this.#boards.reduce((sum, board) => sum + board.retryCount, 0);
			await backend?.close();
		}
	}

	/** The last lines of each console. */
	tail(): string {
		return this.#transcripts
			.map((transcript) => transcript.tail())
			.filter((text) => text !== "")
			.join("\n--\n");
	}

	private async play(backend: Backend, notes: Transcript): Promise<void> {
		const board = await this.board(backend, notes);
		const lacking = (this.#test.wishes.needs ?? []).filter((ability) => !board.can(ability));
		if (lacking.length > 0) throw new Lacking(`${board.id} lacks ${lacking.join(", ")}`);
		const bench: Bench = {
			board,
			backend,
			random: new SeededRandom(this.#plan.seed),
			another: () => this.board(backend, notes),
			note: (text) => void notes.add("rig", text),
		};
		await Promise.race([this.#test.body(bench), this.#faulty]);
		for (const { fault } of this.#boards) if (fault !== undefined) throw fault;
	}

	private async board(backend: Backend, notes: Transcript): Promise<Board> {
		const number = this.#boards.length + 1;
		const machine = await this.#plan.maker({
			folder: this.#folder,
			state: join(this.#folder, STATE),
			number,
			backend: backend.coap,
			connections: backend.connections,
			seed: this.#plan.seed + number,
			bindingLifetimeMs: this.#test.wishes.bindingLifetimeMs ?? BINDING_LIFETIME_MS,
			say: (line) => void notes.add("rig", line),
		});
		const board = new RigBoard(machine, this.transcript(`console-${number}.ndjson`));
		this.#boards.push(board);
		board.whenFaulty().catch(this.#fail);
		await board.power.on();
		this.dead = false;
		// A real board remembers the last test.
		if (!board.can("fresh-flash")) await board.restarts(() => board.console.request("factory-reset"));
		return board;
	}

	private transcript(name: string): Transcript {
		const transcript = new Transcript(join(this.#folder, name));
		this.#transcripts.push(transcript);
		return transcript;
	}
}

function describe(error: unknown): string {
	if (!(error instanceof Error)) return String(error);
	const frames = (error.stack ?? "").split("\n").filter((line) => line.includes("hil-tests/"));
	const details = (error as Error & { readonly details?: unknown }).details;
	return [`${error.name}: ${error.message}`, ...(typeof details === "string" ? [details] : []), ...frames].join("\n");
}

/** A title as the name of a folder. */
function slug(title: string): string {
	return title
		.toLowerCase()
		.replace(/[^a-z0-9]+/g, "-")
		.replace(/^-|-$/g, "");
}
