// LwM2M CBOR (content format 11544, LwM2M Core, 7.4.4): maps within maps, from object to resource instance. A key is
// one identifier, or an array of those of several levels.

import { Reader, Writer } from "../../bytes.js";
import { limits } from "../../limits.js";
import { Path } from "../path.js";
import { Head, Major, readScalar, takesNull, writeCbor, writeHead, writeNull } from "./cbor.js";
import { type Encoder, type Entry, guessType, isOfType, type TypeTable, type Value, type ValueType } from "./format.js";

/** Object, instance, resource, resource instance. */
const LEVELS = 4;

/**
 * Writes the values of one read: the levels of its path are one array key, and each level below is a map of its own.
 * To look ahead for what else could share a key would save two bytes at most. A value out of order spoils the payload,
 * for a key would come twice.
 */
export class Lwm2mCborEncoder implements Encoder {
	readonly #writer: Writer;
	readonly #baseDepth: number;
	/** What was written last; the maps around it are open. */
	readonly #last = new Path();
	/** By level: where the open map begins, -1 for none, and how many entries it has. */
	readonly #starts = [-1, -1, -1, -1];
	readonly #counts = [0, 0, 0, 0];
	#isEmpty = true;
	spoiled = false;

	constructor(bytes: Uint8Array, base: Path) {
		this.#writer = new Writer(bytes);
		this.#baseDepth = base.depth;
	}

	add(path: Path, type: ValueType, value: Value): void {
		this.enter(path);
		if (!writeCbor(this.#writer, type, value)) this.spoiled = true;
	}

	addMultiple(path: Path): void {
		this.enter(path);
		this.open(path.depth);
	}

	/** Says that what a path names is to be removed. */
	remove(path: Path): void {
		this.enter(path);
		writeNull(this.#writer);
	}

	/** Closes the maps that are not around a path, opens those that are, and writes the keys that are new. */
	private enter(path: Path): void {
		const last = this.#last;
		let level = this.#baseDepth;
		if (this.#isEmpty) this.writeBase(path);
		else {
			while (level < LEVELS && last.at(level) === path.at(level)) level++;
			this.close(level + 1);
			if (level >= path.depth || path.at(level) < last.at(level) || this.#starts[level]! < 0) this.spoiled = true;
		}
		for (; level < path.depth; level++) {
			if (this.#starts[level]! < 0) this.open(level);
			this.#counts[level]!++;
			writeHead(this.#writer, Major.unsigned, path.at(level));
		}
		last.copy(path);
		this.#isEmpty = false;
	}

	private writeBase(path: Path): void {
		if (this.#baseDepth === 0) return;
		writeHead(this.#writer, Major.map, 1);
		if (this.#baseDepth > 1) writeHead(this.#writer, Major.array, this.#baseDepth);
		for (let level = 0; level < this.#baseDepth; level++) writeHead(this.#writer, Major.unsigned, path.at(level));
	}

	/** Begins the map whose keys are of a level; its head is left for later. */
	private open(level: number): void {
		this.#starts[level] = this.#writer.length;
		this.#counts[level] = 0;
		this.#writer.u8(0);
	}

	/** Ends the open maps from a level down. */
	private close(level: number): void {
		for (let at = LEVELS - 1; at >= level; at--) {
			const start = this.#starts[at]!;
			if (start >= 0) fillHead(this.#writer, start, this.#counts[at]!);
			this.#starts[at] = -1;
		}
	}

	finish(): Uint8Array | undefined {
		if (this.#isEmpty) writeHead(this.#writer, Major.map, 0);
		this.close(this.#baseDepth);
		if (this.spoiled || this.#writer.overflowed) return undefined;
		return this.#writer.bytes!.subarray(0, this.#writer.length);
	}

	get length(): number {
		return this.#writer.length;
	}
}

/** Puts the head of a map into the byte left for it; a longer one moves what was written since. */
function fillHead(writer: Writer, start: number, count: number): void {
	const end = writer.length;
	const more = count < 24 ? 0 : count < 0x100 ? 1 : 2;
	writer.length = end + more;
	if (writer.overflowed) return;
	writer.bytes!.copyWithin(start + 1 + more, start + 1, end);
	writer.length = start;
	writeHead(writer, Major.map, count);
	writer.length = end + more;
}

/** Where the decoder is: the open maps, each with the entries to come and the depth of the path around it. */
class Nesting {
	readonly reader: Reader;
	readonly head = new Head();
	readonly path = new Path();
	/** How many maps are open; each holds at least one level of the path, so they are no more than the levels. */
	depth = 0;
	readonly #left = [0, 0, 0, 0];
	readonly #pathDepths = [0, 0, 0, 0];

	constructor(bytes: Uint8Array) {
		this.reader = new Reader(bytes);
	}

	/** Opens the map that comes next; false where there is none, or no level is left for its keys. */
	open(): boolean {
		this.head.read(this.reader);
		if (this.head.major !== Major.map || this.path.depth === LEVELS) return false;
		this.#left[this.depth] = this.head.indefinite ? Infinity : this.head.argument;
		this.#pathDepths[this.depth] = this.path.depth;
		this.depth++;
		return !this.reader.failed;
	}

	/** Goes to the next entry of the innermost map: the path is then that of its key. False at the end of the map. */
	next(): boolean {
		const index = this.depth - 1;
		truncate(this.path, this.#pathDepths[index]!);
		if (this.#left[index] === 0) return this.close();
		this.head.read(this.reader);
		if (this.#left[index] === Infinity && this.head.isBreak) return this.close();
		this.#left[index]!--;
		if (!this.readKey()) this.reader.failed = true;
		return true;
	}

	private close(): boolean {
		this.depth--;
		return false;
	}

	/** Appends the identifiers of a key, whose head was read: one, or an array of definite or indefinite length. */
	private readKey(): boolean {
		const { reader, head, path } = this;
		const { major } = head;
		if (major === Major.unsigned) return path.push(head.argument);
		if (major !== Major.array) return false;
		const before = path.depth;
		const indefinite = head.indefinite;
		for (let left = head.argument; (indefinite || left > 0) && !reader.failed; left--) {
			head.read(reader);
			if (indefinite && head.isBreak) break;
			if (head.major !== Major.unsigned || !path.push(head.argument)) return false;
		}
		return path.depth > before;
	}

	get nextIsMap(): boolean {
		return this.reader.remaining > 0 && this.reader.bytes[this.reader.offset]! >> 5 === Major.map;
	}

	/** True when what lies below the path can be within the base. */
	leadsInto(base: Path): boolean {
		const { path } = this;
		return base.contains(path) || path.contains(base) || base.depth + path.depth < LEVELS;
	}

	/** Where the value at the path belongs: keys of a Write or Create may begin below the object (LwM2M Core, 7.4.4). */
	target(base: Path): Path | undefined {
		const { path } = this;
		if (path.depth >= 3) return path;
		const whole = new Path().copy(base);
		for (let level = 0; level < path.depth; level++) if (!whole.push(path.at(level))) return undefined;
		return whole.depth >= 3 ? whole : undefined;
	}
}

function truncate(path: Path, depth: number): void {
	if (depth <= 3) path.resourceInstanceId = -1;
	if (depth <= 2) path.resourceId = -1;
	if (depth <= 1) path.instanceId = -1;
	if (depth === 0) path.objectId = -1;
}

/**
 * Reads a payload that answers a Read of `base`, or is written to it, into entries; false when it is malformed. A null
 * is malformed, too, where nobody asks for what is removed.
 */
export function readLwm2mCbor(
	bytes: Uint8Array,
	base: Path,
	types: TypeTable,
	into: Entry[],
	removed?: Path[],
): boolean {
	const nesting = new Nesting(bytes);
	const { reader } = nesting;
	if (!nesting.open()) return false;
	while (nesting.depth > 0) {
		if (!nesting.next()) continue;
		if (reader.failed) return false;
		if (nesting.nextIsMap) {
			if (!nesting.leadsInto(base) || !nesting.open()) return false;
			continue;
		}
		const path = nesting.target(base);
		if (path === undefined || !base.contains(path)) return false;
		if (into.length + (removed?.length ?? 0) >= limits.entryCount) return false;
		if (removed !== undefined && takesNull(reader)) removed.push(new Path().copy(path));
		else if (!addEntry(path, readScalar(reader, nesting.head), types, into)) return false;
	}
	return !reader.failed && reader.remaining === 0;
}

function addEntry(path: Path, value: Value | undefined, types: TypeTable, into: Entry[]): boolean {
	if (value === undefined) return false;
	const { objectId, instanceId, resourceId, resourceInstanceId } = path;
	const type = types.typeOf(objectId, resourceId) ?? guessType(value);
	if (!isOfType(type, value)) return false;
	into.push({ objectId, instanceId, resourceId, resourceInstanceId, type, value, time: undefined });
	return true;
}
