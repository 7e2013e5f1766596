// A number for a whole run: two runs that differ in one datagram or one millisecond differ in it.

/** FNV-1a over 32-bit words and bytes. */
export class Digest {
	#value = 0x811c9dc5;

	get text(): string {
		return (this.#value >>> 0).toString(16).padStart(8, "0");
	}

	number(value: number): void {
		this.#value = Math.imul(this.#value ^ (value >>> 0), 0x01000193);
		this.#value = Math.imul(this.#value ^ Math.floor(value / 0x1_0000_0000), 0x01000193);
	}

	bytes(bytes: Uint8Array): void {
		let value = this.#value;
		for (let i = 0; i < bytes.length; i++) value = Math.imul(value ^ bytes[i]!, 0x01000193);
		this.#value = value;
	}

	word(text: string): void {
		for (let i = 0; i < text.length; i++) this.number(text.charCodeAt(i));
	}
}
