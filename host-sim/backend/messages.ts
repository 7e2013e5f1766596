// Small questions about messages and the plainest answers.

import { isSuccess } from "../../firmware/coap/codes.js";
import type { Message, Response } from "../../firmware/coap/endpoint.js";
import { Option } from "../../firmware/coap/options.js";

/** An answer that is a code and nothing else. */
export function plain(code: number): Response {
	return {
		code,
		contentFormat: undefined,
		payload: undefined,
		locationPath: undefined,
		observe: undefined,
		confirmable: undefined,
	};
}

/** RFC 7641, 4.2: an error, or an answer without the option, is the last one of an observation. */
export function isNotification(message: Message): boolean {
	return isSuccess(message.code) && message.count(Option.Observe) > 0;
}

/** The payload as bytes that outlive the message. */
export function copyPayload(message: Message): Uint8Array {
	return message.payload?.slice() ?? new Uint8Array(0);
}

/** The values of a repeated option as a path: "/rd/5a3f". */
export function joinPath(message: Message, option: number): string {
	let path = "";
	for (let i = 0; i < message.count(option); i++) path += `/${message.text(option, i) ?? ""}`;
	return path;
}
