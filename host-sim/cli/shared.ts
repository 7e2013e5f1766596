// What every command shares: exit codes, HOST:PORT, option values, the ready line, signals and the log on stderr.

import type { CAC } from "cac";

/** The command line that each `register…` function adds its command to. */
export type Cli = CAC;

/** Exit codes of `pinhole`. A command's action returns one of them, or nothing for success. */
export const EXIT = Object.freeze({
	success: 0,
	deviceError: 1,
	usage: 2,
	noAnswer: 3,
	noSuchDevice: 4,
	backendUnreachable: 5,
	portBusy: 6,
	wrongBoard: 7,
	wrongImage: 8,
	/** Our own mistake, as sysexits.h numbers it. */
	fault: 70,
});

/** A wrong call: its message is one sentence that says what to do; `pinhole` prints it and ends with EXIT.usage. */
export class UsageError extends Error {}

/** A failure with an exit code of its own; its message is printed as it is. */
export class Failure extends Error {
	readonly exitCode: number;

	constructor(message: string, exitCode: number) {
		super(message);
		this.exitCode = exitCode;
	}
}

/** A place to listen on or to send to; port 0 means any free port. */
export interface HostPort {
	readonly host: string;
	readonly port: number;
}

/** "127.0.0.1:5683" as host and port; `what` names the option in the error. */
export function parseHostPort(value: unknown, what: string): HostPort {
	const match = /^(\[[^\]]+\]|[^:\s]+):(\d{1,5})$/.exec(textOption(value, what));
	const port = Number(match?.[2]);
	if (match === null || port > 65535) throw new UsageError(`${what} needs HOST:PORT, for example 127.0.0.1:5683.`);
	return { host: match[1]!.replace(/^\[|\]$/g, ""), port };
}

/** The inverse of `parseHostPort`. */
export function formatHostPort(host: string, port: number): string {
	return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** An option's value as text. `pinhole` hands every option value over as it was typed, "007" stays "007". */
export function textOption(value: unknown, what: string): string {
	if (Array.isArray(value)) throw new UsageError(`Give ${what} only once.`);
	if (typeof value !== "string" && typeof value !== "number") throw new UsageError(`${what} needs a value.`);
	return String(value);
}

/** An option's value as a number within bounds. */
export function numberOption(value: unknown, what: string, least: number, most: number): number {
	const text = textOption(value, what);
	const number = Number(text);
	if (text.trim() === "" || !(number >= least && number <= most)) {
		throw new UsageError(`${what} needs a number from ${least} to ${most}, not "${text}".`);
	}
	return number;
}

/** An option's value as one of a few words. */
export function choiceOption<T extends string>(value: unknown, what: string, choices: readonly T[]): T {
	const text = textOption(value, what);
	const choice = choices.find((one) => one === text);
	if (choice === undefined) throw new UsageError(`${what} needs one of ${choices.join(", ")}, not "${text}".`);
	return choice;
}

/** Says on stdout that a long-running command is ready: one JSON line with its pid, or one line for people. */
export function announceReady(json: boolean, places: Readonly<Record<string, string>>, human: string): void {
	process.stdout.write(`${json ? JSON.stringify({ ready: true, ...places, pid: process.pid }) : human}\n`);
}

/** Time that a command has for its orderly end; then it ends anyway. */
const STOP_MS = 1500;

/** Waits for SIGTERM or SIGINT, closes what is open, and gives exit code 0; a second signal ends at once. */
export function runUntilStopped(close: () => Promise<void> | void): Promise<number> {
	return new Promise((resolve) => {
		let stopping = false;
		const stop = (): void => {
			if (stopping) process.exit(EXIT.success);
			stopping = true;
			setTimeout(() => process.exit(EXIT.success), STOP_MS).unref();
			Promise.resolve(close()).then(
				() => resolve(EXIT.success),
				() => resolve(EXIT.success),
			);
		};
		process.on("SIGTERM", stop);
		process.on("SIGINT", stop);
	});
}

/** From silent to talkative. */
export const LOG_LEVELS = Object.freeze(["error", "warn", "info", "debug"] as const);
export type LogLevel = (typeof LOG_LEVELS)[number];

/** One line a fact: who, what, value. */
export interface Logger {
	error(who: string, what: string, value?: string): void;
	warn(who: string, what: string, value?: string): void;
	info(who: string, what: string, value?: string): void;
	debug(who: string, what: string, value?: string): void;
}

/** A log for people, on stderr unless told otherwise. */
export function createLogger(level: LogLevel, write: (line: string) => void = writeError): Logger {
	const most = LOG_LEVELS.indexOf(level);
	const line =
		(at: LogLevel) =>
		(who: string, what: string, value = ""): void => {
			if (LOG_LEVELS.indexOf(at) > most) return;
			const mark = at === "info" ? "" : `${at}: `;
			write(`${new Date().toISOString().slice(11, 23)} ${who}: ${mark}${what}${value === "" ? "" : ` ${value}`}\n`);
		};
	return { error: line("error"), warn: line("warn"), info: line("info"), debug: line("debug") };
}

function writeError(line: string): void {
	process.stderr.write(line);
}
