// The verb `delete`.

import { connect, type Options, operatorOptions, parseTarget, print, printResponse, statusText } from "./operator.js";
import type { Cli } from "./shared.js";

/** Adds the verb `delete`. */
export function registerDelete(cli: Cli): void {
	operatorOptions(cli.command("delete <ENDPOINT> <PATH>", "Delete an object instance"))
		.example("  $ pinhole delete compressor-1 /3303/1")
		.action(run);
}

async function run(endpointName: string, path: string, options: Options): Promise<number> {
	const target = parseTarget(path, 2, 4);
	const response = await connect(options).ask("DELETE", endpointName, target);
	return printResponse(options, response, () => print(statusText(response.status)));
}
