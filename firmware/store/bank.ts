// A bank: as many blocks of the partition as one generation of the journal fills.

import type { Flash } from "../io/ecma-419.js";
import { limits } from "../limits.js";
import { BANK_COUNT, BANK_COUNT_MIN, HEADER_FIXED_LENGTH, MAGIC, SEAL_LENGTH, WORD_LENGTH } from "./constants.js";
import type { Medium, Seal } from "./medium.js";

/** How a partition is cut into banks; lengths and offsets in bytes. */
export interface Geometry {
	readonly bankCount: number;
	readonly blocksPerBank: number;
	/** From one bank to the next. */
	readonly stride: number;
	/** What is used of each bank. */
	readonly bankLength: number;
	readonly headerLength: number;
}

/** What the header of a bank says. */
export interface BankHeader {
	readonly generation: number;
	/** Whether all that the bank began with had been written. */
	readonly seal: Seal;
}

/** Throws RangeError when a partition has too few blocks. */
export function geometryOf({ blockLength, blocks }: ReturnType<Flash["status"]>): Geometry {
	const wanted = Math.min(Math.floor(limits.storeBankLength / blockLength), Math.floor(blocks / BANK_COUNT));
	const blocksPerBank = Math.max(1, wanted);
	const bankCount = Math.min(limits.storeBankCount, Math.floor(blocks / blocksPerBank));
	if (bankCount < BANK_COUNT_MIN) throw new RangeError(`a journal needs ${BANK_COUNT_MIN} blocks, not ${blocks}`);
	const stride = blocksPerBank * blockLength;
	const bankLength = Math.min(stride, limits.storeBankLength);
	const headerLength = checkedLength(bankCount) + WORD_LENGTH + SEAL_LENGTH;
	return { bankCount, blocksPerBank, stride, bankLength, headerLength };
}

/** Undefined where there is no header of a journal with so many banks. */
export function readHeader(medium: Medium, geometry: Geometry, bank: number): BankHeader | undefined {
	const offset = bank * geometry.stride;
	if (medium.word(offset) !== MAGIC) return undefined;
	const length = checkedLength(geometry.bankCount);
	if (medium.word(offset + length) !== medium.checksum(0, offset, length)) return undefined;
	const generation = medium.word(offset + WORD_LENGTH);
	return { generation, seal: medium.sealAt(sealOffset(geometry, bank), medium.checksum(generation, offset, length)) };
}

/** How often each bank was erased, as one of them says; zeros where none does. */
export function readEraseCounts(medium: Medium, geometry: Geometry, bank: number | undefined): number[] {
	const counts: number[] = [];
	const offset = (bank ?? 0) * geometry.stride + HEADER_FIXED_LENGTH;
	for (let i = 0; i < geometry.bankCount; i++)
		counts.push(bank === undefined ? 0 : medium.word(offset + i * WORD_LENGTH));
	return counts;
}

export function writeHeader(
	medium: Medium,
	geometry: Geometry,
	bank: number,
	generation: number,
	eraseCounts: readonly number[],
): void {
	medium.begin(bank * geometry.stride, 0);
	medium.putWord(MAGIC);
	medium.putWord(generation);
	for (let i = 0; i < eraseCounts.length; i++) medium.putWord(eraseCounts[i]!);
	const check = medium.end();
	medium.putWord(check);
	medium.end();
}

/** Vouches for all that the bank holds now. */
export function sealHeader(medium: Medium, geometry: Geometry, bank: number, generation: number): void {
	medium.begin(sealOffset(geometry, bank), headerChecksum(medium, geometry, bank, generation));
	medium.seal();
}

/** Makes an unconfirmed seal whole. */
export function confirmHeader(medium: Medium, geometry: Geometry, bank: number, generation: number): void {
	medium.confirm(sealOffset(geometry, bank), headerChecksum(medium, geometry, bank, generation));
}

function headerChecksum(medium: Medium, geometry: Geometry, bank: number, generation: number): number {
	return medium.checksum(generation, bank * geometry.stride, checkedLength(geometry.bankCount));
}

function checkedLength(bankCount: number): number {
	return HEADER_FIXED_LENGTH + bankCount * WORD_LENGTH;
}

function sealOffset(geometry: Geometry, bank: number): number {
	return bank * geometry.stride + geometry.headerLength - SEAL_LENGTH;
}
