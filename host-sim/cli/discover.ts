// The verb `discover`.

import { describeObject } from "../backend/describe.js";
import { resourceEntry } from "../backend/registry.js";
import type { DeviceResponse } from "./backend-client.js";
import { connect, type Options, operatorOptions, parseTarget, print, printResponse } from "./operator.js";
import type { Cli } from "./shared.js";
import { table } from "./table.js";

/** Adds the verb `discover`. */
export function registerDiscover(cli: Cli): void {
	operatorOptions(cli.command("discover <ENDPOINT> <PATH>", "List what is below a path, with its attributes"))
		.example("  $ pinhole discover compressor-1 /3303")
		.action(run);
}

async function run(endpointName: string, path: string, options: Options): Promise<number> {
	const target = parseTarget(path, 1, 3);
	const response = await connect(options).ask("GET", endpointName, `${target}/discover`);
	return printResponse(options, response, () => print(formatLinks(response.objectLinks ?? [])));
}

function formatLinks(links: NonNullable<DeviceResponse["objectLinks"]>): string {
	return table(
		links.map(({ url, attributes }) => [
			url,
			nameOf(url),
			Object.entries(attributes)
				.map(([name, value]) => (value === null ? name : `${name}=${value}`))
				.join(" "),
		]),
	);
}

function nameOf(url: string): string {
	const ids = url.split("/").slice(1).map(Number);
	return ids.length < 3 ? describeObject(url) : (resourceEntry(ids[0]!, ids[2]!)?.name ?? "");
}
