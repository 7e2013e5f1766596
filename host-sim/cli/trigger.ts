// The verb `trigger`: wakes a device by SMS, and waits until it is back if asked to.

import type { ServerEvent } from "./backend-client.js";
import { connect, type Options, operatorOptions, print } from "./operator.js";
import { type Cli, EXIT, Failure, numberOption, textOption } from "./shared.js";

/** Adds the verb `trigger`. */
export function registerTrigger(cli: Cli): void {
	operatorOptions(cli.command("trigger <ENDPOINT>", "Wake a device by SMS: it comes back by itself"))
		.option("--number <NUMBER>", "Its number, such as +491700000001; else what it registered with")
		.option("--instance <INSTANCE>", "Its Server instance (/1) for this back end; else its first")
		.option("--wait", "Wait until it is back, at most for --timeout")
		.example("  $ pinhole trigger compressor-1")
		.example("  $ pinhole trigger compressor-1 --wait --timeout 120")
		.action(run);
}

const LARGEST_INSTANCE = 65_534;

async function run(endpointName: string, options: Options): Promise<number> {
	const number = options.number === undefined ? undefined : textOption(options.number, "--number");
	const instance =
		options.instance === undefined ? undefined : numberOption(options.instance, "--instance", 0, LARGEST_INSTANCE);
	const client = connect(options);
	let back = (_event: ServerEvent): void => {};
	const isBack = new Promise<ServerEvent>((resolve) => {
		back = resolve;
	});
	// The stream is open before the message leaves, so that no return goes by unheard.
	const stream =
		options.wait !== true
			? undefined
			: await client.events(endpointName, (event) => {
					if (event.name === "UPDATED" || event.name === "REGISTRATION") back(event);
				});
	try {
		const begunAt = performance.now();
		const sent = await client.trigger(endpointName, { number, instance });
		if (options.json === true) print(JSON.stringify(sent));
		else print(`Sent to ${sent.to}: ${sent.bytes} bytes, ${sent.secure ? "protected by its keys" : "without keys"}.`);
		if (stream === undefined) return EXIT.success;
		const seconds = numberOption(options.timeout, "--timeout", 0.1, 3600);
		const event = await Promise.race([isBack, after(seconds)]);
		if (event === undefined) throw new Failure(`${endpointName} was not back within ${seconds} s.`, EXIT.noAnswer);
		const waited = ((performance.now() - begunAt) / 1000).toFixed(1);
		if (options.json === true) print(JSON.stringify({ back: event.name, seconds: Number(waited) }));
		else print(`${endpointName} is back after ${waited} s${event.name === "UPDATED" ? "" : ", registered anew"}.`);
		return EXIT.success;
	} finally {
		stream?.close();
	}
}

function after(seconds: number): Promise<undefined> {
	return new Promise((resolve) => {
		setTimeout(() => resolve(undefined), seconds * 1000).unref();
	});
}
