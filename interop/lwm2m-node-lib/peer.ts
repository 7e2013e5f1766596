// npm `lwm2m-node-lib`, installed by its own lock into this folder, as a server that tests can ask.

import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { PeerProcess } from "../process.js";

const HERE = fileURLToPath(new URL(".", import.meta.url));

/** Installs the library where it is missing; gives the reason where that cannot be done. */
export function installNodeLib(): string | undefined {
	if (existsSync(`${HERE}node_modules/lwm2m-node-lib/package.json`)) return undefined;
	try {
		execFileSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: HERE, stdio: "ignore" });
		return undefined;
	} catch {
		return "npm could not install lwm2m-node-lib: is the npm registry within reach?";
	}
}

interface Line {
	readonly id?: number;
	readonly result?: unknown;
	readonly error?: { readonly name: string; readonly code: string; readonly message: string };
	readonly event?: string;
	readonly values?: readonly unknown[];
}

/** What happened: "registration", "updateRegistration", "unregistration", or "value" for a notification. */
export interface NodeLibEvent {
	readonly event: string;
	readonly values: readonly unknown[];
}

/** The running server. */
export class NodeLibServer {
	/** Where devices register, "HOST:PORT". */
	readonly coap: string;
	readonly #peer: PeerProcess;
	readonly #asked: Map<number, (line: Line) => void>;
	readonly #events: NodeLibEvent[];
	#lastId = 0;

	private constructor(peer: PeerProcess, asked: Map<number, (line: Line) => void>, events: NodeLibEvent[]) {
		this.coap = peer.place("coap");
		this.#peer = peer;
		this.#asked = asked;
		this.#events = events;
	}

	static async start(): Promise<NodeLibServer> {
		const asked = new Map<number, (line: Line) => void>();
		const events: NodeLibEvent[] = [];
		const onLine = (text: string): void => {
			// The library may print something of its own.
			if (!text.startsWith("{")) return;
			const line = JSON.parse(text) as Line;
			if (line.id !== undefined) asked.get(line.id)?.(line);
			else if (line.event !== undefined) events.push({ event: line.event, values: line.values ?? [] });
		};
		const peer = await PeerProcess.start([process.execPath, "server.js"], { onLine, folder: HERE });
		return new NodeLibServer(peer, asked, events);
	}

	/** Calls a function of the library and gives its result, or "4.05" where the device or library refused. */
	async call(
		name: string,
		...values: readonly unknown[]
	): Promise<{ readonly result?: unknown; readonly error?: string }> {
		const id = ++this.#lastId;
		const line = await new Promise<Line>((resolve) => {
			this.#asked.set(id, resolve);
			this.#peer.say(JSON.stringify({ id, call: name, values }));
		});
		if (line.error === undefined) return { result: line.result };
		return { error: /\d\.\d\d/.exec(`${line.error.message} ${line.error.code}`)?.[0] ?? line.error.message };
	}

	/** The next event of a kind; those before it are dropped. Throws when none comes. */
	async next(event: string, timeoutMs: number): Promise<NodeLibEvent> {
		const deadline = Date.now() + timeoutMs;
		for (;;) {
			for (let first = this.#events.shift(); first !== undefined; first = this.#events.shift()) {
				if (first.event === event) return first;
			}
			if (Date.now() > deadline) throw new Error(`no "${event}" within ${timeoutMs} ms`);
			await new Promise((resolve) => setTimeout(resolve, 20));
		}
	}

	/** Whether an event of a kind comes within a time. */
	async comes(event: string, timeoutMs: number): Promise<boolean> {
		return this.next(event, timeoutMs).then(
			() => true,
			() => false,
		);
	}

	drop(): void {
		this.#events.length = 0;
	}

	stop(): Promise<void> {
		return this.#peer.stop();
	}
}
