// The verb `write`.

import { connect, type Options, operatorOptions, parseTarget, print, printResponse, statusText } from "./operator.js";
import type { Cli } from "./shared.js";
import { typedNode } from "./typed.js";

/** Adds the verb `write`. */
export function registerWrite(cli: Cli): void {
	operatorOptions(cli.command("write <ENDPOINT> <PATH> <VALUE>", "Write a resource"))
		.option("--type <TYPE>", "The value's type, for resources that the registry does not know")
		.option("--partial", "Leave instances of the resource that are not named as they are")
		.option("--format <FORMAT>", "Send it as TEXT, OPAQUE, CBOR, TLV, SENML_CBOR, SENML_JSON or LWM2M_CBOR")
		.example("  $ pinhole write compressor-1 /3306/0/5850 true         switch something on")
		.example("  $ pinhole write compressor-1 /3/0/13 now               set the clock")
		.example("  $ pinhole write compressor-1 /3308/0/5900 -4.5         set a set point")
		.action(run);
}

async function run(endpointName: string, path: string, value: string, options: Options): Promise<number> {
	const target = parseTarget(path, 3, 4);
	const body = { type: "application/json", text: JSON.stringify(typedNode(target, value, options.type)) } as const;
	const replace = options.partial === true ? "replace=false" : "replace=true";
	const query =
		options.format === undefined ? replace : `${replace}&format=${encodeURIComponent(String(options.format))}`;
	const response = await connect(options).ask("PUT", endpointName, target, query, body);
	return printResponse(options, response, () => print(statusText(response.status)));
}
