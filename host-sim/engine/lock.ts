// One builder at a time, over processes: a lock file that names its holder.

import { closeSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 50;

function take(path: string): boolean {
	try {
		const file = openSync(path, "wx");
		writeSync(file, String(process.pid));
		closeSync(file);
		return true;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
		return false;
	}
}

function holderLives(path: string): boolean {
	let holder: number;
	try {
		holder = Number(readFileSync(path, "utf8"));
	} catch {
		return true; // it was released in the meantime
	}
	if (holder === 0) return true; // it is being written
	try {
		process.kill(holder, 0);
		return true;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === "EPERM";
	}
}

/** Runs the work while holding the lock; a lock whose holder died is taken over. */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
	while (!take(path)) {
		if (!holderLives(path)) rmSync(path, { force: true });
		else await sleep(POLL_MS);
	}
	try {
		return await work();
	} finally {
		rmSync(path, { force: true });
	}
}
