// The value of the OSCORE option (RFC 8613, 6.1): flags, Partial IV, kid context, kid.

import { type Reader, Writer } from "../../bytes.js";
import { Flag, NONE, PARTIAL_IV_LENGTH } from "./constants.js";

/** What the option says; one instance serves for ever, its views borrow what was read. */
export class OscoreOption {
	/** The Partial IV as a number; NONE where there is none. */
	partialIv = NONE;
	kid: Uint8Array | undefined = undefined;
	kidContext: Uint8Array | undefined = undefined;

	/** False: out of form, and then nothing of it is to be used. */
	read(reader: Reader): boolean {
		this.partialIv = NONE;
		this.kid = undefined;
		this.kidContext = undefined;
		if (reader.remaining === 0) return true;
		const flags = reader.u8();
		const length = flags & Flag.PartialIvLength;
		// An option without any flag is empty, so that there is one way to say it.
		if (flags === 0 || (flags & Flag.Reserved) !== 0 || length > PARTIAL_IV_LENGTH) return false;
		if (length > 0) this.partialIv = reader.uint(length);
		if ((flags & Flag.KidContext) !== 0) this.kidContext = reader.take(reader.u8());
		if ((flags & Flag.Kid) !== 0) this.kid = reader.take(reader.remaining);
		return !reader.failed && reader.remaining === 0;
	}
}

/** Writes an option; without anything to say it is empty. */
export function writeOption(
	writer: Writer,
	partialIv: number,
	kid: Uint8Array | undefined,
	kidContext: Uint8Array | undefined,
): void {
	const length = partialIv === NONE ? 0 : partialIvLength(partialIv);
	const flags = length | (kid === undefined ? 0 : Flag.Kid) | (kidContext === undefined ? 0 : Flag.KidContext);
	if (flags === 0) return;
	writer.u8(flags);
	writer.uint(partialIv, length);
	if (kidContext !== undefined) {
		writer.u8(kidContext.length);
		writer.copy(kidContext);
	}
	if (kid !== undefined) writer.copy(kid);
}

/** An option as fresh bytes. */
export function encodeOption(
	partialIv: number,
	kid: Uint8Array | undefined,
	kidContext: Uint8Array | undefined,
): Uint8Array {
	const writer = new Writer();
	writeOption(writer, partialIv, kid, kidContext);
	writer.reset(new Uint8Array(writer.length));
	writeOption(writer, partialIv, kid, kidContext);
	return writer.bytes!;
}

/** RFC 8613, 5: as few bytes as the number needs, one for zero. */
export function partialIvLength(partialIv: number): number {
	let length = 1;
	for (let rest = Math.floor(partialIv / 256); rest > 0; rest = Math.floor(rest / 256)) length++;
	return length;
}
