// What was so at several times, in one pack (LwM2M Core, 7.4.6 and 7.4.7): the time goes with the first record of each.
// Of the formats for trees only SenML can say when: LwM2M-CBOR and TLV have no place for a time.

import { Reader, Writer } from "../../bytes.js";
import { ContentFormat } from "../../coap/options.js";
import { Head, Major, writeCbor, writeHead, writeInteger } from "./cbor.js";
import { Label } from "./senml.js";

/** A pack as its encoder wrote it, and when it was so: in seconds since 1970, or at most 0 for so long before now. */
export interface TimedPack {
	readonly bytes: Uint8Array;
	time: number;
}

/** Room for a label and a time of either encoding, and for the longest head of an array. */
const TIME_ROOM = 24;
const HEAD_ROOM = 5;

/** "[{" and "]". */
const OPENING_LENGTH = 2;
const CLOSE_ARRAY = 0x5d;

/** True for the formats that hold times. */
export function holdsTimes(contentFormat: number): boolean {
	return contentFormat === ContentFormat.SenmlCbor || contentFormat === ContentFormat.SenmlJson;
}

/** The packs as one, oldest first. An empty pack, which says nothing, is left out. */
export function joinPacks(contentFormat: number, packs: readonly TimedPack[]): Uint8Array {
	let room = HEAD_ROOM;
	for (let i = 0; i < packs.length; i++) room += packs[i]!.bytes.length + TIME_ROOM;
	const writer = new Writer(new Uint8Array(room));
	if (contentFormat === ContentFormat.SenmlCbor) joinCbor(writer, packs);
	else joinJson(writer, packs);
	return writer.bytes!.subarray(0, writer.length);
}

function joinCbor(writer: Writer, packs: readonly TimedPack[]): void {
	const head = new Head();
	const reader = new Reader(NOTHING);
	let count = 0;
	for (let i = 0; i < packs.length; i++) {
		reader.reset(packs[i]!.bytes, 0, packs[i]!.bytes.length);
		head.read(reader);
		count += head.argument;
	}
	writeHead(writer, Major.array, count);
	for (let i = 0; i < packs.length; i++) {
		const { bytes, time } = packs[i]!;
		reader.reset(bytes, 0, bytes.length);
		head.read(reader);
		if (head.argument === 0) continue;
		head.read(reader);
		writeHead(writer, Major.map, head.argument + 1);
		writeInteger(writer, Label.baseTime);
		writeCbor(writer, Number.isInteger(time) ? "integer" : "float", time);
		writer.copy(bytes.subarray(reader.offset));
	}
}

function joinJson(writer: Writer, packs: readonly TimedPack[]): void {
	let opening = "[";
	for (let i = 0; i < packs.length; i++) {
		const { bytes, time } = packs[i]!;
		if (bytes.length <= OPENING_LENGTH) continue;
		writer.text(`${opening}{"bt":${time},`);
		writer.copy(bytes.subarray(OPENING_LENGTH, bytes.length - 1));
		opening = ",";
	}
	if (opening === "[") writer.text(opening);
	writer.u8(CLOSE_ARRAY);
}

const NOTHING = new Uint8Array(0);
