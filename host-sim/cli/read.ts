// The verb `read`.

import { connect, type Options, operatorOptions, parseTarget, print, printResponse } from "./operator.js";
import type { Cli } from "./shared.js";
import { formatNode } from "./values.js";

/** Adds the verb `read`. */
export function registerRead(cli: Cli): void {
	operatorOptions(cli.command("read <ENDPOINT> <PATH>", "Read a resource, an instance or an object"))
		.option("--format <FORMAT>", "Ask for TEXT, OPAQUE, CBOR, TLV, SENML_CBOR, SENML_JSON or LWM2M_CBOR")
		.example("  $ pinhole read compressor-1 /3303/0/5700      one resource: a temperature")
		.example("  $ pinhole read compressor-1 /3                all that the device says about itself")
		.example("  $ pinhole read compressor-1 /3/0/0 --json --timeout 30")
		.action(run);
}

async function run(endpointName: string, path: string, options: Options): Promise<number> {
	const target = parseTarget(path, 1, 4);
	const query = options.format === undefined ? "" : `format=${encodeURIComponent(String(options.format))}`;
	const response = await connect(options).ask("GET", endpointName, target, query);
	return printResponse(options, response, () => print(formatNode(target, response.content)));
}
