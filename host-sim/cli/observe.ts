// The verb `observe`: the value now, then each notification until Ctrl-C.

import type { ServerEvent } from "./backend-client.js";
import { connect, type Options, operatorOptions, parseTarget, print, printResponse } from "./operator.js";
import { type Cli, EXIT, Failure, runUntilStopped } from "./shared.js";
import { formatNode } from "./values.js";

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
	const early: ServerEvent[] = [];
	let show = (event: ServerEvent): void => void early.push(event);
	// The stream is open before the first value is asked for, so that no notification goes by unheard.
	const stream = await client.events(endpointName, (event) => {
		if (event.name === "NOTIFICATION" && event.data.res === target) show(event);
	});
	try {
		const response = await client.ask("POST", endpointName, `${target}/observe`);
		const exitCode = printResponse(options, response, () =>
			print(`${clock()}  ${formatNode(target, response.content)}`),
		);
		if (exitCode !== EXIT.success) return exitCode;
		show = ({ data }) =>
			print(options.json === true ? JSON.stringify(data) : `${clock()}  ${formatNode(target, data.val)}`);
		early.forEach(show);
		const ended = stream.ended.then(() => {
			throw new Failure("The back end has ended the stream of events.", EXIT.backendUnreachable);
		});
		return await Promise.race([runUntilStopped(() => client.forget(endpointName, target)), ended]);
	} finally {
		stream.close();
	}
}

function clock(): string {
	return new Date().toISOString().slice(11, 19);
}
