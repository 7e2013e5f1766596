// `pinhole` as tests run it: real processes on this machine.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { createCli } from "./commands.js";
import { dispatch } from "./dispatch.js";

const PINHOLE = fileURLToPath(new URL("./pinhole.js", import.meta.url));

/** How a process ended, and what it said. */
export interface Ended {
	readonly code: number | null;
	readonly stdout: string;
	readonly stderr: string;
}

/** A running `pinhole`. */
export class Running {
	readonly process: ChildProcess;
	stdout = "";
	stderr = "";
	readonly ended: Promise<Ended>;

	constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
		const { PINHOLE_BACKEND: _backend, PINHOLE_TOKEN: _token, ...inherited } = process.env;
		this.process = spawn(process.execPath, [PINHOLE, ...args], {
			env: { ...inherited, ...env },
			stdio: ["ignore", "pipe", "pipe"],
		});
		this.process.stdout?.setEncoding("utf8").on("data", (text: string) => {
			this.stdout += text;
		});
		this.process.stderr?.setEncoding("utf8").on("data", (text: string) => {
			this.stderr += text;
		});
		this.ended = once(this.process, "close").then(([code]) => ({
			code: code as number | null,
			stdout: this.stdout,
			stderr: this.stderr,
		}));
	}

	/** Waits until stdout has so many whole lines and gives them; throws when the process ends before. */
	async lines(count: number): Promise<string[]> {
		for (;;) {
			const lines = this.stdout.split("\n").slice(0, -1);
			if (lines.length >= count) return lines;
			if (this.process.exitCode !== null) throw new Error(`it ended: ${this.stderr}`);
			await new Promise((resolve) => setTimeout(resolve, 10));
		}
	}

	/** The line that says it is ready. */
	async ready(): Promise<Readonly<Record<string, unknown>>> {
		return JSON.parse((await this.lines(1))[0]!) as Readonly<Record<string, unknown>>;
	}

	/** Asks it to end, and says how it did. */
	stop(signal: "SIGTERM" | "SIGINT" = "SIGTERM"): Promise<Ended> {
		this.process.kill(signal);
		return this.ended;
	}
}

/** Runs `pinhole` to its end. */
export function pinhole(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
	return new Running(args, env).ended;
}

/** Runs `pinhole` to its end in this process, in a tenth of the time; not for commands that wait for a signal. */
export async function pinholeHere(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
	const said = { stdout: "", stderr: "" };
	const restore = [
		capture(process.stdout, (text) => {
			said.stdout += text;
		}),
		capture(process.stderr, (text) => {
			said.stderr += text;
		}),
	];
	const before = { ...process.env };
	Object.assign(process.env, env);
	try {
		const code = await dispatch(createCli(), ["node", "pinhole", ...args]);
		return { code, ...said };
	} finally {
		for (const one of restore) one();
		for (const name of Object.keys(env)) {
			if (before[name] === undefined) delete process.env[name];
			else process.env[name] = before[name];
		}
	}
}

function capture(stream: NodeJS.WriteStream, take: (text: string) => void): () => void {
	const write = stream.write;
	stream.write = (text) => {
		take(String(text));
		return true;
	};
	return () => {
		stream.write = write;
	};
}
