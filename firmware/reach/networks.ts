// What is remembered of networks over a power loss: one short record each, the one in use last in front.

import { Reader, Writer } from "../bytes.js";

/** Bounds of a lifetime in seconds; 0 where nothing is known. */
export interface RememberedBinding {
	readonly lowerSeconds: number;
	readonly upperSeconds: number;
}

/** What one network taught. */
export interface NetworkRecord {
	readonly udp: RememberedBinding;
	readonly stream: RememberedBinding;
	readonly moveCount: number;
	/** The place of the transport that worked, and whether it was chosen for its price. */
	readonly transport: number;
	readonly isChosen: boolean;
}

/** Networks remembered; the one not used for longest makes room. */
export const networkCount = 16;

const VERSION = 1;
const HEADER_LENGTH = 1;
const RECORD_LENGTH = 4 + 4 * 2 + 2 + 1;
const UINT16_MAX = 0xffff;
/** In the byte of the transport. */
const CHOSEN = 0x80;

/** FNV-1a of a label: 32 bits tell 16 networks apart. */
export function networkId(label: string): number {
	let hash = 0x811c9dc5;
	for (let i = 0; i < label.length; i++) hash = Math.imul(hash ^ label.charCodeAt(i), 0x01000193);
	return hash >>> 0;
}

/** The record of a network; undefined where there is none, or where the bytes are none of ours. */
export function findNetwork(bytes: Uint8Array | undefined, id: number): NetworkRecord | undefined {
	const count = countOf(bytes);
	const reader = new Reader(bytes ?? EMPTY);
	reader.skip(HEADER_LENGTH);
	for (let i = 0; i < count; i++) {
		if (reader.u32() !== id) reader.skip(RECORD_LENGTH - 4);
		else return readRecord(reader);
	}
	return undefined;
}

/** Fresh bytes with this record in front. */
export function putNetwork(bytes: Uint8Array | undefined, id: number, record: NetworkRecord): Uint8Array {
	const count = countOf(bytes);
	const writer = new Writer(new Uint8Array(HEADER_LENGTH + RECORD_LENGTH * networkCount));
	writer.u8(VERSION);
	writer.u32(id);
	writeBinding(writer, record.udp);
	writeBinding(writer, record.stream);
	writer.u16(bounded(record.moveCount));
	writer.u8(Math.min(record.transport, CHOSEN - 1) | (record.isChosen ? CHOSEN : 0));
	const reader = new Reader(bytes ?? EMPTY);
	reader.skip(HEADER_LENGTH);
	for (let i = 0, kept = 1; i < count && kept < networkCount; i++) {
		const other = reader.u32();
		const rest = reader.take(RECORD_LENGTH - 4);
		if (other === id) continue;
		writer.u32(other);
		writer.copy(rest);
		kept++;
	}
	return writer.bytes!.slice(0, writer.length);
}

/** Only whole records of our version count. */
function countOf(bytes: Uint8Array | undefined): number {
	if (bytes === undefined || bytes[0] !== VERSION) return 0;
	return Math.min(networkCount, Math.floor((bytes.length - HEADER_LENGTH) / RECORD_LENGTH));
}

function readRecord(reader: Reader): NetworkRecord {
	const udp = { lowerSeconds: reader.u16(), upperSeconds: reader.u16() };
	const stream = { lowerSeconds: reader.u16(), upperSeconds: reader.u16() };
	const moveCount = reader.u16();
	const transport = reader.u8();
	return { udp, stream, moveCount, transport: transport & ~CHOSEN, isChosen: (transport & CHOSEN) !== 0 };
}

function writeBinding(writer: Writer, { lowerSeconds, upperSeconds }: RememberedBinding): void {
	writer.u16(bounded(lowerSeconds));
	writer.u16(bounded(upperSeconds));
}

function bounded(value: number): number {
	return Math.max(0, Math.min(UINT16_MAX, Math.floor(value)));
}

const EMPTY = new Uint8Array(0);
