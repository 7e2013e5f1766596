// The sender's datagrams: built once, then only Message ID, token and value are changed.

import { Code } from "../../firmware/coap/codes.js";
import { Encoder } from "../../firmware/coap/encoder.js";
import type { MessageType } from "../../firmware/coap/message.js";
import { ContentFormat, Option } from "../../firmware/coap/options.js";
import { TokenBearer } from "../../firmware/coap/token.js";

const MESSAGE_ID_OFFSET = 2;
const TOKEN_OFFSET = 4;
const TOKEN_LENGTH = 4;

/** The token of the observation, and with it of all notifications; requests count from 1. */
export const OBSERVATION = 0;

/** A response or notification begins at this code class; below are requests and Empty. */
const FIRST_RESPONSE_CODE = 0x40;
const FIRST_ERROR_CODE = 0x80;

/** Builds a datagram whose token is four zeros. */
function datagram(code: number, options: (encoder: Encoder) => void): Buffer {
	const token = new TokenBearer();
	token.numberToken(OBSERVATION, TOKEN_LENGTH);
	const encoder = new Encoder();
	const bytes = Buffer.alloc(64);
	encoder.target(bytes);
	encoder.begin("CON", code, 0, token);
	options(encoder);
	return bytes.subarray(0, encoder.end);
}

/** A Read of one resource as text. */
export function readRequest(path: string): Buffer {
	return datagram(Code.Get, (encoder) => {
		encoder.segments(Option.UriPath, path);
		encoder.uint(Option.Accept, ContentFormat.Text);
	});
}

/** An Observe of one resource as text; its token stays OBSERVATION. */
export function observeRequest(path: string): Buffer {
	return datagram(Code.Get, (encoder) => {
		encoder.uint(Option.Observe, 0);
		encoder.segments(Option.UriPath, path);
		encoder.uint(Option.Accept, ContentFormat.Text);
	});
}

/** A Write of one resource as text. The value is "1" at first, as it is of the motor that is observed: see toggle. */
export function writeRequest(path: string): Buffer {
	return datagram(Code.Put, (encoder) => {
		encoder.segments(Option.UriPath, path);
		encoder.uint(Option.ContentFormat, ContentFormat.Text);
		encoder.payload(Buffer.from("1"));
	});
}

/** Gives a request its Message ID and token. */
export function number(request: Buffer, messageId: number, token: number): void {
	request.writeUInt16BE(messageId & 0xffff, MESSAGE_ID_OFFSET);
	request.writeUInt32BE(token, TOKEN_OFFSET);
}

/** Turns the value of a Write around, so that each one changes something and is notified. */
export function toggle(write: Buffer): void {
	write[write.length - 1]! ^= 1;
}

/** The answer to a registration. */
export function created(registration: Buffer): Buffer {
	const reply = answer(registration, "ACK", Code.Created);
	return Buffer.concat([reply, Buffer.from([(Option.LocationPath << 4) | 2]), Buffer.from("rd")]);
}

/** The acknowledgement of a confirmable notification: Empty, without a token. */
export function acknowledgement(notification: Buffer): Buffer {
	return Buffer.from([0x60, Code.Empty, notification[2]!, notification[3]!]);
}

function answer(request: Buffer, type: MessageType, code: number): Buffer {
	const reply = Buffer.from(request.subarray(0, TOKEN_OFFSET + (request[0]! & 0x0f)));
	reply[0] = (reply[0]! & 0xcf) | (type === "ACK" ? 0x20 : 0x10);
	reply[1] = code;
	return reply;
}

/** Whether the sender of these bytes waits for an acknowledgement: a confirmable response, not an echoed request. */
export function wantsAcknowledgement(bytes: Buffer): boolean {
	return (bytes[0]! & 0x30) === 0 && bytes[1]! >= FIRST_RESPONSE_CODE;
}

/** Whether the bytes are a registration. */
export function isRegistration(bytes: Buffer): boolean {
	return (bytes[0]! & 0x30) === 0 && bytes[1] === Code.Post;
}

/** Whether the bytes are an answer 4.xx or 5.xx. */
export function isError(bytes: Buffer): boolean {
	return bytes[1]! >= FIRST_ERROR_CODE;
}

/** The token of four bytes; -1 for any other. */
export function tokenOf(bytes: Buffer): number {
	if (bytes.length < TOKEN_OFFSET + TOKEN_LENGTH || (bytes[0]! & 0x0f) !== TOKEN_LENGTH) return -1;
	return bytes.readUInt32BE(TOKEN_OFFSET);
}
