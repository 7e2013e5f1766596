// The console's wire format (docs/console.md) as the desktop writes and reads it.

import { checksum, checksumText, readChecksum } from "../../firmware/console/checksum.js";
import { LINE_LENGTH, REQUEST_LENGTH } from "../../firmware/console/constants.js";

/** The banner of a board that has just started. */
export interface Banner {
	readonly board: string;
	readonly version: string;
	readonly commit: string;
	readonly build: string;
	readonly reset: string;
	readonly cause?: string;
	readonly endpoint?: string;
}

/** One line of the board's log. */
export interface LogLine {
	readonly level: "E" | "W" | "I" | "D";
	/** Since the board's start. */
	readonly seconds: number;
	readonly topic: string;
	readonly text: string;
}

/** The members of an answer beside `ok`. */
export type Reply = Readonly<Record<string, unknown>>;

/** What one line of a board is. */
export type BoardLine =
	| { readonly kind: "banner"; readonly banner: Banner }
	| { readonly kind: "answer"; readonly id: number; readonly reply: Reply }
	/** An answer whose checksum or JSON is wrong: it was damaged on its way. */
	| { readonly kind: "damaged"; readonly id: number }
	| { readonly kind: "acknowledgement"; readonly id: number; readonly length: number }
	| { readonly kind: "log"; readonly log: LogLine }
	/** The lines of an answer to a person, a chip's ROM, noise. */
	| { readonly kind: "text"; readonly text: string };

const BANNER = '{"boot":{';
const ANSWER = /^#(\d{1,5}) (\{.*)$/;
const ACKNOWLEDGEMENT = /^#(\d{1,5})\+ (\d{1,5})$/;
const LOG = /^([EWID]) (\d+\.\d{3}) (\S+) ?(.*)$/;
/** A space and four digits behind the JSON. */
const CHECKSUM_LENGTH = 5;

/** The lines that a line of a board stands for: a reset in the midst of one joins it with the banner. */
export function readLines(text: string): BoardLine[] {
	const bannerAt = text.indexOf(BANNER);
	const banner = bannerAt < 0 ? undefined : readBanner(text.slice(bannerAt));
	if (banner === undefined) return text === "" ? [] : [readLine(text)];
	const before = text.slice(0, bannerAt);
	return [...(before === "" ? [] : [{ kind: "text", text: before } as const]), { kind: "banner", banner }];
}

function readBanner(text: string): Banner | undefined {
	const banner = parseObject(text)?.boot;
	return typeof banner === "object" && banner !== null ? (banner as Banner) : undefined;
}

function readLine(text: string): BoardLine {
	const answer = ANSWER.exec(text);
	if (answer !== null) return readAnswer(Number(answer[1]), answer[2]!);
	const acknowledgement = ACKNOWLEDGEMENT.exec(text);
	if (acknowledgement !== null) {
		return { kind: "acknowledgement", id: Number(acknowledgement[1]), length: Number(acknowledgement[2]) };
	}
	const log = LOG.exec(text);
	if (log === null) return { kind: "text", text };
	const [, level, seconds, topic, words] = log;
	return {
		kind: "log",
		log: { level: level as LogLine["level"], seconds: Number(seconds), topic: topic!, text: words! },
	};
}

function readAnswer(id: number, framed: string): BoardLine {
	const bytes = Buffer.from(framed);
	const end = bytes.length - CHECKSUM_LENGTH;
	const isWhole = end > 0 && readChecksum(bytes, end + 1) === checksum(bytes, 0, end);
	const reply = isWhole ? parseObject(bytes.toString("utf8", 0, end)) : undefined;
	return reply === undefined ? { kind: "damaged", id } : { kind: "answer", id, reply };
}

function parseObject(json: string): Readonly<Record<string, unknown>> | undefined {
	try {
		const value: unknown = JSON.parse(json);
		return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
	} catch {
		return undefined;
	}
}

/** A request with its checksum, as bytes; undefined where the board would not take so many. */
export function frameRequest(verb: string, members: Readonly<Record<string, unknown>>): Buffer | undefined {
	const json = Buffer.from(JSON.stringify({ verb, ...members }));
	const framed = Buffer.concat([json, Buffer.from(` ${checksumText(checksum(json, 0, json.length))}`)]);
	return framed.length > REQUEST_LENGTH ? undefined : framed;
}

/** The line that carries a request from an offset on, and the offset behind what it carries. */
export function pieceLine(
	id: number,
	request: Buffer,
	offset: number,
): { readonly line: Buffer; readonly end: number } {
	const last = prefix(id, undefined);
	if (last.length + request.length - offset <= LINE_LENGTH) {
		return { line: join(last, request.subarray(offset)), end: request.length };
	}
	const head = prefix(id, offset);
	const end = Math.min(request.length, offset + LINE_LENGTH - head.length);
	return { line: join(head, request.subarray(offset, end)), end };
}

function prefix(id: number, offset: number | undefined): string {
	return offset === undefined ? `#${id} ` : `#${id}+${offset} `;
}

function join(head: string, piece: Buffer): Buffer {
	return Buffer.concat([Buffer.from(head), piece, Buffer.from("\n")]);
}
