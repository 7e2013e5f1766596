// The verb `create`.

import { connect, type Options, operatorOptions, parseTarget, print, printResponse, statusText } from "./operator.js";
import { type Cli, UsageError } from "./shared.js";
import { splitPair, typedNode } from "./typed.js";

/** Adds the verb `create`. */
export function registerCreate(cli: Cli): void {
	operatorOptions(cli.command("create <ENDPOINT> <PATH> [...RESOURCE=VALUE]", "Create an instance of an object"))
		.option("--format <FORMAT>", "Send it as TLV, SENML_CBOR, SENML_JSON or LWM2M_CBOR")
		.example("  $ pinhole create compressor-1 /3303/2 5750=Bearing   with the number 2")
		.example("  $ pinhole create compressor-1 /3303                  the device gives the number")
		.action(run);
}

async function run(endpointName: string, path: string, pairs: readonly string[], options: Options): Promise<number> {
	const target = parseTarget(path, 1, 2);
	const [objectId, instanceId] = target.split("/").slice(1).map(Number);
	const instance = {
		kind: "instance",
		...(instanceId === undefined ? {} : { id: instanceId }),
		resources: pairs.map((pair) => toResource(objectId!, instanceId ?? 0, pair)),
	};
	const body = { type: "application/json", text: JSON.stringify(instance) } as const;
	const query = options.format === undefined ? "" : `format=${encodeURIComponent(String(options.format))}`;
	const response = await connect(options).ask("POST", endpointName, target, query, body);
	return printResponse(options, response, () => {
		const place = response.location === undefined ? "" : ` /${response.location}`;
		print(`${statusText(response.status)}${place}`);
	});
}

function toResource(objectId: number, instanceId: number, pair: string): unknown {
	const [resourceId, value] = splitPair(pair, "5750=Bearing");
	if (!/^\d{1,5}$/.test(resourceId))
		throw new UsageError(`"${resourceId}" is no number of a resource, as in 5750=Bearing.`);
	return typedNode(`/${objectId}/${instanceId}/${Number(resourceId)}`, value);
}
