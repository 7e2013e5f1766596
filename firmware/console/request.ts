// What a person typed, or a program sent as JSON, as one shape for both.

import { boxed } from "../bytes.js";
import { CLOSE_OBJECT, COLON, COMMA, JsonReader, OPEN_OBJECT } from "../lwm2m/formats/json.js";
import type { ConsoleValue } from "./target.js";
import { VERBS, type VerbName } from "./verbs.js";

/** A verb and what it is to work on; what was not given is undefined. */
export interface Request {
	verb: VerbName;
	path: string | undefined;
	value: ConsoleValue | undefined;
	level: string | undefined;
	/** NaN where it is no time. */
	ms: number | undefined;
	/** In front of the JSON value, which nobody has looked at yet. */
	settings: JsonReader | undefined;
}

/** Of a program, this is damage on the way: programs write well. */
export const MALFORMED = "a request must be one well-formed JSON object";
const UNKNOWN_MEMBER = "a request may have verb, path, value, level, ms and settings, and nothing else";
const UNKNOWN_VERB = "there is no such verb, help lists them";

function emptyRequest(): Request {
	return { verb: "help", path: undefined, value: undefined, level: undefined, ms: undefined, settings: undefined };
}

/** The request of a program; a sentence where it is none. The bytes stay borrowed by `settings`. */
export function readRequest(bytes: Uint8Array): Request | string {
	const reader = new JsonReader(bytes);
	const request = emptyRequest();
	let verb: VerbName | undefined;
	reader.expect(OPEN_OBJECT);
	do {
		const name = reader.string();
		reader.expect(COLON);
		if (reader.failed) return MALFORMED;
		if (name === "verb") {
			const text = reader.string();
			verb = verbNamed(text);
			if (verb === undefined && !reader.failed) return UNKNOWN_VERB;
		} else if (!readMember(reader, name, request)) return UNKNOWN_MEMBER;
	} while (reader.takes(COMMA));
	reader.expect(CLOSE_OBJECT);
	if (reader.peek() !== -1 || reader.failed) return MALFORMED;
	if (verb === undefined) return UNKNOWN_VERB;
	request.verb = verb;
	return request;
}

function readMember(reader: JsonReader, name: string, request: Request): boolean {
	if (name === "path") request.path = reader.string();
	else if (name === "level") request.level = reader.string();
	else if (name === "value") request.value = reader.scalar() ?? undefined;
	else if (name === "ms") {
		const ms = reader.scalar();
		request.ms = typeof ms === "number" ? ms : Number.NaN;
	} else if (name === "settings") {
		reader.peek();
		const start = reader.offset;
		reader.skip();
		request.settings = new JsonReader(reader.bytes.subarray(start, reader.offset));
	} else return false;
	return true;
}

function verbNamed(name: string): VerbName | undefined {
	for (let i = 0; i < VERBS.length; i++) if (VERBS[i]!.name === name) return VERBS[i]!.name;
	return undefined;
}

/** The request of a person; a sentence where it is none. `bytes` are those of the text. */
export function readCommand(text: string, bytes: Uint8Array): Request | string {
	const line = text.trim();
	for (let i = 0; i < VERBS.length; i++) {
		const { name } = VERBS[i]!;
		if (line !== name && !line.startsWith(`${name} `)) continue;
		const request = emptyRequest();
		request.verb = name;
		readWords(request, line.slice(name.length).trim(), bytes);
		return request;
	}
	return UNKNOWN_VERB;
}

/** Takes what stands behind the verb. */
function readWords(request: Request, words: string, bytes: Uint8Array): void {
	if (words === "") return;
	if (request.verb === "provision") {
		const start = bytes.indexOf(OPEN_OBJECT);
		request.settings = new JsonReader(bytes.subarray(start < 0 ? 0 : start));
	} else if (request.verb === "log") request.level = words;
	else if (request.verb === "time advance") request.ms = duration(words);
	else {
		const space = words.indexOf(" ");
		request.path = space < 0 ? words : words.slice(0, space);
		if (space >= 0) request.value = words.slice(space).trim();
	}
}

/** Milliseconds of each unit, the longer name first where one ends with the other. */
const UNITS: readonly (readonly [unit: string, ms: number])[] = Object.freeze([
	["ms", 1],
	["s", 1_000],
	["m", 60_000],
	["h", 3_600_000],
	["d", 86_400_000],
]);

/** "90s" in milliseconds; NaN for what is no time. */
function duration(words: string): number {
	const text = boxed(words);
	for (let i = 0; i < UNITS.length; i++) {
		const row = UNITS[i]!;
		if (!text.endsWith(row[0])) continue;
		const digits = text.slice(0, -row[0].length).trim();
		return digits === "" ? Number.NaN : Number(digits) * row[1];
	}
	return Number.NaN;
}
