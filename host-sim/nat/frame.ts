// Ethernet frames and ARP, made and read side by side; a hardware address is 12 hexadecimal digits.

import { addressBytes, addressText } from "./packet.js";

const HEADER_LENGTH = 14;
const ARP_LENGTH = 28;
/** Ethernet and IPv4, with addresses of 6 and 4 bytes (RFC 826). */
const ARP_KIND = [0x00, 0x01, 0x08, 0x00, 0x06, 0x04];

export const ETHERTYPE_IPV4 = 0x0800;
export const ETHERTYPE_ARP = 0x0806;
export const BROADCAST = "ffffffffffff";

export interface Frame {
	readonly destination: string;
	readonly source: string;
	readonly type: number;
	readonly payload: Buffer;
}

export interface Arp {
	readonly operation: "request" | "reply";
	readonly senderHardware: string;
	readonly sender: string;
	readonly targetHardware: string;
	readonly target: string;
}

export function ethernetFrame({ destination, source, type, payload }: Frame): Buffer {
	const header = Buffer.from(`${destination}${source}0000`, "hex");
	header.writeUInt16BE(type, 12);
	return Buffer.concat([header, payload]);
}

/** Undefined for what is too short to be a frame. */
export function readFrame(bytes: Buffer): Frame | undefined {
	if (bytes.length < HEADER_LENGTH) return undefined;
	return {
		destination: bytes.toString("hex", 0, 6),
		source: bytes.toString("hex", 6, 12),
		type: bytes.readUInt16BE(12),
		payload: bytes.subarray(HEADER_LENGTH),
	};
}

export function arpPayload({ operation, senderHardware, sender, targetHardware, target }: Arp): Buffer {
	return Buffer.from([
		...[...ARP_KIND, 0, operation === "request" ? 1 : 2],
		...[...Buffer.from(senderHardware, "hex"), ...addressBytes(sender)],
		...[...Buffer.from(targetHardware, "hex"), ...addressBytes(target)],
	]);
}

/** Undefined for what is no request or reply about IPv4 over Ethernet. */
export function readArp(payload: Buffer): Arp | undefined {
	if (payload.length < ARP_LENGTH || !ARP_KIND.every((byte, index) => payload[index] === byte)) return undefined;
	const operation = payload.readUInt16BE(6);
	if (operation !== 1 && operation !== 2) return undefined;
	return {
		operation: operation === 1 ? "request" : "reply",
		senderHardware: payload.toString("hex", 8, 14),
		sender: addressText(payload.subarray(14, 18)),
		targetHardware: payload.toString("hex", 18, 24),
		target: addressText(payload.subarray(24, 28)),
	};
}
