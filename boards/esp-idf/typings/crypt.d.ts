// Ciphers and hashes of Moddable SDK 8.2.3, as much of them as we use; the SDK's own typing has the hashes alone.
declare module "crypt" {
	export class BlockCipher {
		/** The key as an ArrayBuffer of its own: a view of one is refused. */
		constructor(cipher: "AES", key: ArrayBuffer);
		/** One block, which may be encrypted in place. */
		encrypt(data: ArrayBuffer, result: ArrayBuffer): ArrayBuffer;
	}
	export class Digest {
		constructor(type: "SHA256");
		write(data: ArrayBufferView): void;
		/** The hash; nothing can be written any more. */
		close(): ArrayBuffer;
	}
}
