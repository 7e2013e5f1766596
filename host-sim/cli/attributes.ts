// The verb `attributes`: when the device is to notify.

import { connect, type Options, operatorOptions, parseTarget, print, printResponse, statusText } from "./operator.js";
import { type Cli, UsageError } from "./shared.js";

/** Adds the verb `attributes`. */
export function registerAttributes(cli: Cli): void {
	const what = "Set when the device notifies: pmin, pmax, gt, lt, st, …";
	operatorOptions(cli.command("attributes <ENDPOINT> <PATH> [...NAME=VALUE]", what))
		.example("  $ pinhole attributes compressor-1 /3303/0/5700 pmin=10 pmax=60 gt=80")
		.example("  $ pinhole attributes compressor-1 /3303/0/5700 gt=             takes gt away")
		.example("  $ pinhole discover compressor-1 /3303/0/5700                   shows them")
		.action(run);
}

async function run(endpointName: string, path: string, pairs: readonly string[], options: Options): Promise<number> {
	const target = parseTarget(path, 1, 4);
	if (pairs.length === 0) throw new UsageError("Name an attribute, as in pmin=10.");
	const query = pairs.map(toParameter).join("&");
	const response = await connect(options).ask("PUT", endpointName, `${target}/attributes`, query);
	return printResponse(options, response, () => print(statusText(response.status)));
}

function toParameter(pair: string): string {
	const match = /^([a-z]+)(?:=(-?[\d.]*))?$/.exec(pair);
	if (match === null) throw new UsageError(`"${pair}" is no attribute; one looks like pmin=10.`);
	return `${match[1]}=${match[2] ?? ""}`;
}
