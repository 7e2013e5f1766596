// Stand-ins for the messages of a peer: as long as the real ones, with just enough in them to tell them apart.

/** What a message is for; a reply bears the number of what it answers. */
const KINDS = Object.freeze([
	"refresh",
	"ping",
	"pong",
	"register",
	"registered",
	"update",
	"updated",
	"unknown",
	"flight",
	"flight-back",
	"read",
	"answer",
] as const);
export type Kind = (typeof KINDS)[number];

export interface Dummy {
	readonly kind: Kind;
	readonly number: number;
	/** The stage of a handshake; 0 elsewhere. */
	readonly stage: number;
}

/** Kind and stage in one byte, a number in two, and on streams the length in two. */
const HEAD_LENGTH = 3;
const STREAM_HEAD_LENGTH = HEAD_LENGTH + 2;
const STAGES = 16;

/** A message of so many bytes; an empty one is an empty refresh. */
export function encodeDummy(kind: Kind, number: number, length: number, stage = 0): Uint8Array {
	const bytes = new Uint8Array(length);
	bytes[0] = KINDS.indexOf(kind) * STAGES + stage;
	bytes[1] = number >> 8;
	bytes[2] = number;
	bytes[3] = length >> 8;
	bytes[4] = length;
	return bytes;
}

export function decodeDummy(bytes: Uint8Array): Dummy {
	const first = bytes[0] ?? 0;
	const kind = KINDS[Math.floor(first / STAGES)] ?? "refresh";
	return { kind, number: ((bytes[1] ?? 0) << 8) | (bytes[2] ?? 0), stage: first % STAGES };
}

/** Takes whole messages off a stream of bytes. */
export class DummyStream {
	#bytes = new Uint8Array(0);

	push(bytes: Uint8Array): void {
		const all = new Uint8Array(this.#bytes.length + bytes.length);
		all.set(this.#bytes);
		all.set(bytes, this.#bytes.length);
		this.#bytes = all;
	}

	next(): Dummy | undefined {
		const bytes = this.#bytes;
		const length = bytes.length < STREAM_HEAD_LENGTH ? Number.POSITIVE_INFINITY : (bytes[3]! << 8) | bytes[4]!;
		if (bytes.length < length) return undefined;
		this.#bytes = bytes.subarray(length);
		return decodeDummy(bytes);
	}
}
