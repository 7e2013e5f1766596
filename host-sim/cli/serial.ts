// What the verbs over a serial port share: their options, the board behind the port, and how failures end them.

import type { Command } from "cac";
import { type Banner, type ClientOptions, ConsoleClient, type Reply } from "../console/client.js";
import { ConsoleFailure, type ConsoleFailureKind } from "../console/failure.js";
import { BAUD_RATE, openPort } from "../console/port.js";
import type { Options } from "./operator.js";
import { EXIT, Failure, numberOption, textOption, UsageError } from "./shared.js";

const EXIT_CODES: Readonly<Record<ConsoleFailureKind, number>> = {
	"no-such-port": EXIT.noSuchDevice,
	"port-busy": EXIT.portBusy,
	"port-denied": EXIT.portBusy,
	"port-closed": EXIT.noAnswer,
	"no-answer": EXIT.noAnswer,
	"wrong-board": EXIT.wrongBoard,
	"wrong-image": EXIT.wrongImage,
	refused: EXIT.deviceError,
	"tool-missing": EXIT.usage,
	"flash-failed": EXIT.deviceError,
};

const DEFAULT_TIMEOUT_SECONDS = "6";
/** Of a start: ROM, boot loader, and the firmware's own. */
const START_MS = 15_000;

/** Adds the options of every verb that speaks to one board. */
export function serialOptions(command: Command): Command {
	return command
		.option("--port <PORT>", "The serial port, for example /dev/ttyUSB0; pinhole boards lists them")
		.option("--board <BOARD>", "Refuse any other board than this, for example esp32c3")
		.option("--baud <RATE>", "Bits a second", { default: String(BAUD_RATE) })
		.option("--timeout <SECONDS>", "How long to wait for each answer", { default: DEFAULT_TIMEOUT_SECONDS })
		.option("--json", "Print JSON, one value a line");
}

export function portOption(options: Options): string {
	if (options.port === undefined) throw new UsageError("Say which port with --port PORT; pinhole boards lists them.");
	return textOption(options.port, "--port");
}

export function timeoutOption(options: Options): number {
	return numberOption(options.timeout, "--timeout", 0.1, 3600) * 1000;
}

/** Opens the port, makes sure of the board, does the work, closes the port. Failures come as the command's end. */
export async function withBoard<T>(
	options: Options,
	listener: ClientOptions,
	work: (client: ConsoleClient) => Promise<T>,
): Promise<T> {
	const path = portOption(options);
	const baud = numberOption(options.baud, "--baud", 300, 4_000_000);
	return await asCommand(async () => {
		const client = new ConsoleClient(await openPort(path, baud), listener);
		try {
			if (options.board !== undefined) await makeSure(client, path, options);
			return await work(client);
		} finally {
			await client.close();
		}
	});
}

async function makeSure(client: ConsoleClient, path: string, options: Options): Promise<void> {
	const wanted = textOption(options.board, "--board");
	const { board } = await client.resynchronise({ within: timeoutOption(options) });
	if (board !== wanted) {
		throw new ConsoleFailure("wrong-board", `The board on ${path} is ${String(board)}, not ${wanted}.`);
	}
}

/** Makes the board start anew; gives its banner. One that came when the port was opened does not count. */
export async function restart(
	client: ConsoleClient,
	verb: "restart" | "factory-reset",
	within: number,
): Promise<Reply & Banner> {
	const started = client.waitFor((event) => (event.kind === "banner" ? event : undefined), { within: START_MS });
	started.catch(() => {});
	await client.request(verb, {}, { within });
	return { ...(await started).banner };
}

/** Turns a failure of the console into the end of a command. */
export async function asCommand<T>(work: () => Promise<T>): Promise<T> {
	try {
		return await work();
	} catch (error) {
		if (error instanceof ConsoleFailure) throw new Failure(error.message, EXIT_CODES[error.kind]);
		throw error;
	}
}

/** A reply as lines for people, as the board itself writes them. */
export function formatReply(reply: Reply, indent = ""): string[] {
	return Object.entries(reply).flatMap(([name, value]) => formatMember(`${indent}${name}:`, value, indent));
}

function formatMember(head: string, value: unknown, indent: string): string[] {
	if (Array.isArray(value))
		return [head, ...value.flatMap((item) => formatMember(`${indent}  -`, item, `${indent}  `))];
	if (typeof value === "object" && value !== null) return [head, ...formatReply(value as Reply, `${indent}  `)];
	return [`${head} ${typeof value === "boolean" ? (value ? "yes" : "no") : String(value)}`];
}
