// The handshake of CoAP over WebSockets (RFC 8323, 4.1; RFC 6455, 4): HTTP until both sides have said "101".

import { decodeText, encodeText } from "../bytes.js";
import { sha1 } from "./sha1.js";

/** RFC 8323, 4.1. */
const PATH = "/.well-known/coap";
const SUBPROTOCOL = "coap";
/** RFC 6455, 1.3. */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const VERSION = "13";
const END = "\r\n\r\n";
const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Bytes of a head: more is no handshake of ours. */
export const HEAD_LENGTH_MAX = 4096;
/** RFC 6455, 4.1: bytes of the nonce that makes the key. */
export const NONCE_LENGTH = 16;

/** The request of a client; the host as the URI has it, with its port where that is not the usual one. */
export function clientHead(host: string, key: string): string {
	return (
		`GET ${PATH} HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
		`Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: ${VERSION}\r\nSec-WebSocket-Protocol: ${SUBPROTOCOL}${END}`
	);
}

/** Whether a server's head opens the connection that this key asked for. */
export function isServerHead(head: string, key: string): boolean {
	return (
		head.startsWith("HTTP/1.1 101 ") &&
		isUpgrade(head) &&
		header(head, "sec-websocket-accept") === accept(key) &&
		header(head, "sec-websocket-protocol") === SUBPROTOCOL
	);
}

/** The answer to a client's head; `isOpen`: it opens the connection, else it says why not. */
export function serverHead(head: string): { readonly isOpen: boolean; readonly text: string } {
	const [method, path, version] = head.slice(0, head.indexOf("\r\n")).split(" ");
	if (method !== "GET" || version !== "HTTP/1.1") return refusal("400 Bad Request");
	if (path !== PATH) return refusal("404 Not Found");
	const key = header(head, "sec-websocket-key");
	if (!isUpgrade(head) || key === undefined) return refusal("400 Bad Request");
	if (header(head, "sec-websocket-version") !== VERSION)
		return refusal(`426 Upgrade Required\r\nSec-WebSocket-Version: ${VERSION}`);
	if (!hasToken(header(head, "sec-websocket-protocol"), SUBPROTOCOL)) return refusal("400 Bad Request");
	const text =
		`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
		`Sec-WebSocket-Accept: ${accept(key)}\r\nSec-WebSocket-Protocol: ${SUBPROTOCOL}${END}`;
	return { isOpen: true, text };
}

/** Where the head in these bytes ends; 0: it is not whole yet. */
export function headLength(bytes: Uint8Array): number {
	for (let i = END.length; i <= bytes.length; i++) {
		if (bytes[i - 1] === 10 && bytes[i - 2] === 13 && bytes[i - 3] === 10 && bytes[i - 4] === 13) return i;
	}
	return 0;
}

/** A head as text; "" where it is none. */
export function headText(bytes: Uint8Array, length: number): string {
	return decodeText(bytes, 0, length) ?? "";
}

function refusal(status: string): { readonly isOpen: boolean; readonly text: string } {
	return { isOpen: false, text: `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0${END}` };
}

function isUpgrade(head: string): boolean {
	return hasToken(header(head, "upgrade"), "websocket") && hasToken(header(head, "connection"), "upgrade");
}

/** The value of the first header with this name, which is in lower case. */
function header(head: string, name: string): string | undefined {
	const lines = head.split("\r\n");
	for (let i = 1; i < lines.length; i++) {
		const line = lines[i]!;
		const colon = line.indexOf(":");
		if (colon > 0 && line.slice(0, colon).toLowerCase() === name) return line.slice(colon + 1).trim();
	}
	return undefined;
}

/** Whether a list with commas holds a token, in whatever case. */
function hasToken(list: string | undefined, token: string): boolean {
	if (list === undefined) return false;
	const items = list.toLowerCase().split(",");
	for (let i = 0; i < items.length; i++) if (items[i]!.trim() === token) return true;
	return false;
}

/** RFC 6455, 4.2.2: what only somebody says who has read the key. */
function accept(key: string): string {
	return base64(sha1(encodeText(key + GUID)));
}

export function base64(bytes: Uint8Array): string {
	let text = "";
	for (let i = 0; i < bytes.length; i += 3) {
		const word = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
		const left = bytes.length - i;
		text += BASE64.charAt(word >> 18) + BASE64.charAt((word >> 12) & 63);
		text += left > 1 ? BASE64.charAt((word >> 6) & 63) : "=";
		text += left > 2 ? BASE64.charAt(word & 63) : "=";
	}
	return text;
}
