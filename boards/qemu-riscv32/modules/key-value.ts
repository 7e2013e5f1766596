// `embedded:storage/key-value` as in Moddable SDK 8.2.3, over the firmware's own journal in a partition of its own. A
// record of the journal holds path, key and value, so that a write is in flash when it returns, as a whole.

import flash from "embedded:storage/flash";
import { encodeText } from "../../../firmware/bytes.js";
import type { KeyValue, KeyValueModule } from "../../../firmware/io/ecma-419.js";
import { Journal } from "../../../firmware/store/journal.js";

/** Of a path and of a key, as on an ESP32. */
const NAME_LENGTH = 15;

/**
 * Opened anew for each call: a preloaded module keeps no state, and two journals in one partition would not know of
 * each other's records.
 */
function openJournal(): Journal {
	return new Journal(flash.open({ path: "keyvalue" }));
}

type Options = Parameters<KeyValueModule["open"]>[0];

class Domain implements KeyValue {
	readonly #path: Uint8Array;
	readonly #isReadOnly: boolean;
	#isOpen = true;

	constructor({ path, mode, format }: Options) {
		if (format !== undefined && format !== "buffer") throw new RangeError('format must be "buffer"');
		this.#path = nameOf(path);
		this.#isReadOnly = mode === "r";
	}

	read(key: string): ArrayBuffer | undefined {
		const name = this.name(key);
		const record = find(openJournal(), name);
		return record === undefined ? undefined : record.bytes.slice(name.length).buffer;
	}

	write(key: string, value: ArrayBufferLike | ArrayBufferView): void {
		const name = this.name(key);
		const bytes = ArrayBuffer.isView(value)
			? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
			: new Uint8Array(value);
		if (this.#isReadOnly) throw new TypeError("this path was opened for reading");
		const journal = openJournal();
		journal.write(find(journal, name)?.place ?? freePlace(journal), joined(name, bytes));
	}

	delete(key: string): void {
		const name = this.name(key);
		if (this.#isReadOnly) throw new TypeError("this path was opened for reading");
		const journal = openJournal();
		const record = find(journal, name);
		if (record !== undefined) journal.delete(record.place);
	}

	close(): void {
		this.#isOpen = false;
	}

	/** What the record of a key begins with. */
	private name(key: string): Uint8Array {
		if (!this.#isOpen) throw new SyntaxError("this path is closed");
		return joined(this.#path, nameOf(key));
	}
}

/** A path or key, and the zero behind it. */
function nameOf(text: string): Uint8Array {
	const bytes = encodeText(text);
	if (bytes.length === 0 || bytes.length > NAME_LENGTH || bytes.includes(0)) {
		throw new RangeError(`paths and keys have 1 to ${NAME_LENGTH} bytes`);
	}
	return joined(bytes, new Uint8Array(1));
}

function joined(left: Uint8Array, right: Uint8Array): Uint8Array {
	const both = new Uint8Array(left.length + right.length);
	both.set(left);
	both.set(right, left.length);
	return both;
}

interface Found {
	/** Its key in the journal, a number. */
	readonly place: string;
	readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The record that begins with a name. */
function find(journal: Journal, name: Uint8Array): Found | undefined {
	for (const place of journal.keys()) {
		const bytes = new Uint8Array(journal.read(place)!);
		if (bytes.length >= name.length && name.every((byte, index) => bytes[index] === byte)) return { place, bytes };
	}
	return undefined;
}

function freePlace(journal: Journal): string {
	const taken = journal.keys();
	for (let number = 0; ; number++) if (!taken.includes(String(number))) return String(number);
}

const keyValue: KeyValueModule = Object.freeze({
	open(options: Options): KeyValue {
		return new Domain(options);
	},
});

export default keyValue;
