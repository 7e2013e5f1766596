// What a person typed on the command line, as nodes of the API.

import { NodeError } from "../backend/node-input.js";
import { type ResourceType, resourceEntry } from "../backend/registry.js";
import { fromText } from "../backend/text-input.js";
import { TYPE_NAMES } from "../backend/value-type.js";
import { choiceOption, UsageError } from "./shared.js";

/** A node of the API, to be sent as JSON. */
export type ApiNode = Readonly<Record<string, unknown>>;

/** "5750=Second" as its two sides. */
export function splitPair(text: string, example: string): [name: string, value: string] {
	const at = text.indexOf("=");
	if (at <= 0) throw new UsageError(`"${text}" is no assignment; one looks like ${example}.`);
	return [text.slice(0, at), text.slice(at + 1)];
}

/** The node of a resource or resource instance from a typed text; `wanted` is a --type, if one was given. */
export function typedNode(path: string, text: string, wanted?: unknown): ApiNode {
	const ids = path.split("/").slice(1).map(Number);
	const type = typeOf(ids, text, wanted);
	try {
		const values = ids.length === 3 && type !== "STRING" ? asTable(text) : undefined;
		if (values !== undefined) {
			const entries = Object.entries(values).map(([id, one]) => [id, fromText(type, String(one))]);
			return { kind: "multiResource", id: ids[2], type, values: Object.fromEntries(entries) };
		}
		const kind = ids.length === 4 ? "resourceInstance" : "singleResource";
		return { kind, id: ids.at(-1), type, value: fromText(type, text) };
	} catch (error) {
		if (error instanceof NodeError) throw new UsageError(`${path} cannot be written so: ${error.message}.`);
		throw error;
	}
}

function typeOf(ids: readonly number[], text: string, wanted: unknown): ResourceType {
	if (wanted !== undefined) {
		return choiceOption(String(wanted).toUpperCase(), "--type", Object.values(TYPE_NAMES));
	}
	const known = resourceEntry(ids[0]!, ids[2]!)?.type;
	if (known !== undefined) return known;
	if (/^(true|false)$/.test(text)) return "BOOLEAN";
	if (/^-?\d+$/.test(text)) return "INTEGER";
	return text !== "" && Number.isFinite(Number(text)) ? "FLOAT" : "STRING";
}

/** `{"0": 1, "1": 2}`: several instances of one resource. */
function asTable(text: string): Record<string, unknown> | undefined {
	if (!text.startsWith("{")) return undefined;
	try {
		return JSON.parse(text) as Record<string, unknown>;
	} catch {
		throw new UsageError(`Several instances are written as '{"0": 1, "1": 2}', not "${text}".`);
	}
}
