// What the formats of one value have in common.

import { Writer } from "../../bytes.js";
import type { Path } from "../path.js";
import type { Encoder, Value, ValueType } from "./format.js";

/** Takes exactly one value: a second one, or none, spoils the payload. */
export class SingleEncoder implements Encoder {
	readonly #writer: Writer;
	readonly #write: (writer: Writer, type: ValueType, value: Value) => boolean;
	#count = 0;
	#spoiled = false;

	constructor(bytes: Uint8Array, write: (writer: Writer, type: ValueType, value: Value) => boolean) {
		this.#writer = new Writer(bytes);
		this.#write = write;
	}

	add(_path: Path, type: ValueType, value: Value): void {
		this.#count++;
		if (this.#count > 1 || !this.#write(this.#writer, type, value)) this.#spoiled = true;
	}

	addMultiple(): void {}

	finish(): Uint8Array | undefined {
		if (this.spoiled || this.#writer.overflowed) return undefined;
		return this.#writer.bytes!.subarray(0, this.#writer.length);
	}

	get length(): number {
		return this.#writer.length;
	}

	get spoiled(): boolean {
		return this.#spoiled || this.#count !== 1;
	}
}
