// The verb `write`.

import { NodeError } from "../backend/node-input.js";
import { type ResourceType, resourceEntry } from "../backend/registry.js";
import { fromText } from "../backend/text-input.js";
import { TYPE_NAMES } from "../backend/value-type.js";
import { connect, type Options, operatorOptions, parseTarget, print, printResponse, statusText } from "./operator.js";
import { type Cli, choiceOption, UsageError } from "./shared.js";

/** Adds the verb `write`. */
export function registerWrite(cli: Cli): void {
	operatorOptions(cli.command("write <ENDPOINT> <PATH> <VALUE>", "Write a resource"))
		.option("--type <TYPE>", "The value's type, for resources that the registry does not know")
		.option("--partial", "Leave instances of the resource that are not named as they are")
		.example("  $ pinhole write compressor-1 /3306/0/5850 true         switch something on")
		.example("  $ pinhole write compressor-1 /3/0/13 now               set the clock")
		.example("  $ pinhole write compressor-1 /3308/0/5900 -4.5         set a set point")
		.action(run);
}

async function run(endpointName: string, path: string, value: string, options: Options): Promise<number> {
	const target = parseTarget(path, 3, 4);
	const body = { type: "application/json", text: JSON.stringify(toNode(target, value, options)) } as const;
	const query = options.partial === true ? "replace=false" : "replace=true";
	const response = await connect(options).ask("PUT", endpointName, target, query, body);
	return printResponse(options, response, () => print(statusText(response.status)));
}

function toNode(path: string, text: string, options: Options): Record<string, unknown> {
	const ids = path.split("/").slice(1).map(Number);
	const type = typeOf(ids, text, options);
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

function typeOf(ids: readonly number[], text: string, options: Options): ResourceType {
	if (options.type !== undefined) {
		return choiceOption(String(options.type).toUpperCase(), "--type", Object.values(TYPE_NAMES));
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
