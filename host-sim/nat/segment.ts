// TCP segments (RFC 9293, 3.1), made and read side by side.

import { type Packet, TCP, transportChecksum } from "./packet.js";
import { addressOf, type Peer, peerOf, portOf } from "./peer.js";
import { ACK, RST, SYN } from "./tcp-flags.js";

const HEADER_LENGTH = 20;
const OPTION_END = 0;
const OPTION_NOTHING = 1;
const OPTION_MAXIMUM_LENGTH = 2;

export interface Segment {
	readonly source: Peer;
	readonly destination: Peer;
	readonly sequence: number;
	readonly acknowledgment: number;
	readonly flags: number;
	readonly window: number;
	/** The longest segment that the sender takes; only in a SYN. */
	readonly maximumLength?: number;
	readonly payload: Buffer;
}

export function segmentPacket(segment: Segment): Packet {
	const { source, destination, maximumLength, payload } = segment;
	const option =
		maximumLength === undefined ? [] : [OPTION_MAXIMUM_LENGTH, 4, maximumLength >> 8, maximumLength & 0xff];
	const header = Buffer.alloc(HEADER_LENGTH + option.length);
	header.writeUInt16BE(portOf(source), 0);
	header.writeUInt16BE(portOf(destination), 2);
	header.writeUInt32BE(segment.sequence, 4);
	header.writeUInt32BE(segment.acknowledgment, 8);
	header[12] = (header.length / 4) << 4;
	header[13] = segment.flags;
	header.writeUInt16BE(segment.window, 14);
	header.set(option, HEADER_LENGTH);
	const bytes = Buffer.concat([header, payload]);
	const packet = { source: addressOf(source), destination: addressOf(destination), protocol: TCP, payload: bytes };
	bytes.writeUInt16BE(transportChecksum(packet), 16);
	return packet;
}

/** Undefined for what is no sound segment. */
export function readSegment(packet: Packet): Segment | undefined {
	const bytes = packet.payload;
	const headerLength = ((bytes[12] ?? 0) >> 4) * 4;
	if (packet.protocol !== TCP || headerLength < HEADER_LENGTH || headerLength > bytes.length) return undefined;
	if (transportChecksum(packet) !== 0) return undefined;
	const maximumLength = readMaximumLength(bytes.subarray(HEADER_LENGTH, headerLength));
	return {
		source: peerOf(packet.source, bytes.readUInt16BE(0)),
		destination: peerOf(packet.destination, bytes.readUInt16BE(2)),
		sequence: bytes.readUInt32BE(4),
		acknowledgment: bytes.readUInt32BE(8),
		flags: bytes[13]!,
		window: bytes.readUInt16BE(14),
		...(maximumLength === undefined ? {} : { maximumLength }),
		payload: bytes.subarray(headerLength),
	};
}

function readMaximumLength(options: Buffer): number | undefined {
	for (let at = 0; at < options.length && options[at] !== OPTION_END; ) {
		const length = options[at] === OPTION_NOTHING ? 1 : (options[at + 1] ?? 0);
		if (options[at] === OPTION_MAXIMUM_LENGTH && at + 4 <= options.length) return options.readUInt16BE(at + 2);
		if (length === 0) return undefined;
		at += length;
	}
	return undefined;
}

/** The answer to a segment that belongs to no connection and is no reset itself (RFC 9293, 3.10.7.1). */
export function resetOf(segment: Segment): Segment {
	const hasAcknowledgment = (segment.flags & ACK) !== 0;
	const length = segment.payload.length + ((segment.flags & SYN) === 0 ? 0 : 1);
	return {
		source: segment.destination,
		destination: segment.source,
		sequence: hasAcknowledgment ? segment.acknowledgment : 0,
		acknowledgment: (segment.sequence + length) >>> 0,
		flags: hasAcknowledgment ? RST : RST | ACK,
		window: 0,
		payload: Buffer.alloc(0),
	};
}
