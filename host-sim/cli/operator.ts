// What the operator's verbs share: their options, the device's path, and how an answer is printed.

import type { Command } from "cac";
import { codeText } from "../../firmware/coap/codes.js";
import { parsePath } from "../../firmware/lwm2m/path.js";
import { BackendClient, type DeviceResponse } from "./backend-client.js";
import { EXIT, numberOption, textOption, UsageError } from "./shared.js";

/** Option values as they come from the command line. */
export type Options = Readonly<Record<string, unknown>>;

const DEFAULT_BACKEND = "http://127.0.0.1:8080";
const DEFAULT_TIMEOUT_SECONDS = "5";

/** Adds the options that every verb has. */
export function operatorOptions(command: Command): Command {
	return command
		.option("--backend <URL>", `The back end to ask; else $PINHOLE_BACKEND, else ${DEFAULT_BACKEND}`)
		.option("--timeout <SECONDS>", "How long to wait for the device", { default: DEFAULT_TIMEOUT_SECONDS })
		.option("--queue <SECONDS>", "Do not wait: the back end asks as soon as the device listens, within so long")
		.option("--token <TOKEN>", "The back end's token; else $PINHOLE_TOKEN")
		.option("--json", "Print JSON, one value a line");
}

/** The back end that the options name. */
export function connect(options: Options): BackendClient {
	const url = options.backend ?? process.env.PINHOLE_BACKEND ?? DEFAULT_BACKEND;
	const token = options.token ?? process.env.PINHOLE_TOKEN;
	return new BackendClient({
		url: textOption(url, "--backend"),
		token: token === undefined ? undefined : textOption(token, "--token"),
		timeoutSeconds: numberOption(options.timeout, "--timeout", 0.1, 3600),
		queueSeconds: options.queue === undefined ? undefined : numberOption(options.queue, "--queue", 1, 2_419_200),
	});
}

/** A path in its full form, between two depths: 1 an object, 2 an instance, 3 a resource, 4 a resource instance. */
export function parseTarget(text: string, least: number, most: number): string {
	const path = parsePath(text.startsWith("/") ? text : `/${text}`);
	const depth = path?.depth ?? 0;
	if (path === undefined || depth < least || depth > most) {
		const example = ["", "/3303", "/3303/0", "/3303/0/5700", "/3303/0/5700/0"][least]!;
		throw new UsageError(`"${text}" is no path for this command; one looks like ${example}.`);
	}
	return path.toString();
}

/** Prints one line on stdout. */
export function print(line: string): void {
	process.stdout.write(`${line}\n`);
}

/** Prints an answer as JSON, or a success by `show`, or an error as "4.04 Not Found"; gives the exit code. */
export function printResponse(options: Options, response: DeviceResponse, show: () => void): number {
	if (options.json === true) print(JSON.stringify(response));
	else if (response.command !== undefined) print(`Queued as command ${response.command}.`);
	else if (response.success) show();
	else {
		const why = response.errormessage === undefined ? "" : `: ${response.errormessage}`;
		process.stderr.write(`${statusText(response.status)}${why}\n`);
	}
	return response.success || response.command !== undefined ? EXIT.success : EXIT.deviceError;
}

/** "NOT_FOUND(404)" as "4.04 Not Found". */
export function statusText(status: string): string {
	const number = Number(/\((\d{3})\)/.exec(status)?.[1] ?? Number.NaN);
	return Number.isNaN(number) ? status : codeText((Math.floor(number / 100) << 5) | (number % 100));
}
