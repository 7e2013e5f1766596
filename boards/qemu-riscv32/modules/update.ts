// `embedded:update`: an image into the slot that is not marked; only `complete` marks it, with its check sum.

import type { Flash, Update, UpdateModule } from "../../../firmware/io/ecma-419.js";

/** flash/storage.c. */
declare const $host: { readonly update: { readonly mark: (slot: Flash, length: number) => void } };

const mark = $host.update.mark;

/** The flash takes whole words. */
const WORD_LENGTH = 4;
const ERASED = 0xff;

type Options = Parameters<UpdateModule["open"]>[0];

class SlotUpdate implements Update {
	#slot: Flash | undefined;
	readonly #isAppending: boolean;
	/** Behind the last byte written. */
	#length = 0;
	/** Bytes appended that are no whole word yet. */
	#rest = new Uint8Array(0);

	constructor({ partition, mode = "a", byteLength }: Options) {
		const { size, blockLength, blocks } = partition.status();
		if (byteLength !== undefined && byteLength > size) throw new RangeError("the image is larger than its slot");
		this.#slot = partition;
		this.#isAppending = mode === "a";
		partition.eraseBlock(0, byteLength === undefined ? blocks : Math.ceil(byteLength / blockLength));
	}

	write(buffer: ArrayBufferLike | ArrayBufferView, offset?: number): void {
		const slot = this.slot();
		const bytes = ArrayBuffer.isView(buffer)
			? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
			: new Uint8Array(buffer);
		if (this.#isAppending) {
			this.append(slot, bytes);
			return;
		}
		if (offset === undefined) throw new RangeError('with mode "w" each write needs its offset');
		slot.write(bytes, offset);
		this.#length = Math.max(this.#length, offset + bytes.length);
	}

	complete(): void {
		const slot = this.slot();
		const length = this.#length + this.#rest.length;
		if (this.#rest.length > 0) {
			const word = new Uint8Array(WORD_LENGTH).fill(ERASED);
			word.set(this.#rest);
			slot.write(word, this.#length);
		}
		mark(slot, length);
		this.close();
	}

	close(): void {
		this.#slot = undefined;
	}

	private append(slot: Flash, bytes: Uint8Array): void {
		const joined = new Uint8Array(this.#rest.length + bytes.length);
		joined.set(this.#rest);
		joined.set(bytes, this.#rest.length);
		const whole = joined.length - (joined.length % WORD_LENGTH);
		slot.write(joined.subarray(0, whole), this.#length);
		this.#length += whole;
		this.#rest = joined.slice(whole);
	}

	private slot(): Flash {
		if (this.#slot === undefined) throw new SyntaxError("this update is closed");
		return this.#slot;
	}
}

const update: UpdateModule = Object.freeze({
	open(options: Options): Update {
		return new SlotUpdate(options);
	},
});

export default update;
