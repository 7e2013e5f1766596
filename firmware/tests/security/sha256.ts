// SHA-256 (FIPS 180-4) and HMAC (RFC 2104) in plain TypeScript, so that the tests run where neither is native.

/** The first 32 bits of the fractional part: of square and cube roots of primes the constants are made. */
function fraction(value: number): number {
	return Math.floor((value - Math.floor(value)) * 2 ** 32) | 0;
}

function primes(count: number): number[] {
	const found: number[] = [];
	for (let n = 2; found.length < count; n++) if (found.every((prime) => n % prime > 0)) found.push(n);
	return found;
}

const PRIMES = Object.freeze(primes(64));
const START = Object.freeze(PRIMES.slice(0, 8).map((prime) => fraction(Math.sqrt(prime))));
const ROUND = Object.freeze(PRIMES.map((prime) => fraction(Math.cbrt(prime))));

function turn(value: number, bits: number): number {
	return (value >>> bits) | (value << (32 - bits));
}

export function sha256(data: Uint8Array): Uint8Array {
	const padded = new Uint8Array(64 * Math.ceil((data.length + 9) / 64));
	padded.set(data);
	padded[data.length] = 0x80;
	const view = new DataView(padded.buffer);
	view.setUint32(padded.length - 4, 8 * data.length);
	const state = START.slice();
	for (let at = 0; at < padded.length; at += 64) compress(state, view, at);
	const hash = new DataView(new ArrayBuffer(32));
	for (let i = 0; i < 8; i++) hash.setUint32(4 * i, state[i]!);
	return new Uint8Array(hash.buffer);
}

function compress(state: number[], view: DataView, at: number): void {
	const words: number[] = [];
	for (let i = 0; i < 16; i++) words.push(view.getUint32(at + 4 * i));
	for (let i = 16; i < 64; i++) {
		const far = words[i - 15]!;
		const near = words[i - 2]!;
		const first = turn(far, 7) ^ turn(far, 18) ^ (far >>> 3);
		const second = turn(near, 17) ^ turn(near, 19) ^ (near >>> 10);
		words.push((words[i - 16]! + first + words[i - 7]! + second) | 0);
	}
	const row = state.slice();
	for (let i = 0; i < 64; i++) {
		const [a, b, c, , e, f, g, h] = row as [number, number, number, number, number, number, number, number];
		const choice = (e & f) ^ (~e & g);
		const first = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + choice + ROUND[i]! + words[i]!) | 0;
		const second = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
		row.pop();
		row.unshift((first + second) | 0);
		row[4] = (row[4]! + first) | 0;
	}
	for (let i = 0; i < 8; i++) state[i] = (state[i]! + row[i]!) | 0;
}

export function hmacSha256(key: Uint8Array, data: Uint8Array): Uint8Array {
	const short = key.length > 64 ? sha256(key) : key;
	const inner = new Uint8Array(64 + data.length).fill(0x36, 0, 64);
	const outer = new Uint8Array(64 + 32).fill(0x5c, 0, 64);
	for (let i = 0; i < short.length; i++) {
		inner[i]! ^= short[i]!;
		outer[i]! ^= short[i]!;
	}
	inner.set(data, 64);
	outer.set(sha256(inner), 64);
	return sha256(outer);
}
