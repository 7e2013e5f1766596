// The verb `composite`: read, write or observe several paths at once.

import { compositeName } from "../backend/composite.js";
import type { BackendClient } from "./backend-client.js";
import { connect, type Options, operatorOptions, parseTarget, print, printResponse, statusText } from "./operator.js";
import { type Cli, choiceOption, UsageError } from "./shared.js";
import { splitPair, typedNode } from "./typed.js";
import { formatNodes } from "./values.js";
import { watch } from "./watch.js";

const OPERATIONS = ["read", "write", "observe"] as const;

/** Adds the verb `composite`. */
export function registerComposite(cli: Cli): void {
	const what = "Read, write (PATH=VALUE) or observe several paths at once";
	operatorOptions(cli.command("composite <OPERATION> <ENDPOINT> [...PATHS]", what))
		.option("--format <FORMAT>", "Ask for SENML_CBOR, SENML_JSON or LWM2M_CBOR")
		.option("--path-format <FORMAT>", "Name the paths in SENML_CBOR, SENML_JSON or their ETCH variants")
		.example("  $ pinhole composite read compressor-1 /3303/0/5700 /3323/0/5700")
		.example("  $ pinhole composite write compressor-1 /3306/0/5850=on /1/0/2=5")
		.example("  $ pinhole composite observe compressor-1 /3303/0 /3323/0/5700")
		.action(run);
}

async function run(
	operation: string,
	endpointName: string,
	args: readonly string[],
	options: Options,
): Promise<number> {
	const wanted = choiceOption(operation, "composite", OPERATIONS);
	if (args.length === 0) throw new UsageError("Name the paths, as in /3303/0/5700 /3323/0/5700.");
	const client = connect(options);
	if (wanted === "write") return write(client, endpointName, args, options);
	const paths = args.map((path) => parseTarget(path, 1, 4));
	const query = queryOf({ paths: paths.join(","), pathformat: options.pathFormat, nodeformat: options.format });
	if (wanted === "observe") return observe(client, endpointName, paths, query, options);
	const response = await client.ask("GET", endpointName, "/composite", query);
	return printResponse(options, response, () => print(formatNodes(response.content)));
}

async function write(
	client: BackendClient,
	endpointName: string,
	pairs: readonly string[],
	options: Options,
): Promise<number> {
	const nodes = Object.fromEntries(
		pairs.map((pair) => {
			const [path, value] = splitPair(pair, "/3306/0/5850=on");
			const target = parseTarget(path, 3, 4);
			return [target, typedNode(target, value)];
		}),
	);
	const body = { type: "application/json", text: JSON.stringify(nodes) } as const;
	const response = await client.ask("PUT", endpointName, "/composite", queryOf({ nodeformat: options.format }), body);
	return printResponse(options, response, () => print(statusText(response.status)));
}

function observe(
	client: BackendClient,
	endpointName: string,
	paths: readonly string[],
	query: string,
	options: Options,
): Promise<number> {
	const name = compositeName(paths);
	return watch(client, endpointName, options, {
		isOwn: ({ kind, paths: own }) => kind === "composite" && Array.isArray(own) && compositeName(own) === name,
		begin: () => client.ask("POST", endpointName, "/composite/observe", query),
		end: () => client.forget(endpointName, "/composite", `paths=${paths.join(",")}`),
		format: formatNodes,
	});
}

function queryOf(parameters: Readonly<Record<string, unknown>>): string {
	return Object.entries(parameters)
		.filter(([, value]) => value !== undefined)
		.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`)
		.join("&");
}
