// Files that are there whole after a power cut: either the old one or the new one.

import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** Writes a file in place of an older one; only its owner can read it. */
export function replaceFile(path: string, text: string): void {
	const file = beginFile(path);
	try {
		writeFileSync(file, text);
		finishFile(path, file);
	} finally {
		closeSync(file);
	}
}

/** Opens a new file that is to take the place of another one; whatever was left of an earlier try is gone. */
export function beginFile(path: string): number {
	const temporary = temporaryOf(path);
	// One that is there already would keep its owner and its mode.
	rmSync(temporary, { force: true });
	return openSync(temporary, "wx", 0o600);
}

/** From now on the file has its name, also after a power cut. */
export function finishFile(path: string, file: number): void {
	fsyncSync(file);
	renameSync(temporaryOf(path), path);
	// A name is the folder's: what is written to a file that has lost it is lost.
	const directory = openSync(dirname(path), "r");
	try {
		fsyncSync(directory);
	} finally {
		closeSync(directory);
	}
}

function temporaryOf(path: string): string {
	return `${path}.new`;
}
