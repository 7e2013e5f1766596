// Short messages as a centre delivers them and a modem shows them: SMS-DELIVER of 3GPP TS 23.040 in hexadecimal digits.

/** A message on its way to a device. */
export interface ShortMessage {
	readonly from: string;
	/** When the centre took it. */
	readonly atMs: number;
	/** At most 140 bytes, with the header. */
	readonly data: Uint8Array;
	/** TP-PID; default: an ordinary one. */
	readonly protocol?: number;
	/** TP-DCS; default: 8-bit data. */
	readonly coding?: number;
	/** TP-UDH, without its length. */
	readonly header?: Uint8Array;
}

/** A PDU, and the bytes of it that stand behind the centre's address. */
export interface Pdu {
	readonly digits: string;
	readonly length: number;
}

const EIGHT_BIT = 0x04;
const CENTRE = "491710760000";
const INTERNATIONAL = 0x91;

export function encodeDeliver(message: ShortMessage): Pdu {
	const { from, atMs, data, protocol = 0, coding = EIGHT_BIT, header } = message;
	const number = from.replace(/^\+/, "");
	const before = header === undefined ? [] : [header.length, ...header];
	const tpdu = [
		// SMS-DELIVER, no more messages to send; 0x40: a header stands before the data.
		header === undefined ? 0x04 : 0x44,
		number.length,
		INTERNATIONAL,
		...swapped(number),
		protocol,
		coding,
		...swapped(timeOf(atMs)),
		before.length + data.length,
		...before,
		...data,
	];
	const centre = [1 + CENTRE.length / 2, INTERNATIONAL, ...swapped(CENTRE)];
	return { digits: [...centre, ...tpdu].map(pairOf).join(""), length: tpdu.length };
}

function pairOf(byte: number): string {
	return byte.toString(16).toUpperCase().padStart(2, "0");
}

/** Two digits a byte, the first in the low half; an odd last one stands alone. */
function swapped(digits: string): number[] {
	const even = digits.length % 2 === 0 ? digits : `${digits}F`;
	return (even.match(/../g) ?? []).map((pair) => Number.parseInt(pair[1]! + pair[0]!, 16));
}

/** TP-SCTS: year, month, day, hour, minute, second, and the zone, which is UTC here. */
function timeOf(atMs: number): string {
	const [, year, ...rest] = /^\d\d(\d\d)-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)/.exec(new Date(atMs).toISOString())!;
	return `${year}${rest.join("")}00`;
}
