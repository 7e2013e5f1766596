// The verb `console`: a board's console for a person, or one question and its answer.

import { createInterface } from "node:readline";
import { encodeText } from "../../firmware/bytes.js";
import { LINE_LENGTH } from "../../firmware/console/constants.js";
import { readCommand } from "../../firmware/console/request.js";
import type { ConsoleClient, ConsoleEvent, Reply } from "../console/client.js";
import { type Options, print } from "./operator.js";
import { formatReply, restart, serialOptions, timeoutOption, withBoard } from "./serial.js";
import { type Cli, EXIT, UsageError } from "./shared.js";

/** Adds the verb `console`. */
export function registerConsole(cli: Cli): void {
	serialOptions(cli.command("console [...WORDS]", "Speak to a board over its serial port"))
		.example("  $ pinhole console --port /dev/ttyUSB0                         type help; Ctrl-D ends")
		.example("  $ pinhole console --port /dev/ttyUSB0 status")
		.example("  $ pinhole console --port /dev/ttyUSB0 objects read /3/0/0")
		.action(run);
}

async function run(words: readonly string[], options: Options): Promise<number> {
	if (words.length > 0) return askOnce(words.join(" "), options);
	const gone = new AbortController();
	const onEvent = (event: ConsoleEvent): void => {
		if (event.kind === "closed") gone.abort();
		else show(event, options);
	};
	return withBoard(options, { onEvent }, (client) => converse(client, options, gone.signal));
}

/** One request; its answer is printed, and nothing else. */
async function askOnce(line: string, options: Options): Promise<number> {
	const request = readCommand(line, encodeText(line));
	if (typeof request === "string")
		throw new UsageError(`There is no console verb "${line}"; the verb help lists them.`);
	const { verb, path, value, level, ms } = request;
	if (verb === "provision") throw new UsageError("Settings hold secrets: give them by pinhole provision, in a file.");
	if (ms !== undefined && !Number.isFinite(ms)) throw new UsageError("A time looks like 500ms, 90s, 5m, 2h or 1d.");
	const within = timeoutOption(options);
	const members = { path, value, level, ms } satisfies Reply;
	const reply = await withBoard(options, {}, async (client) => {
		if (verb === "restart" || verb === "factory-reset") return restart(client, verb, within);
		return client.request(verb, members, { within });
	});
	if (options.json === true) print(JSON.stringify(reply));
	else for (const text of formatReply(reply)) print(text);
	return EXIT.success;
}

function show(event: ConsoleEvent, options: Options): void {
	if (options.json === true) print(JSON.stringify(event));
	else if (event.kind === "text") print(event.text);
	else if (event.kind === "banner") print(JSON.stringify({ boot: event.banner }));
	else if (event.kind === "log") {
		const { level, seconds, topic, text } = event.log;
		print(`${level} ${seconds.toFixed(3)} ${topic} ${text}`);
	}
}

/** Lines of standard input go to the board, each after the answer to the one before; until its end, or the board's. */
async function converse(client: ConsoleClient, options: Options, gone: AbortSignal): Promise<number> {
	const within = timeoutOption(options);
	if (process.stdin.isTTY) process.stderr.write("help lists the verbs, Ctrl-D ends the conversation.\n");
	for await (const line of createInterface({ input: process.stdin, signal: gone })) {
		if (line.trim() === "") continue;
		if (Buffer.byteLength(line) > LINE_LENGTH) {
			process.stderr.write(
				`pinhole: A line has at most ${LINE_LENGTH} bytes; pinhole provision sends longer settings.\n`,
			);
			continue;
		}
		const answered = client.waitFor(endOfAnswer, { within });
		answered.catch(() => {});
		await client.write(Buffer.from(`${line}\n`));
		await answered;
	}
	if (gone.aborted) process.stderr.write("pinhole: The port has been closed by its other end.\n");
	return gone.aborted ? EXIT.noAnswer : EXIT.success;
}

function endOfAnswer(event: ConsoleEvent): ConsoleEvent | undefined {
	return event.kind === "text" && (event.text === "ok" || event.text.startsWith("error: ")) ? event : undefined;
}
