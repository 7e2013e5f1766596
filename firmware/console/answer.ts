// The two forms of an answer: JSON for programs, lines for people. Both write into a bounded Writer.

import type { Writer } from "../bytes.js";
import { writeJsonString } from "../lwm2m/formats/json.js";
import type { Answer } from "./target.js";

const LF = 0x0a;
const SPACE = 0x20;

/** Members of a JSON object that is open already. */
export class JsonAnswer implements Answer {
	readonly #writer: Writer;
	/** For each open level one bit below a leading 1: a list. */
	#levels = 1;
	#isFirst: boolean;

	constructor(writer: Writer, isEmpty: boolean) {
		this.#writer = writer;
		this.#isFirst = isEmpty;
	}

	text(name: string, value: string): void {
		this.begin(name);
		writeJsonString(this.#writer, value);
	}

	number(name: string, value: number): void {
		this.begin(name);
		// JSON knows no NaN and no Infinity.
		this.#writer.text(Number.isFinite(value) ? String(value) : "null");
	}

	flag(name: string, value: boolean): void {
		this.begin(name);
		this.#writer.text(value ? "true" : "false");
	}

	open(name: string): void {
		this.begin(name);
		this.enter("{", 0);
	}

	openList(name: string): void {
		this.begin(name);
		this.enter("[", 1);
	}

	close(): void {
		if (this.#levels === 1) return;
		this.#writer.text((this.#levels & 1) === 1 ? "]" : "}");
		this.#levels >>= 1;
		this.#isFirst = false;
	}

	/** Closes what the verb left open. */
	end(): void {
		while (this.#levels > 1) this.close();
	}

	private enter(bracket: string, isList: number): void {
		this.#writer.text(bracket);
		this.#levels = this.#levels * 2 + isList;
		this.#isFirst = true;
	}

	private begin(name: string): void {
		if (!this.#isFirst) this.#writer.text(",");
		this.#isFirst = false;
		if (this.#levels > 1 && (this.#levels & 1) === 1) return;
		writeJsonString(this.#writer, name);
		this.#writer.text(":");
	}
}

/** One line a member, groups indented by two spaces. */
export class LineAnswer implements Answer {
	readonly #writer: Writer;
	#depth = 0;

	constructor(writer: Writer) {
		this.#writer = writer;
	}

	text(name: string, value: string): void {
		const writer = this.#writer;
		this.begin(name);
		writer.u8(SPACE);
		const start = writer.length;
		writer.text(value);
		// A value's own line ends must not look like ours, and its escapes must not reach a terminal.
		const end = Math.min(writer.length, writer.bytes?.length ?? 0);
		for (let i = start; i < end; i++) if (writer.bytes![i]! < SPACE) writer.bytes![i] = SPACE;
		writer.u8(LF);
	}

	number(name: string, value: number): void {
		this.text(name, String(value));
	}

	flag(name: string, value: boolean): void {
		this.text(name, value ? "yes" : "no");
	}

	open(name: string): void {
		this.begin(name);
		this.#writer.u8(LF);
		this.#depth++;
	}

	openList(name: string): void {
		this.open(name);
	}

	close(): void {
		if (this.#depth > 0) this.#depth--;
	}

	private begin(name: string): void {
		for (let i = 0; i < this.#depth; i++) this.#writer.text("  ");
		this.#writer.text(name === "" ? "-" : name);
		this.#writer.text(":");
	}
}
