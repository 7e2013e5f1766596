// Capture files that Wireshark reads: classic pcap, one raw IPv4 packet or one Ethernet frame a record. Headers of
// packets are made here, since the relay only ever holds what is inside a UDP datagram.

import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { udpPacket } from "./packet.js";
import { type Peer, peerOf } from "./peer.js";

const MAGIC_MICROSECONDS = 0xa1b2c3d4;
/** The packets begin with the IP header, no Ethernet around. */
const LINKTYPE_RAW = 101;
const LINKTYPE_ETHERNET = 1;
const FILE_HEADER_LENGTH = 24;
const RECORD_HEADER_LENGTH = 16;

/** One UDP datagram as it was seen on a wire; `unixMs` may have a fraction. */
export interface CapturedDatagram {
	readonly unixMs: number;
	readonly source: Peer;
	readonly destination: Peer;
	readonly payload: Uint8Array;
}

/** Writes each record at once, so that another process can read the file while it grows. */
class RecordWriter {
	readonly #file: number;

	constructor(path: string, linkType: number) {
		this.#file = openSync(path, "w");
		const header = Buffer.alloc(FILE_HEADER_LENGTH);
		header.writeUInt32LE(MAGIC_MICROSECONDS, 0);
		header.writeUInt16LE(2, 4);
		header.writeUInt16LE(4, 6);
		header.writeUInt32LE(0xffff, 16);
		header.writeUInt32LE(linkType, 20);
		writeSync(this.#file, header);
	}

	write(unixMs: number, bytes: Uint8Array): void {
		const record = Buffer.alloc(RECORD_HEADER_LENGTH + bytes.length);
		const microseconds = Math.floor(unixMs * 1000);
		record.writeUInt32LE(Math.floor(microseconds / 1e6), 0);
		record.writeUInt32LE(microseconds % 1e6, 4);
		record.writeUInt32LE(bytes.length, 8);
		record.writeUInt32LE(bytes.length, 12);
		record.set(bytes, RECORD_HEADER_LENGTH);
		writeSync(this.#file, record);
	}

	close(): void {
		closeSync(this.#file);
	}
}

/** A capture of UDP datagrams. */
export class CaptureWriter {
	readonly #records: RecordWriter;
	#identification = 0;

	/** Throws where the file cannot be made. */
	constructor(path: string) {
		this.#records = new RecordWriter(path, LINKTYPE_RAW);
	}

	write({ unixMs, source, destination, payload }: CapturedDatagram): void {
		this.#identification = (this.#identification + 1) & 0xffff;
		this.#records.write(unixMs, udpPacket(source, destination, payload, this.#identification));
	}

	close(): void {
		this.#records.close();
	}
}

/** A capture of Ethernet frames. */
export class FrameCaptureWriter extends RecordWriter {
	/** Throws where the file cannot be made. */
	constructor(path: string) {
		super(path, LINKTYPE_ETHERNET);
	}
}

/** What a CaptureWriter has put into its headers: 20 bytes of IPv4, 8 of UDP. */
const HEADERS_LENGTH = 28;

/** The datagrams of a file that CaptureWriter made or makes; a last record that is not whole yet is left out. */
export function readCapture(path: string): CapturedDatagram[] {
	return readRecords(path, LINKTYPE_RAW, readPacket);
}

/** The frames of a file that FrameCaptureWriter made or makes; a last record that is not whole yet is left out. */
export function readFrames(path: string): Buffer[] {
	return readRecords(path, LINKTYPE_ETHERNET, (_, frame) => frame);
}

function readRecords<Record>(
	path: string,
	linkType: number,
	read: (unixMs: number, bytes: Buffer) => Record,
): Record[] {
	const file = readFileSync(path);
	const isOurs = file.length >= FILE_HEADER_LENGTH && file.readUInt32LE(0) === MAGIC_MICROSECONDS;
	if (!isOurs || file.readUInt32LE(20) !== linkType) throw new Error(`${path} is no capture file of ours`);
	const records: Record[] = [];
	for (let at = FILE_HEADER_LENGTH; at + RECORD_HEADER_LENGTH <= file.length; ) {
		const start = at + RECORD_HEADER_LENGTH;
		const end = start + file.readUInt32LE(at + 8);
		if (end > file.length) break;
		records.push(read(file.readUInt32LE(at) * 1000 + file.readUInt32LE(at + 4) / 1000, file.subarray(start, end)));
		at = end;
	}
	return records;
}

function readPacket(unixMs: number, packet: Buffer): CapturedDatagram {
	return {
		unixMs,
		source: peerOf(packet.subarray(12, 16).join("."), packet.readUInt16BE(20)),
		destination: peerOf(packet.subarray(16, 20).join("."), packet.readUInt16BE(22)),
		payload: packet.subarray(HEADERS_LENGTH),
	};
}
