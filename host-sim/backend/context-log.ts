// What has to be known of OSCORE contexts after a restart of the back end: one line of JSON for each change, appended.

import { closeSync, fstatSync, fsyncSync, ftruncateSync, mkdirSync, readFileSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { ContextMemory, SavedContext } from "../../firmware/security/oscore/renewing-server.js";
import { hex } from "./hex.js";
import { beginFile, finishFile } from "./replace-file.js";
import { StoreError } from "./store-error.js";

const FILE = "contexts.ndjson";

/** The log of one data folder; at each start it is cut down to one line a device. */
export class ContextLog {
	readonly #contexts = new Map<string, SavedContext>();
	readonly #path: string;
	readonly #file: number;
	/** Where the next line begins. */
	#end = 0;

	/** Throws StoreError where the folder cannot be used. */
	constructor(directory: string) {
		const path = join(directory, FILE);
		this.#path = path;
		try {
			mkdirSync(directory, { recursive: true });
			for (const [endpointName, context] of readLines(path)) this.#contexts.set(endpointName, context);
			this.#file = beginFile(path);
			for (const [endpointName, context] of this.#contexts) this.#append(endpointName, context);
			finishFile(path, this.#file);
		} catch (error) {
			throw new StoreError(`${path} cannot be used: ${(error as Error).message}.`);
		}
	}

	/** The memory of one device's context. */
	of(endpointName: string): ContextMemory {
		return {
			saved: this.#contexts.get(endpointName),
			save: (context) => {
				this.#mustBeOurs();
				const end = this.#end;
				try {
					this.#append(endpointName, context);
					fsyncSync(this.#file);
				} catch (error) {
					// No number of it is used: the line goes, so that the next one does not stand behind half of it.
					this.#end = end;
					ftruncateSync(this.#file, end);
					throw error;
				}
			},
		};
	}

	close(): void {
		closeSync(this.#file);
	}

	/** Another process that began to use the folder has read all of our numbers, and none that we would still write. */
	#mustBeOurs(): void {
		if (statSync(this.#path).ino !== fstatSync(this.#file).ino)
			throw new StoreError(`${this.#path} is in use by another process.`);
	}

	#append(endpointName: string, { idContext, first }: SavedContext): void {
		const line = Buffer.from(`${JSON.stringify({ endpointName, idContext: hex(idContext), first })}\n`);
		for (let done = 0; done < line.length; ) {
			const count = writeSync(this.#file, line, done, line.length - done, this.#end);
			done += count;
			this.#end += count;
		}
	}
}

/** The newest context of each device; a line that a power cut tore is the last one, and says nothing. */
function readLines(path: string): Map<string, SavedContext> {
	const contexts = new Map<string, SavedContext>();
	let text = "";
	try {
		text = readFileSync(path, "utf8");
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
	}
	for (const [i, line] of text.split("\n").slice(0, -1).entries()) {
		const context = contextOf(line);
		if (context === undefined)
			throw new Error(`line ${i + 1} is no context; without the file devices renew their keys`);
		contexts.set(...context);
	}
	return contexts;
}

function contextOf(line: string): [endpointName: string, context: SavedContext] | undefined {
	try {
		const { endpointName, idContext, first } = JSON.parse(line) as Record<string, unknown>;
		if (typeof endpointName !== "string" || typeof idContext !== "string" || !/^([0-9a-f]{2})+$/.test(idContext))
			return undefined;
		if (typeof first !== "number" || !Number.isSafeInteger(first) || first < 0) return undefined;
		return [endpointName, { idContext: Uint8Array.from(Buffer.from(idContext, "hex")), first }];
	} catch {
		return undefined;
	}
}
