// One user a board: a lock file with the process that holds it. One that outlived its process is stale, and is taken.

import { closeSync, linkSync, mkdirSync, openSync, readFileSync, renameSync, unlinkSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A process, told apart from a later one of the same number by when it began. */
interface Holder {
	readonly pid: number;
	readonly startedAt: string;
	readonly command: string;
}

/** Somebody else has the board. */
export class BoardBusy extends Error {}

/** Where the locks of this computer's rigs are. */
export const LOCKS = join(tmpdir(), "pinhole-rig");

/** Takes the lock of a board; returns how to give it back. Throws BoardBusy with who holds it. */
export function lockBoard(id: string, folder = LOCKS): () => void {
	mkdirSync(folder, { recursive: true });
	const path = join(folder, `${id.replace(/[^\w.-]/g, "_")}.lock`);
	const text = JSON.stringify(ourselves());
	for (;;) {
		try {
			const file = openSync(path, "wx");
			writeSync(file, text);
			closeSync(file);
			return () => release(path, text);
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
		}
		removeStale(path, id);
	}
}

function release(path: string, text: string): void {
	if (readLock(path) === text) unlinkSync(path);
}

/** Throws BoardBusy unless the holder is gone. */
function removeStale(path: string, id: string): void {
	const text = readLock(path);
	if (text === undefined) return;
	const holder = parse(text);
	if (holder === undefined || isAlive(holder)) {
		const who = holder === undefined ? "a process that just begins" : `process ${holder.pid} (${holder.command})`;
		throw new BoardBusy(`The board ${id} is in use by ${who}.`);
	}
	// Another process may see the same stale lock: only what was moved away is removed, and a fresh one is put back.
	const aside = `${path}.${process.pid}`;
	try {
		renameSync(path, aside);
	} catch {
		return;
	}
	if (readLock(aside) !== text) linkSync(aside, path);
	unlinkSync(aside);
}

function readLock(path: string): string | undefined {
	try {
		return readFileSync(path, "utf8");
	} catch {
		return undefined;
	}
}

function parse(text: string): Holder | undefined {
	try {
		return JSON.parse(text) as Holder;
	} catch {
		return undefined;
	}
}

function ourselves(): Holder {
	return { pid: process.pid, startedAt: startOf(process.pid), command: process.argv.slice(1).join(" ").slice(-80) };
}

function isAlive({ pid, startedAt }: Holder): boolean {
	try {
		process.kill(pid, 0);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
	}
	return startOf(pid) === startedAt;
}

/** When a process began, in the kernel's ticks since its own start; "" where there is no /proc. */
function startOf(pid: number): string {
	try {
		const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
		// The name, in brackets, may hold anything; the 22nd field of proc(5) is the 20th after it.
		return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
	} catch {
		return "";
	}
}
