// The elective option Reach: what a server that knows it says of the way to a device (docs/reach-extension.md).
// Both sides use this codec; whoever does not know the option ignores it (RFC 7252, 5.4.1).

import type { Message } from "./endpoint.js";
import { Option } from "./options.js";

/** The bits of the first byte. Fields follow in the order of the bits that announce them. */
export const ReachFlag = Object.freeze({
	/** In 2.01: a keeper byte or a ping from an address without a registration is answered by "I do not know you". */
	Keeper: 0x01,
	/** In 2.01: there is a resource /np that measures how long a binding lives. */
	Probe: 0x02,
	/** The message came from another address than the last one of this registration. */
	Moved: 0x04,
	/** Queue Mode: nothing waits for the device, it may sleep at once. */
	Idle: 0x08,
	/** What was sent down in a silence stayed unanswered: its age (16 bits) and the number of its copies (8 bits). */
	Lost: 0x10,
	/** How many keeper bytes came since the registration was last told anything (16 bits). */
	Heard: 0x20,
});

/** What a server says. */
export interface ReachWord {
	readonly flags: number;
	/** How long after the device's last sign of life the first copy was sent that stayed unanswered; -1: none did. */
	readonly lostSeconds: number;
	/** How many copies were sent in that silence: one may be lost for many reasons, five hardly are. */
	readonly lostCount: number;
	/** Keeper bytes heard; -1: not said. */
	readonly heardCount: number;
}

/** In a Register: "I understand the option". */
export const REACH_UNDERSTOOD = new Uint8Array(0);

const UINT8_MAX = 0xff;
const UINT16_MAX = 0xffff;
/** Bytes of the fields of Lost and of Heard. */
const LOST_LENGTH = 3;
const HEARD_LENGTH = 2;

/** The value of the option; undefined where there is nothing to say, and the option is left out. */
export function encodeReach({ flags, lostSeconds, lostCount, heardCount }: ReachWord): Uint8Array | undefined {
	if (flags === 0) return undefined;
	const hasLost = (flags & ReachFlag.Lost) !== 0;
	const hasHeard = (flags & ReachFlag.Heard) !== 0;
	const value = new Uint8Array(1 + (hasLost ? LOST_LENGTH : 0) + (hasHeard ? HEARD_LENGTH : 0));
	value[0] = flags;
	if (hasLost) {
		writeUint16(value, 1, lostSeconds);
		value[3] = Math.min(lostCount, UINT8_MAX);
	}
	if (hasHeard) writeUint16(value, value.length - HEARD_LENGTH, heardCount);
	return value;
}

function writeUint16(into: Uint8Array, at: number, value: number): void {
	const bounded = Math.min(Math.max(0, Math.floor(value)), UINT16_MAX);
	into[at] = bounded >> 8;
	into[at + 1] = bounded & 0xff;
}

/** What a message says; undefined where it says nothing. Of bits that nobody knows yet, the fields come last. */
export function readReach(message: Message): ReachWord | undefined {
	const value = message.option(Option.Reach);
	if (value === undefined || value.length === 0) return undefined;
	let flags = value[0]! & KNOWN;
	let at = 1;
	let lostSeconds = -1;
	let lostCount = 0;
	let heardCount = -1;
	if ((flags & ReachFlag.Lost) !== 0) {
		// Where the fields are cut off, the flags before them hold all the same.
		if (value.length < at + LOST_LENGTH) flags &= ~ReachFlag.Lost;
		else {
			lostSeconds = value[at]! * 256 + value[at + 1]!;
			lostCount = value[at + 2]!;
		}
		at += LOST_LENGTH;
	}
	if ((flags & ReachFlag.Heard) !== 0) {
		if (value.length < at + HEARD_LENGTH) flags &= ~ReachFlag.Heard;
		else heardCount = value[at]! * 256 + value[at + 1]!;
	}
	return { flags, lostSeconds, lostCount, heardCount };
}

const KNOWN = ReachFlag.Keeper | ReachFlag.Probe | ReachFlag.Moved | ReachFlag.Idle | ReachFlag.Lost | ReachFlag.Heard;

/** In a Register of Queue Mode: how long the device listens after it has spoken, where that is not as the RFC says. */
export function encodeWindow(seconds: number): Uint8Array {
	const value = new Uint8Array(WINDOW_LENGTH);
	writeUint16(value, 0, seconds);
	return value;
}

/** The window in seconds; undefined where the option is absent, -1 where it names none. */
export function readWindow(message: Message): number | undefined {
	const value = message.option(Option.Reach);
	if (value === undefined) return undefined;
	return value.length === WINDOW_LENGTH ? value[0]! * 256 + value[1]! : -1;
}

const WINDOW_LENGTH = 2;
