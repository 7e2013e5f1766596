// SHA-1 (FIPS 180-4), for the one thing that still asks for it: the handshake of WebSocket (RFC 6455, 4.2.2), where it
// proves that the other side has read the request, and keeps no secret.

const BLOCK_LENGTH = 64;
const LENGTH_OFFSET = 56;
const DIGEST_LENGTH = 20;
const ROUNDS: readonly number[] = Object.freeze([0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6]);

function rotate(word: number, by: number): number {
	return (word << by) | (word >>> (32 - by));
}

/** The message, a one bit, zeros, and its length in bits, in whole blocks. */
function padded(message: Uint8Array): DataView {
	const blocks = Math.floor((message.length + 8) / BLOCK_LENGTH) + 1;
	const bytes = new Uint8Array(blocks * BLOCK_LENGTH);
	bytes.set(message);
	bytes[message.length] = 0x80;
	const view = new DataView(bytes.buffer);
	view.setUint32(bytes.length - BLOCK_LENGTH + LENGTH_OFFSET + 4, message.length * 8);
	return view;
}

/** How three of the five words are mixed in a round of twenty steps. */
function mix(round: number, b: number, c: number, d: number): number {
	if (round === 0) return (b & c) | (~b & d);
	return round === 2 ? (b & c) | (b & d) | (c & d) : b ^ c ^ d;
}

function compress(state: Int32Array, words: Int32Array): void {
	let [a, b, c, d, e] = [state[0]!, state[1]!, state[2]!, state[3]!, state[4]!];
	for (let step = 0; step < 80; step++) {
		const round = Math.floor(step / 20);
		const next = (rotate(a, 5) + mix(round, b, c, d) + e + ROUNDS[round]! + words[step]!) | 0;
		e = d;
		d = c;
		c = rotate(b, 30);
		b = a;
		a = next;
	}
	state[0]! += a;
	state[1]! += b;
	state[2]! += c;
	state[3]! += d;
	state[4]! += e;
}

/** The digest of a message, 20 bytes. */
export function sha1(message: Uint8Array): Uint8Array {
	const view = padded(message);
	const state = new Int32Array([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0]);
	const words = new Int32Array(80);
	for (let at = 0; at < view.byteLength; at += BLOCK_LENGTH) {
		for (let i = 0; i < 16; i++) words[i] = view.getInt32(at + 4 * i);
		for (let i = 16; i < 80; i++) {
			words[i] = rotate(words[i - 3]! ^ words[i - 8]! ^ words[i - 14]! ^ words[i - 16]!, 1);
		}
		compress(state, words);
	}
	const digest = new DataView(new ArrayBuffer(DIGEST_LENGTH));
	for (let i = 0; i < 5; i++) digest.setInt32(4 * i, state[i]!);
	return new Uint8Array(digest.buffer);
}
