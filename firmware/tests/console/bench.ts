// A console before a device that only notes what it is asked, and a UART of a given room.

import type { Settings } from "../../boot/settings.js";
import { decodeText, encodeText } from "../../bytes.js";
import { checksum, checksumText } from "../../console/checksum.js";
import { Console, type ConsoleOutput } from "../../console/console.js";
import type { Answer, ConsoleTarget, ConsoleValue, Refusal } from "../../console/target.js";

/** Answers each verb with something of its own, and refuses what its fields say. */
export class FakeTarget implements ConsoleTarget {
	isTestBuild = true;
	readonly calls: string[] = [];
	settings: Settings | undefined;
	refusal: Refusal;
	/** What `objects read` gives for one path. */
	value = "Pinhole";

	boot(answer: Answer): void {
		answer.text("board", "node");
		answer.text("reset", "power-on");
	}

	status(answer: Answer): void {
		this.calls.push("status");
		answer.flag("provisioned", this.settings !== undefined);
		answer.openList("accounts");
		answer.open("");
		answer.number("shortServerId", 1);
		answer.text("state", "registered");
		answer.close();
		answer.open("");
		answer.number("shortServerId", 2);
		answer.close();
		answer.close();
		answer.number("uptimeSeconds", 12.5);
	}

	identity(answer: Answer): void {
		this.calls.push("identity");
		answer.text("board", "node");
	}

	provision(settings: Settings): Refusal {
		this.settings = settings;
		return this.refusal;
	}

	network(answer: Answer): void {
		answer.text("kind", "ethernet");
	}

	objectsRead(path: string, answer: Answer): Refusal {
		this.calls.push(`read ${path}`);
		if (this.refusal === undefined) answer.text(path, this.value);
		return this.refusal;
	}

	objectsWrite(path: string, value: ConsoleValue): Refusal {
		this.calls.push(`write ${path} ${typeof value} ${value}`);
		return this.refusal;
	}

	statistics(answer: Answer): void {
		answer.number("strayDatagrams", 3);
	}

	advance(ms: number): Refusal {
		this.calls.push(`advance ${ms}`);
		return this.refusal;
	}

	restart(): void {
		this.calls.push("restart");
	}

	factoryReset(): Refusal {
		this.calls.push("factory-reset");
		return this.refusal;
	}
}

/** Settings as a program sends them, with two accounts and a network. */
export const SETTINGS = Object.freeze({
	endpointName: "compressor-1",
	accounts: [
		{
			serverUri: "coap://192.0.2.1:5683",
			shortServerId: 1,
			lifetimeSeconds: 300,
			keepaliveSeconds: 21,
			credentials: { mode: "psk", identity: "compressor-1", key: "c0ffee00112233445566778899aabbcc" },
		},
		{
			serverUri: "coap://backend.example",
			shortServerId: 2,
			lifetimeSeconds: 86_400,
			credentials: {
				mode: "oscore",
				masterSecret: "deadbeef00112233445566778899aabb",
				masterSalt: "5a17ed5a17ed5a17",
				senderId: "01",
				recipientId: "",
				idContext: "37cbf321",
			},
		},
	],
	network: { ssid: "workshop", password: "hunter2 hunter2" },
});

/** What must never come out. */
export const SECRETS: readonly string[] = Object.freeze([
	"c0ffee00112233445566778899aabbcc",
	"deadbeef00112233445566778899aabb",
	"5a17ed5a17ed5a17",
	"hunter2",
]);

/** A console whose output is collected, at most `room` bytes at once. */
export class Desk {
	readonly target = new FakeTarget();
	readonly console = new Console(this.target);
	now = 0;
	/** All that has come out. */
	output = "";
	readonly #out: ConsoleOutput = { bytes: new Uint8Array(128), length: 0 };

	/** Bytes in, and all that comes of it. */
	send(text: string, room = 128): string {
		const start = this.output.length;
		this.give(encodeText(text), () => this.drain(room));
		return this.output.slice(start);
	}

	/** Gives bytes as the console takes them, and drains whenever it took some. */
	give(bytes: Uint8Array, drain: () => unknown): void {
		let taken = 0;
		do {
			taken += this.console.handleReceived(this.now, bytes.subarray(taken));
			drain();
		} while (taken < bytes.length);
	}

	drain(room = 128): string {
		const start = this.output.length;
		while (this.console.pollTransmit(this.now, room, this.#out))
			this.output += decodeText(this.#out.bytes, 0, this.#out.length) ?? "?";
		return this.output.slice(start);
	}

	/** Takes all that comes out, keeps none of it, and gives its length. */
	discard(): number {
		let length = 0;
		while (this.console.pollTransmit(this.now, 128, this.#out)) length += this.#out.length;
		return length;
	}

	/** What a program is answered, without frame and checksum, which must be right. */
	ask(request: object, id = 7): string {
		return unframe(this.send(`#${id} ${JSON.stringify(request)}\n`), id);
	}

	/** A request in pieces as docs/console.md has it. */
	askInPieces(request: object, id = 7): string {
		const bytes = encodeText(withChecksum(JSON.stringify(request)));
		let offset = 0;
		for (; bytes.length - offset > 100; offset += 100) {
			const piece = decodeText(bytes, offset, offset + 100)!;
			const acknowledgement = this.send(`#${id}+${offset} ${piece}\n`);
			if (acknowledgement !== `#${id}+ ${offset + 100}\n`) return acknowledgement;
		}
		return unframe(this.send(`#${id} ${decodeText(bytes, offset, bytes.length)}\n`), id);
	}
}

/** JSON and its checksum, as a request carries them. */
export function withChecksum(json: string): string {
	const bytes = encodeText(json);
	return `${json} ${checksumText(checksum(bytes, 0, bytes.length))}`;
}

/** The JSON of an answer line; throws where its frame or checksum is wrong. */
export function unframe(line: string, id: number): string {
	const frame = `#${id} `;
	const json = line.slice(frame.length, -6);
	if (line !== `${frame}${withChecksum(json)}\n`) throw new Error(`no answer to ${id}: ${line}`);
	return json;
}
