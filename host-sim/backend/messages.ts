// Small questions about messages and the plainest answers.

import type { Message, Response } from "../../firmware/coap/endpoint.js";

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
