// A model of NOR flash that is as bad as real flash may be when its power goes, and deterministic by the chance it is
// given. Runs on Node and on XS.

import type { Random } from "../../firmware/contract.js";
import type { Flash } from "../../firmware/io/ecma-419.js";

/** The power went during an operation, or was gone before it. */
export class PowerCut extends Error {
	override readonly name = "PowerCut";
}

/** An operation that the flash refused, with nothing done. */
export class FlashError extends Error {
	override readonly name = "FlashError";
}

export interface NorFlashOptions {
	readonly blockLength: number;
	readonly blocks: number;
	readonly random: Random;
	/** A block that was erased more often does not get clean any more. */
	readonly wearLimit?: number;
	/** The power goes now, in the middle of an operation. */
	readonly onCut?: () => void;
}

const WORD_LENGTH = 4;
/** Of so many words at most bits get lost at once, by `rot` and by an erase that was cut early or late. */
const FEW_WORDS = 4;

/** One partition. What it forbids throws, and is kept in `bugs`, as a driver may catch what it throws. */
export class NorFlash implements Flash {
	readonly eraseCounts: Uint32Array;
	/** What a driver did that no NOR flash takes: each is a bug of it. */
	readonly bugs: string[] = [];
	/** Writes and erases carried out since it was made. */
	operationCount = 0;
	/** No power: every operation throws. */
	isOff = false;
	readonly #blockLength: number;
	readonly #random: Random;
	readonly #wearLimit: number;
	readonly #onCut: (() => void) | undefined;
	readonly #memory: Uint8Array;
	/** Bits of the memory that read as chance will have it, until they are erased, or programmed in full. */
	readonly #unstable: Uint8Array;
	/** One for each word that was programmed since it was erased. */
	readonly #programmed: Uint8Array;
	readonly #broken = new Set<number>();
	#cutsAfter = Number.POSITIVE_INFINITY;
	#failsAfter = Number.POSITIVE_INFINITY;

	constructor(options: NorFlashOptions) {
		const { blockLength, blocks, random, wearLimit = Number.POSITIVE_INFINITY } = options;
		this.#blockLength = blockLength;
		this.#random = random;
		this.#wearLimit = wearLimit;
		this.#onCut = options.onCut;
		this.#memory = new Uint8Array(blockLength * blocks).fill(0xff);
		this.#unstable = new Uint8Array(blockLength * blocks);
		this.#programmed = new Uint8Array((blockLength * blocks) / WORD_LENGTH);
		this.eraseCounts = new Uint32Array(blocks);
	}

	/** Another flash with the same content, whose chance is its own. */
	copy(random: Random): NorFlash {
		const { blockLength, blocks } = this.status();
		const copy = new NorFlash({ blockLength, blocks, random, wearLimit: this.#wearLimit });
		copy.#memory.set(this.#memory);
		copy.#unstable.set(this.#unstable);
		copy.#programmed.set(this.#programmed);
		copy.eraseCounts.set(this.eraseCounts);
		for (const block of this.#broken) copy.#broken.add(block);
		return copy;
	}

	/** After so many further operations the power goes: during the next one, or before it, or right after. */
	cutAfter(count: number): void {
		this.#cutsAfter = count;
	}

	/** After so many further operations each one is refused, until the flash is healed. */
	failAfter(count: number): void {
		this.#failsAfter = count;
	}

	heal(): void {
		this.#failsAfter = Number.POSITIVE_INFINITY;
	}

	powerOff(): void {
		this.isOff = true;
	}

	powerOn(): void {
		this.isOff = false;
	}

	/** The block does not get clean any more, nor take what is written. */
	wearOut(block: number): void {
		this.#broken.add(block);
	}

	/** Turns bits of a few words over, for good; in that many bytes from an offset on. */
	rot(offset: number, length: number): void {
		for (let i = this.below(FEW_WORDS); i >= 0; i--) this.#memory[offset + this.below(length)]! ^= 1 << this.below(8);
	}

	status(): { readonly size: number; readonly blockLength: number; readonly blocks: number } {
		const size = this.#memory.length;
		return { size, blockLength: this.#blockLength, blocks: size / this.#blockLength };
	}

	read(count: number, offset: number): ArrayBuffer;
	read(into: Uint8Array, offset: number): void;
	read(target: number | Uint8Array, offset: number): ArrayBuffer | undefined {
		if (this.isOff) throw new PowerCut();
		const into = typeof target === "number" ? new Uint8Array(target) : target;
		if (offset < 0 || offset + into.length > this.#memory.length) this.bug(`reads ${into.length} bytes at ${offset}`);
		for (let i = 0; i < into.length; i++) {
			const unstable = this.#unstable[offset + i]!;
			const byte = this.#memory[offset + i]!;
			into[i] = unstable === 0 ? byte : (byte & ~unstable) | (this.#random.uint32() & unstable);
		}
		return typeof target === "number" ? (into.buffer as ArrayBuffer) : undefined;
	}

	write(buffer: ArrayBufferLike | ArrayBufferView, offset: number): void {
		const bytes = ArrayBuffer.isView(buffer)
			? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
			: new Uint8Array(buffer);
		this.checkWrite(bytes, offset);
		const isCut = this.begin();
		const end = isCut ? this.tear(bytes, offset) : bytes.length;
		for (let i = 0; i < end; i += WORD_LENGTH) this.programWord(bytes, i, offset + i);
		if (isCut) throw new PowerCut();
	}

	eraseBlock(start: number, end = start + 1): void {
		if (start < 0 || start >= end || end > this.eraseCounts.length) this.bug(`erases blocks ${start} to ${end}`);
		const isCut = this.begin();
		const stop = isCut ? start + this.below(end - start + 1) : end;
		for (let block = start; block < stop; block++) this.clean(block);
		if (!isCut) return;
		if (stop < end) this.spoil(stop);
		throw new PowerCut();
	}

	close(): void {}

	/** Counts an operation; true when the power goes during it. */
	private begin(): boolean {
		if (this.isOff) throw new PowerCut();
		if (this.#failsAfter === 0) throw new FlashError("refused");
		this.#failsAfter--;
		this.operationCount++;
		if (this.#cutsAfter-- > 0) return false;
		this.#cutsAfter = Number.POSITIVE_INFINITY;
		this.isOff = true;
		this.#onCut?.();
		return true;
	}

	private checkWrite(bytes: Uint8Array, offset: number): void {
		const at = `${bytes.length} bytes at ${offset}`;
		if (offset % WORD_LENGTH !== 0 || bytes.length % WORD_LENGTH !== 0) this.bug(`writes ${at}: not whole words`);
		if (offset < 0 || offset + bytes.length > this.#memory.length) this.bug(`writes ${at}: outside`);
		for (let i = 0; i < bytes.length; i++) {
			const wanted = bytes[i]!;
			const stable = ~this.#unstable[offset + i]!;
			if ((wanted & ~this.#memory[offset + i]! & stable) !== 0) this.bug(`writes ${at}: sets a bit`);
			if (wanted !== 0xff && this.#programmed[(offset + i) >> 2] === 1) this.bug(`writes ${at}: programs a word again`);
		}
	}

	private bug(what: string): never {
		this.bugs.push(what);
		throw new Error(`a bug of the driver: it ${what}`);
	}

	/** Programs a word in full. A worn block loses some of it. */
	private programWord(bytes: Uint8Array, from: number, offset: number): void {
		const isWorn = this.isWorn(Math.floor(offset / this.#blockLength));
		for (let i = 0; i < WORD_LENGTH; i++) {
			const byte = bytes[from + i]!;
			if (byte === 0xff) continue;
			this.#memory[offset + i]! &= isWorn ? byte | this.#random.uint32() : byte;
			this.#unstable[offset + i]! &= byte;
			this.#programmed[offset >> 2] = 1;
		}
	}

	/** Leaves nothing of a write, or a part: whole words up to some place, or bits of all. Gives how much is whole. */
	private tear(bytes: Uint8Array, offset: number): number {
		if (this.below(8) === 0) return 0;
		const words = bytes.length / WORD_LENGTH;
		const whole = this.below(4) === 0 ? 0 : this.below(words + 1);
		const torn = whole === 0 ? words : Math.min(whole + 1, words);
		const progress = this.below(3);
		for (let i = whole * WORD_LENGTH; i < torn * WORD_LENGTH; i++) this.tearByte(bytes[i]!, offset + i, progress);
		return whole * WORD_LENGTH;
	}

	/** Hardly begun (0), nearly done (2), or half of the bits cleared; some are neither cleared nor set. */
	private tearByte(byte: number, offset: number, progress: number): void {
		const left = progress === 0 ? 0xff : progress === 2 ? 0 : this.#random.uint32();
		this.#memory[offset]! &= byte | left;
		this.#unstable[offset]! |= ~byte & this.few() & (progress === 1 ? this.#random.uint32() : this.few()) & 0xff;
		// Where nothing can be seen of it, no driver can know.
		if ((this.#memory[offset]! | this.#unstable[offset]!) !== 0xff) this.#programmed[offset >> 2] = 1;
	}

	/** A word with one bit of four. */
	private few(): number {
		return this.#random.uint32() & this.#random.uint32();
	}

	private isWorn(block: number): boolean {
		return this.#broken.has(block) || this.eraseCounts[block]! > this.#wearLimit;
	}

	private clean(block: number): void {
		const start = block * this.#blockLength;
		const end = start + this.#blockLength;
		this.eraseCounts[block]!++;
		this.#memory.fill(0xff, start, end);
		this.#unstable.fill(0, start, end);
		this.#programmed.fill(0, start / WORD_LENGTH, end / WORD_LENGTH);
		if (this.isWorn(block)) this.rot(start, this.#blockLength);
	}

	/** An erase that was cut: hardly begun, nearly done, or anything in between, on the way to zeros or to ones. */
	private spoil(block: number): void {
		const start = block * this.#blockLength;
		const kind = this.below(4);
		if (kind === 0) this.clean(block);
		if (kind <= 1) {
			for (let i = this.below(FEW_WORDS * WORD_LENGTH); i >= 0; i--)
				this.#unstable[start + this.below(this.#blockLength)]! |= this.#random.uint32();
			return;
		}
		for (let i = start; i < start + this.#blockLength; i++) {
			const chance = this.#random.uint32();
			if (kind === 2) this.#memory[i]! |= chance;
			else this.#memory[i]! &= chance;
			this.#unstable[i] = this.few();
		}
	}

	private below(count: number): number {
		return this.#random.uint32() % count;
	}
}
