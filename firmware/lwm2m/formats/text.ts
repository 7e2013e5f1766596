// Plain text (content format 0, LwM2M Core, 7.4.1): one value for people's eyes.

import { decodeText, type Writer } from "../../bytes.js";
import { fromBase64, toBase64 } from "./base64.js";
import { isOfType, type Value, type ValueType } from "./format.js";

/** Writes one value; false when text cannot express it. */
export function writeText(writer: Writer, type: ValueType, value: Value): boolean {
	if (!isOfType(type, value)) return false;
	if (typeof value === "number" && !Number.isFinite(value)) return false;
	if (value instanceof Uint8Array) writer.text(toBase64(value));
	else if (typeof value === "boolean") writer.text(value ? "1" : "0");
	else writer.text(String(value));
	return true;
}

/** Reads one value of a known type; undefined when the bytes are none. */
export function readText(bytes: Uint8Array, type: ValueType): Value | undefined {
	const text = decodeText(bytes, 0, bytes.length);
	if (text === undefined) return undefined;
	const value = parse(text, type);
	return isOfType(type, value) ? value : undefined;
}

function parse(text: string, type: ValueType): Value | undefined {
	switch (type) {
		case "string":
		case "objectLink":
			return text;
		case "boolean":
			return text === "1" ? true : text === "0" ? false : undefined;
		case "opaque":
			return fromBase64(text);
		case "integer":
		case "unsigned":
		case "time":
		case "float":
			return isDecimal(text) ? Number(text) : undefined;
		default:
			return type satisfies never;
	}
}

const DOT = 0x2e;
const MINUS = 0x2d;
const PLUS = 0x2b;
/** In lower case; bit 0x20 makes an upper case letter one. */
const E = 0x65;

/** Keeps from Number() what it takes beyond decimals: "", " 1", "0x10", "Infinity". */
function isDecimal(text: string): boolean {
	for (let i = 0; i < text.length; i++) {
		const code = text.charCodeAt(i);
		if ((code < 0x30 || code > 0x39) && code !== DOT && code !== MINUS && code !== PLUS && (code | 0x20) !== E)
			return false;
	}
	return text !== "";
}
