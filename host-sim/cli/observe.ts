// The verb `observe`: the value now, then each notification until Ctrl-C.

import { connect, type Options, operatorOptions, parseTarget } from "./operator.js";
import type { Cli } from "./shared.js";
import { formatNode } from "./values.js";
import { watch } from "./watch.js";

/** Adds the verb `observe`. */
export function registerObserve(cli: Cli): void {
	operatorOptions(cli.command("observe <ENDPOINT> <PATH>", "Read, and hear of each change until Ctrl-C"))
		.example("  $ pinhole observe compressor-1 /3303/0/5700")
		.example("  $ pinhole observe compressor-1 /3323/0 --json")
		.action(run);
}

async function run(endpointName: string, path: string, options: Options): Promise<number> {
	const target = parseTarget(path, 1, 4);
	const client = connect(options);
	return watch(client, endpointName, options, {
		isOwn: ({ res }) => res === target,
		begin: () => client.ask("POST", endpointName, `${target}/observe`),
		end: () => client.forget(endpointName, target),
		format: (content) => formatNode(target, content),
	});
}
