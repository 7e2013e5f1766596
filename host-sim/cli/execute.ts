// The verb `execute`.

import { connect, type Options, operatorOptions, parseTarget, print, printResponse, statusText } from "./operator.js";
import type { Cli } from "./shared.js";

/** Adds the verb `execute`. */
export function registerExecute(cli: Cli): void {
	operatorOptions(cli.command("execute <ENDPOINT> <PATH> [ARGUMENT]", "Execute a resource"))
		.example("  $ pinhole execute compressor-1 /3/0/4              reboot")
		.example("  $ pinhole execute compressor-1 /3303/0/5605        reset the least and greatest value")
		.action(run);
}

async function run(
	endpointName: string,
	path: string,
	argument: string | undefined,
	options: Options,
): Promise<number> {
	const target = parseTarget(path, 3, 3);
	const body = argument === undefined ? undefined : ({ type: "text/plain", text: argument } as const);
	const response = await connect(options).ask("POST", endpointName, target, "", body);
	return printResponse(options, response, () => print(statusText(response.status)));
}
