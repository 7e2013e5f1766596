// NOR flash in memory that never fails by itself: for what the journal promises while the power stays.

import type { Flash } from "../../io/ecma-419.js";

export class RamFlash implements Flash {
	readonly bytes: Uint8Array;
	readonly eraseCounts: number[] = [];
	/** These blocks take nothing any more, and do not get clean. */
	readonly bad = new Set<number>();
	readonly #blockLength: number;
	readonly #blocks: number;
	#cutsAfter = Number.POSITIVE_INFINITY;

	constructor(blockLength = 1024, blocks = 4) {
		this.#blockLength = blockLength;
		this.#blocks = blocks;
		this.bytes = new Uint8Array(blockLength * blocks).fill(0xff);
		for (let block = 0; block < blocks; block++) this.eraseCounts.push(0);
	}

	/** After so many further operations each one fails, as without power; none is torn. */
	cutAfter(count: number): void {
		this.#cutsAfter = count;
	}

	status(): ReturnType<Flash["status"]> {
		return { size: this.bytes.length, blockLength: this.#blockLength, blocks: this.#blocks };
	}

	eraseBlock(start: number, end = start + 1): void {
		if (this.#cutsAfter-- <= 0) throw new Error("no power");
		for (let block = start; block < end; block++) {
			this.eraseCounts[block]!++;
			const at = block * this.#blockLength;
			this.bytes.fill(this.bad.has(block) ? 0 : 0xff, at, at + this.#blockLength);
		}
	}

	read(count: number, offset: number): ArrayBuffer;
	read(into: Uint8Array, offset: number): void;
	read(target: number | Uint8Array, offset: number): ArrayBuffer | undefined {
		const length = typeof target === "number" ? target : target.length;
		if (offset < 0 || offset + length > this.bytes.length) throw new RangeError("beyond the flash");
		const found = this.bytes.slice(offset, offset + length);
		if (typeof target === "number") return found.buffer;
		target.set(found);
		return undefined;
	}

	write(buffer: ArrayBufferLike | ArrayBufferView, offset: number): void {
		const bytes = ArrayBuffer.isView(buffer)
			? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
			: new Uint8Array(buffer);
		if (this.#cutsAfter-- <= 0) throw new Error("no power");
		if (offset % 4 !== 0 || bytes.length % 4 !== 0) throw new RangeError("not in words of four bytes");
		if (this.bad.has(Math.floor(offset / this.#blockLength))) return;
		for (let i = 0; i < bytes.length; i++) {
			if ((this.bytes[offset + i]! & bytes[i]!) !== bytes[i]) throw new RangeError("sets a bit");
			this.bytes[offset + i]! &= bytes[i]!;
		}
	}

	close(): void {}
}
