// Capture files that Wireshark reads: classic pcap, one raw IPv4 packet a record. Headers are made here, since the
// relay only ever holds what is inside a UDP datagram.

import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { addressOf, type Peer, peerOf, portOf } from "./peer.js";

const MAGIC_MICROSECONDS = 0xa1b2c3d4;
/** The packets begin with the IP header, no Ethernet around. */
const LINKTYPE_RAW = 101;
const FILE_HEADER_LENGTH = 24;
const RECORD_HEADER_LENGTH = 16;
const IPV4_HEADER_LENGTH = 20;
const UDP_HEADER_LENGTH = 8;
const HEADERS_LENGTH = IPV4_HEADER_LENGTH + UDP_HEADER_LENGTH;
const PROTOCOL_UDP = 17;
const DONT_FRAGMENT = 0x4000;
const TIME_TO_LIVE = 64;

/** One UDP datagram as it was seen on a wire; `unixMs` may have a fraction. */
export interface CapturedDatagram {
	readonly unixMs: number;
	readonly source: Peer;
	readonly destination: Peer;
	readonly payload: Uint8Array;
}

/** Writes each datagram at once, so that another process can read the file while it grows. */
export class CaptureWriter {
	readonly #file: number;
	#identification = 0;

	/** Throws where the file cannot be made. */
	constructor(path: string) {
		this.#file = openSync(path, "w");
		const header = Buffer.alloc(FILE_HEADER_LENGTH);
		header.writeUInt32LE(MAGIC_MICROSECONDS, 0);
		header.writeUInt16LE(2, 4);
		header.writeUInt16LE(4, 6);
		header.writeUInt32LE(0xffff, 16);
		header.writeUInt32LE(LINKTYPE_RAW, 20);
		writeSync(this.#file, header);
	}

	write(datagram: CapturedDatagram): void {
		const packetLength = HEADERS_LENGTH + datagram.payload.length;
		const record = Buffer.alloc(RECORD_HEADER_LENGTH + packetLength);
		const microseconds = Math.floor(datagram.unixMs * 1000);
		record.writeUInt32LE(Math.floor(microseconds / 1e6), 0);
		record.writeUInt32LE(microseconds % 1e6, 4);
		record.writeUInt32LE(packetLength, 8);
		record.writeUInt32LE(packetLength, 12);
		this.#identification = (this.#identification + 1) & 0xffff;
		writePacket(record.subarray(RECORD_HEADER_LENGTH), datagram, this.#identification);
		writeSync(this.#file, record);
	}

	close(): void {
		closeSync(this.#file);
	}
}

/** IPv4 (RFC 791, 3.1) and UDP (RFC 768) around a payload. */
function writePacket(packet: Buffer, datagram: CapturedDatagram, identification: number): void {
	packet[0] = 0x45;
	packet.writeUInt16BE(packet.length, 2);
	packet.writeUInt16BE(identification, 4);
	packet.writeUInt16BE(DONT_FRAGMENT, 6);
	packet[8] = TIME_TO_LIVE;
	packet[9] = PROTOCOL_UDP;
	writeAddress(packet, 12, addressOf(datagram.source));
	writeAddress(packet, 16, addressOf(datagram.destination));
	packet.writeUInt16BE(checksum(packet.subarray(0, IPV4_HEADER_LENGTH), 0), 10);

	const udp = packet.subarray(IPV4_HEADER_LENGTH);
	udp.writeUInt16BE(portOf(datagram.source), 0);
	udp.writeUInt16BE(portOf(datagram.destination), 2);
	udp.writeUInt16BE(udp.length, 4);
	udp.set(datagram.payload, UDP_HEADER_LENGTH);
	// The sum also covers a pseudo header: both addresses, the protocol, the length. Zero on the wire would mean "none".
	const sum = checksum(udp, sumOf(packet.subarray(12, IPV4_HEADER_LENGTH)) + PROTOCOL_UDP + udp.length);
	udp.writeUInt16BE(sum === 0 ? 0xffff : sum, 6);
}

function writeAddress(packet: Buffer, offset: number, address: string): void {
	packet.set(address.split(".").map(Number), offset);
}

function sumOf(bytes: Buffer): number {
	let sum = 0;
	for (let at = 0; at < bytes.length; at++) sum += at % 2 === 0 ? bytes[at]! * 256 : bytes[at]!;
	return sum;
}

/** The Internet checksum (RFC 1071); `more` is added to the sum before it is folded. */
function checksum(bytes: Buffer, more: number): number {
	let sum = sumOf(bytes) + more;
	while (sum > 0xffff) sum = (sum % 0x10000) + Math.floor(sum / 0x10000);
	return 0xffff - sum;
}

/** The datagrams of a file that CaptureWriter made or makes; a last record that is not whole yet is left out. */
export function readCapture(path: string): CapturedDatagram[] {
	const file = readFileSync(path);
	if (file.length < FILE_HEADER_LENGTH || file.readUInt32LE(0) !== MAGIC_MICROSECONDS) {
		throw new Error(`${path} is no capture file of ours`);
	}
	const datagrams: CapturedDatagram[] = [];
	for (let at = FILE_HEADER_LENGTH; at + RECORD_HEADER_LENGTH <= file.length; ) {
		const start = at + RECORD_HEADER_LENGTH;
		const end = start + file.readUInt32LE(at + 8);
		if (end > file.length) break;
		datagrams.push(
			readPacket(file.readUInt32LE(at) * 1000 + file.readUInt32LE(at + 4) / 1000, file.subarray(start, end)),
		);
		at = end;
	}
	return datagrams;
}

function readPacket(unixMs: number, packet: Buffer): CapturedDatagram {
	return {
		unixMs,
		source: peerOf(packet.subarray(12, 16).join("."), packet.readUInt16BE(20)),
		destination: peerOf(packet.subarray(16, 20).join("."), packet.readUInt16BE(22)),
		payload: packet.subarray(HEADERS_LENGTH),
	};
}
