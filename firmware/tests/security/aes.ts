// AES-128 (FIPS 197) in plain TypeScript, so that the tests run where no native cipher is. Slow, and not for devices.

import type { BlockCipher } from "../../security/ccm.js";

const ROUNDS = 10;

function double(value: number): number {
	return ((value << 1) ^ (value & 0x80 ? 0x11b : 0)) & 0xff;
}

function turn(value: number, bits: number): number {
	return ((value << bits) | (value >> (8 - bits))) & 0xff;
}

/** The S-box: the inverse in GF(2^8) and an affine map, walked through by the generator 3 and its inverse. */
function makeBox(): readonly number[] {
	const box: number[] = new Array(256);
	let p = 1;
	let q = 1;
	do {
		p ^= double(p);
		q ^= q << 1;
		q ^= q << 2;
		q = (q ^ (q << 4)) & 0xff;
		if (q & 0x80) q ^= 0x09;
		box[p] = q ^ turn(q, 1) ^ turn(q, 2) ^ turn(q, 3) ^ turn(q, 4) ^ 0x63;
	} while (p !== 1);
	box[0] = 0x63;
	return Object.freeze(box);
}

const BOX = makeBox();

export class Aes128 implements BlockCipher {
	readonly #keys = new Uint8Array(16 * (ROUNDS + 1));

	constructor(key: Uint8Array) {
		const keys = this.#keys;
		keys.set(key);
		for (let at = 16, constant = 1; at < keys.length; at += 4) {
			let word = [keys[at - 4]!, keys[at - 3]!, keys[at - 2]!, keys[at - 1]!];
			if (at % 16 === 0) {
				word = [BOX[word[1]!]! ^ constant, BOX[word[2]!]!, BOX[word[3]!]!, BOX[word[0]!]!];
				constant = double(constant);
			}
			for (let i = 0; i < 4; i++) keys[at + i] = keys[at + i - 16]! ^ word[i]!;
		}
	}

	encrypt(block: Uint8Array): void {
		this.addKey(block, 0);
		for (let round = 1; round <= ROUNDS; round++) {
			substituteAndShift(block);
			if (round < ROUNDS) mixColumns(block);
			this.addKey(block, round);
		}
	}

	private addKey(block: Uint8Array, round: number): void {
		for (let i = 0; i < 16; i++) block[i]! ^= this.#keys[16 * round + i]!;
	}
}

function substituteAndShift(block: Uint8Array): void {
	const old = block.slice();
	for (let i = 0; i < 16; i++) block[i] = BOX[old[(i + 4 * (i % 4)) % 16]!]!;
}

function mixColumns(block: Uint8Array): void {
	for (let column = 0; column < 16; column += 4) {
		const [a, b, c, d] = [block[column]!, block[column + 1]!, block[column + 2]!, block[column + 3]!];
		const all = a ^ b ^ c ^ d;
		block[column] = a ^ all ^ double(a ^ b);
		block[column + 1] = b ^ all ^ double(b ^ c);
		block[column + 2] = c ^ all ^ double(c ^ d);
		block[column + 3] = d ^ all ^ double(d ^ a);
	}
}
