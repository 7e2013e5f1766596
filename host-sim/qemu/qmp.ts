// QEMU's Machine Protocol over the child's own stdin and stdout: JSON, one message a line, answers in order.

import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";

/** A message of QEMU: the greeting, an answer or an event; only the members that we read. */
interface QmpMessage {
	readonly return?: unknown;
	readonly error?: { readonly desc: string };
	readonly event?: string;
}

interface Waiting {
	readonly resolve: (value: unknown) => void;
	readonly reject: (error: Error) => void;
}

/** A conversation with one QEMU. */
export class Qmp {
	/** Where the serial console is, once QEMU has said so. */
	pty: string | undefined;
	readonly #input: Writable;
	readonly #waiting: Waiting[] = [];
	#gone = false;

	constructor(input: Writable, output: Readable) {
		this.#input = input;
		input.on("error", () => this.#end());
		createInterface({ input: output })
			.on("line", (line) => this.#handle(line))
			.on("close", () => this.#end());
	}

	/** Waits for the greeting and opens the commands. */
	async open(): Promise<void> {
		await this.#answer();
		await this.execute("qmp_capabilities");
	}

	/** Carries out one command and gives what it returns; rejects with QEMU's own words, or when QEMU is gone. */
	execute(command: string, words: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
		const answer = this.#answer();
		this.#input.write(`${JSON.stringify({ execute: command, arguments: words })}\n`);
		return answer;
	}

	#answer(): Promise<unknown> {
		if (this.#gone) return Promise.reject(new Error("QEMU has ended"));
		return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
	}

	#handle(line: string): void {
		// A remark for people on the same stream.
		const redirected = /^char device redirected to (\S+) /.exec(line);
		if (redirected !== null) this.pty = redirected[1];
		const message = read(line);
		if (message === undefined || message.event !== undefined) return;
		const waiting = this.#waiting.shift();
		if (message.error === undefined) waiting?.resolve(message.return);
		else waiting?.reject(new Error(message.error.desc));
	}

	#end(): void {
		this.#gone = true;
		for (const { reject } of this.#waiting.splice(0)) reject(new Error("QEMU has ended"));
	}
}

/** Undefined for what is no JSON. */
function read(line: string): QmpMessage | undefined {
	try {
		return JSON.parse(line) as QmpMessage;
	} catch {
		return undefined;
	}
}
