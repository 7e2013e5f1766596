// A board made of a script, in this process: for the rig's own tests, which want no board.

import type { LinkListener, SerialLink } from "../../host-sim/console/link.js";
import type { Ability, BoardLink, NetworkSettings } from "./board.js";
import type { Machine } from "./machine.js";

type Reply = Readonly<Record<string, unknown>>;

/** What the script does at a start, and with each request. */
export interface Script {
	/** Called at each start; the board's lines go out by `say`. */
	start(say: (line: string) => void): void;
	/** The answer, or one sentence of refusal. */
	request(verb: string, request: Reply, say: (line: string) => void): Reply | string;
}

const NO_LINK: BoardLink = {
	serverUri: "coap://127.0.0.1:5683",
	connectionUri: undefined,
	bindingLifetimeMs: 30_000,
	drop: async () => {},
	delay: async () => {},
	jitter: async () => {},
	duplicate: async () => {},
	silence: async () => {},
	rebind: async () => {},
	forget: async () => {},
	passed: () => [],
	cable: async () => {},
};

/** A line of a request: its number, where it is a piece its offset, and its text. */
const REQUEST_LINE = /^#(\d+)(?:\+(\d+))? (.*)$/;

export class ScriptedMachine implements Machine {
	readonly id = "scripted";
	readonly link = NO_LINK;
	readonly network: NetworkSettings | undefined;
	readonly startMs = 500;
	readonly abilities: ReadonlySet<Ability>;
	/** Bytes that were no request. */
	noise = "";
	readonly #script: Script;
	#listener: LinkListener | undefined;
	#early = "";
	#rest = "";
	#collected = "";

	constructor(
		script: Script,
		abilities: readonly Ability[] = ["power", "fresh-flash", "another"],
		network: NetworkSettings | undefined = undefined,
	) {
		this.#script = script;
		this.network = network;
		this.abilities = new Set(abilities);
	}

	async open(): Promise<SerialLink> {
		this.#rest = "";
		this.#early = "";
		return {
			path: "scripted",
			listen: (listener) => {
				this.#listener = listener;
				if (this.#early !== "") listener.received(Buffer.from(this.#early));
				this.#early = "";
			},
			write: async (bytes) => this.hear(Buffer.from(bytes).toString("latin1")),
			set: async () => {},
			close: async () => this.hangUp(),
		};
	}

	async run(): Promise<void> {
		this.#script.start(this.say);
	}

	async cut(): Promise<void> {
		this.hangUp();
	}

	mark(): void {}

	tear(): undefined {}

	async close(): Promise<void> {}

	/** A line of the board, at any time. */
	readonly say = (line: string): void => {
		const text = `${line}\n`;
		if (this.#listener === undefined) this.#early += text;
		else this.#listener.received(Buffer.from(text));
	};

	private hangUp(): void {
		const listener = this.#listener;
		this.#listener = undefined;
		listener?.closed();
	}

	private hear(text: string): void {
		const lines = (this.#rest + text).split("\n");
		this.#rest = lines.pop() ?? "";
		for (const line of lines) queueMicrotask(() => this.handle(line));
	}

	private handle(line: string): void {
		const found = REQUEST_LINE.exec(line);
		if (found === null) {
			this.noise += line;
			return;
		}
		const [, id, offset, text = ""] = found;
		if (offset !== undefined) {
			this.#collected = this.#collected.slice(0, Number(offset)) + text;
			return this.say(`#${id}+ ${this.#collected.length}`);
		}
		const request = JSON.parse((this.#collected + text).replace(/ [0-9a-f]{4}$/, "")) as Reply;
		this.#collected = "";
		const answer = this.#script.request(String(request.verb), request, this.say);
		const whole = typeof answer === "string" ? { ok: false, error: answer } : { ok: true, ...answer };
		const json = JSON.stringify(whole);
		this.say(`#${id} ${json} ${checksum(json)}`);
	}
}

/** CRC-16 as docs/console.md has it; of our own, so that a mistake of the firmware's does not cancel out. */
function checksum(text: string): string {
	let crc = 0xffff;
	for (const byte of Buffer.from(text)) {
		crc ^= byte << 8;
		for (let bit = 0; bit < 8; bit++) crc = ((crc & 0x8000) !== 0 ? (crc << 1) ^ 0x1021 : crc << 1) & 0xffff;
	}
	return crc.toString(16).padStart(4, "0");
}
