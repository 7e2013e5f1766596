// What the console commands: the device as its verbs see it, and the writer into which a verb puts its answer.

import type { Settings } from "../boot/settings.js";

/** What a person or a program may write into a resource: text as in text/plain, whatever the resource's type. */
export type ConsoleValue = string | number | boolean;

/** Takes the members of one answer, in order; JSON for programs, lines for people. Bounded: too much is an error. */
export interface Answer {
	text(name: string, value: string): void;
	number(name: string, value: number): void;
	flag(name: string, value: boolean): void;
	/** Begins an object within the answer, until `close`. In a list its name is of no account. */
	open(name: string): void;
	/** Begins a list of values or objects, until `close`. */
	openList(name: string): void;
	close(): void;
}

/** Why a verb cannot be carried out, as one sentence without a full stop; undefined when it is done. */
export type Refusal = string | undefined;

/**
 * A device to the console. Everything is synchronous. Nothing secret (a key, the network's password) may be put into
 * an answer or a refusal.
 */
export interface ConsoleTarget {
	/** Only where this is true is there a verb `time advance`. */
	readonly isTestBuild: boolean;
	/** The banner: board, version, commit, build, reset, cause, endpoint. */
	boot(answer: Answer): void;
	/** Whether provisioned, each account's state, uptime, heap. */
	status(answer: Answer): void;
	/** Board, version, commit, build, endpoint, MAC. */
	identity(answer: Answer): void;
	/** Stores the settings, so that they survive a power cut when this returns; they are used from the next start. */
	provision(settings: Settings): Refusal;
	/** Kind, address, whether it is up; never the password. */
	network(answer: Answer): void;
	/** Members named by their full paths, "/3/0/0". The console itself refuses objects that hold secrets. */
	objectsRead(path: string, answer: Answer): Refusal;
	objectsWrite(path: string, value: ConsoleValue): Refusal;
	/** Counters of all parts. */
	statistics(answer: Answer): void;
	/** Test builds only: the device's clock jumps forward. */
	advance(ms: number): Refusal;
	/** To be carried out once the answer has left (`Console.isIdle`), or a second later. */
	restart(): void;
	/** Forgets settings and state, and restarts as `restart` does. */
	factoryReset(): Refusal;
}
