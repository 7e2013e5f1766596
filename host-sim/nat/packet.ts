// IPv4 and UDP packets, made and read side by side. What is read has been checked: lengths, check sums, no fragment.

import { addressOf, type Peer, peerOf, portOf } from "./peer.js";

const IPV4_HEADER_LENGTH = 20;
const UDP_HEADER_LENGTH = 8;
const VERSION_AND_LENGTH = 0x45;
const DONT_FRAGMENT = 0x4000;
const TIME_TO_LIVE = 64;

/** Protocol numbers of IPv4. */
export const ICMP = 1;
export const TCP = 6;
export const UDP = 17;

/** What is in an IPv4 packet. */
export interface Packet {
	readonly source: string;
	readonly destination: string;
	readonly protocol: number;
	readonly payload: Buffer;
}

/** What is in a UDP datagram. */
export interface Datagram {
	readonly source: Peer;
	readonly destination: Peer;
	readonly payload: Buffer;
}

/** An IPv4 packet without options (RFC 791, 3.1). */
export function ipv4Packet({ source, destination, protocol, payload }: Packet, identification: number): Buffer {
	const header = Buffer.alloc(IPV4_HEADER_LENGTH);
	header[0] = VERSION_AND_LENGTH;
	header.writeUInt16BE(header.length + payload.length, 2);
	header.writeUInt16BE(identification, 4);
	header.writeUInt16BE(DONT_FRAGMENT, 6);
	header[8] = TIME_TO_LIVE;
	header[9] = protocol;
	header.set(addressBytes(source), 12);
	header.set(addressBytes(destination), 16);
	header.writeUInt16BE(checksum(header), 10);
	return Buffer.concat([header, payload]);
}

/** Undefined for what is no whole, sound IPv4 packet; what follows it is cut off. */
export function readIpv4(bytes: Buffer): Packet | undefined {
	const headerLength = (bytes[0]! & 0x0f) * 4;
	if (bytes.length < IPV4_HEADER_LENGTH || bytes[0]! >> 4 !== 4 || headerLength < IPV4_HEADER_LENGTH) return undefined;
	const length = bytes.readUInt16BE(2);
	const fragment = bytes.readUInt16BE(6) & ~DONT_FRAGMENT;
	if (length > bytes.length || length < headerLength || fragment !== 0) return undefined;
	if (checksum(bytes.subarray(0, headerLength)) !== 0) return undefined;
	return {
		source: addressText(bytes.subarray(12, 16)),
		destination: addressText(bytes.subarray(16, 20)),
		protocol: bytes[9]!,
		payload: bytes.subarray(headerLength, length),
	};
}

/** A UDP datagram (RFC 768) in an IPv4 packet. */
export function udpPacket(source: Peer, destination: Peer, payload: Uint8Array, identification: number): Buffer {
	const udp = Buffer.alloc(UDP_HEADER_LENGTH + payload.length);
	udp.writeUInt16BE(portOf(source), 0);
	udp.writeUInt16BE(portOf(destination), 2);
	udp.writeUInt16BE(udp.length, 4);
	udp.set(payload, UDP_HEADER_LENGTH);
	const packet = { source: addressOf(source), destination: addressOf(destination), protocol: UDP, payload: udp };
	// Zero on the wire would mean "none".
	udp.writeUInt16BE(transportChecksum(packet) || 0xffff, 6);
	return ipv4Packet(packet, identification);
}

/** Undefined for what is no sound UDP datagram. */
export function readUdp(packet: Packet): Datagram | undefined {
	const { payload } = packet;
	if (packet.protocol !== UDP || payload.length < UDP_HEADER_LENGTH) return undefined;
	const length = payload.readUInt16BE(4);
	if (length < UDP_HEADER_LENGTH || length > payload.length) return undefined;
	if (payload.readUInt16BE(6) !== 0 && transportChecksum(packet) !== 0) return undefined;
	return {
		source: peerOf(packet.source, payload.readUInt16BE(0)),
		destination: peerOf(packet.destination, payload.readUInt16BE(2)),
		payload: payload.subarray(UDP_HEADER_LENGTH, length),
	};
}

/** The check sum of UDP and TCP, which also covers a pseudo header: both addresses, the protocol, the length. */
export function transportChecksum({ source, destination, protocol, payload }: Packet): number {
	const addresses = Buffer.from([...addressBytes(source), ...addressBytes(destination)]);
	return checksum(payload, sumOf(addresses) + protocol + payload.length);
}

/** The Internet checksum (RFC 1071); `more` is added to the sum before it is folded. Over sound bytes it is 0. */
export function checksum(bytes: Buffer, more = 0): number {
	let sum = sumOf(bytes) + more;
	while (sum > 0xffff) sum = (sum % 0x10000) + Math.floor(sum / 0x10000);
	return 0xffff - sum;
}

function sumOf(bytes: Buffer): number {
	let sum = 0;
	for (let at = 0; at < bytes.length; at++) sum += at % 2 === 0 ? bytes[at]! * 256 : bytes[at]!;
	return sum;
}

/** "192.0.2.1" as four bytes. */
export function addressBytes(address: string): number[] {
	return address.split(".").map(Number);
}

export function addressText(bytes: Uint8Array): string {
	return bytes.join(".");
}
