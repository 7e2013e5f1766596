// One datagram as the API's COAPLOG shows it.

import { Code, codeText, isRequest } from "../../firmware/coap/codes.js";
import { DatagramMessage } from "../../firmware/coap/message.js";
import { optionRow } from "../../firmware/coap/options.js";

/** A decoded datagram; `code` is "GET" or "2.05", absent for an Empty message. */
export interface CoapLog {
	readonly timestamp: number;
	readonly incoming: boolean;
	readonly type: string;
	readonly code?: string;
	readonly mId: number;
	readonly token: string;
	readonly options?: string;
	readonly payload?: string;
}

/** Decodes a datagram; undefined where it is no CoAP. */
export function logDatagram(bytes: Uint8Array, incoming: boolean, timestamp: number): CoapLog | undefined {
	const message = new DatagramMessage();
	if (message.decode(bytes) !== "ok") return undefined;
	const options = describeOptions(message, bytes);
	const payload = message.payload;
	return {
		timestamp,
		incoming,
		type: message.type,
		...(message.code === Code.Empty ? {} : { code: describeCode(message.code) }),
		mId: message.messageId,
		token: message.token,
		...(options === "" ? {} : { options }),
		...(payload === undefined ? {} : { payload: describePayload(payload) }),
	};
}

function describeCode(code: number): string {
	const [number, name] = codeText(code).split(" ");
	return (isRequest(code) ? name : undefined) ?? number!;
}

function describeOptions(message: DatagramMessage, bytes: Uint8Array): string {
	const values = new Map<string, string[]>();
	message.rewind();
	while (message.next()) {
		const { optionNumber, valueOffset, valueLength } = message;
		const row = optionRow(optionNumber);
		const name = row?.name ?? `Unknown (${optionNumber})`;
		const value = Buffer.from(bytes.subarray(valueOffset, valueOffset + valueLength));
		const text = describeValue(value, row?.format);
		values.set(name, [...(values.get(name) ?? []), text]);
	}
	return [...values].map(([name, all]) => `${name}: ${all.join(", ")}`).join(" - ");
}

function describeValue(value: Buffer, format: string | undefined): string {
	if (format === "string") return JSON.stringify(value.toString("utf8"));
	if (format === "uint") return value.length === 0 ? "0" : String(value.readUIntBE(0, Math.min(value.length, 6)));
	return format === "empty" ? "" : `0x${value.toString("hex")}`;
}

function describePayload(payload: Uint8Array): string {
	const text = Buffer.from(payload).toString("latin1");
	return /^[\x20-\x7e]*$/.test(text) ? text : `Hex:${Buffer.from(payload).toString("hex")}`;
}
