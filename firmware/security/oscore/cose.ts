// What goes into the cipher beside key and text: nonce (RFC 8613, 5.2) and associated data (5.4).

import { Writer } from "../../bytes.js";
import { ALGORITHM, NONCE_LENGTH, PARTIAL_IV_LENGTH } from "./constants.js";
import { partialIvLength } from "./option.js";

/** CBOR: an array of three, "Encrypt0", an empty string, and the head of the external data, whose length follows. */
const ENCRYPT0: readonly number[] = Object.freeze([0x83, 0x68, 0x45, 0x6e, 0x63, 0x72, 0x79, 0x70, 0x74, 0x30, 0x40]);

/** The nonce of a message: who gave the Partial IV, and which. */
export function writeNonce(into: Uint8Array, commonIv: Uint8Array, id: Uint8Array, partialIv: number): void {
	const writer = new Writer(into);
	writer.u8(id.length);
	for (let i = id.length + PARTIAL_IV_LENGTH + 1; i < NONCE_LENGTH; i++) writer.u8(0);
	writer.copy(id);
	writer.uint(partialIv, PARTIAL_IV_LENGTH);
	for (let i = 0; i < NONCE_LENGTH; i++) into[i]! ^= commonIv[i]!;
}

/** The associated data of a request and of all its responses: what the request said. Gives its length. */
export function writeAssociated(into: Uint8Array, requestKid: Uint8Array, requestPartialIv: number): number {
	const writer = new Writer(into);
	const length = partialIvLength(requestPartialIv);
	for (let i = 0; i < ENCRYPT0.length; i++) writer.u8(ENCRYPT0[i]!);
	// Always below 24: the length fits the head. Version 1, one algorithm, kid, Partial IV, no class I option.
	writer.u8(0x40 + 7 + requestKid.length + length);
	writer.u8(0x85);
	writer.u8(1);
	writer.u8(0x81);
	writer.u8(ALGORITHM);
	writer.u8(0x40 + requestKid.length);
	writer.copy(requestKid);
	writer.u8(0x40 + length);
	writer.uint(requestPartialIv, length);
	writer.u8(0x40);
	return writer.length;
}
