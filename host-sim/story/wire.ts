// What a capture of the relay says about CoAP. It reads the few bytes it needs by itself: a judge does not share the
// codec of those it judges.

import { readCapture } from "../nat/pcap.js";
import type { Peer } from "../nat/peer.js";

/** A datagram on one side of the NAT. */
export interface Sighting {
	readonly unixMs: number;
	readonly side: "inside" | "outside";
	readonly direction: "up" | "down";
	/** The NAT's port towards the back end, outside only; the device inside. */
	readonly at: Peer;
	readonly bytes: Buffer;
	/** As "0.02" or "2.05". */
	readonly code: string;
	/** "/rd" or "/3323/0/5700"; empty for a message without Uri-Path. */
	readonly path: string;
	/** RFC 7641: a notification, or the answer that begins an observation. */
	readonly observe: boolean;
}

const OPTION_OBSERVE = 6;
const OPTION_URI_PATH = 11;
const PAYLOAD_MARKER = 0xff;

/** All sightings of a capture, in order; `inside` and `to` as in the relay's ready line. */
export function readWire(path: string, inside: Peer, to: Peer): Sighting[] {
	return readCapture(path).map(({ unixMs, source, destination, payload }) => {
		const side = source === inside || destination === inside ? "inside" : "outside";
		const direction = destination === inside || destination === to ? "up" : "down";
		const bytes = Buffer.from(payload);
		const at = direction === "up" ? source : destination;
		return { unixMs, side, direction, at, bytes, code: codeOf(bytes), ...optionsOf(bytes) };
	});
}

/** RFC 7252, 3: class and detail of the code. */
function codeOf(bytes: Buffer): string {
	return `${bytes[1]! >> 5}.${String(bytes[1]! & 0x1f).padStart(2, "0")}`;
}

/** RFC 7252, 3.1: options as differences of numbers, each with its length. */
function optionsOf(bytes: Buffer): { path: string; observe: boolean } {
	let path = "";
	let observe = false;
	let number = 0;
	let at = 4 + (bytes[0]! & 0x0f);
	const extended = (nibble: number): number => {
		if (nibble < 13) return nibble;
		if (nibble === 13) return 13 + bytes[at++]!;
		at += 2;
		return 269 + bytes.readUInt16BE(at - 2);
	};
	while (at < bytes.length && bytes[at] !== PAYLOAD_MARKER) {
		const first = bytes[at++]!;
		number += extended(first >> 4);
		const length = extended(first & 0x0f);
		if (number === OPTION_URI_PATH) path += `/${bytes.toString("utf8", at, at + length)}`;
		if (number === OPTION_OBSERVE) observe = true;
		at += length;
	}
	return { path, observe };
}

/** True when the NAT let this downlink in: the same bytes inside, in the same instant. */
export function cameThrough(wire: readonly Sighting[], downlink: Sighting): boolean {
	return wire.some(
		(one) => one.side === "inside" && one.unixMs === downlink.unixMs && one.bytes.equals(downlink.bytes),
	);
}
