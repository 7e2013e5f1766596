// The verb `boards`: which serial ports there are, and what is behind each.

import { ConsoleClient, type Reply } from "../console/client.js";
import { ConsoleFailure } from "../console/failure.js";
import { openPort } from "../console/port.js";
import { listPorts, type PortRow } from "../console/ports.js";
import { type Options, print } from "./operator.js";
import { withProgress } from "./progress.js";
import { timeoutOption } from "./serial.js";
import { type Cli, EXIT, textOption } from "./shared.js";
import { table } from "./table.js";

/** A board may have to start first, as its reset line was asserted until the port was open. */
const DEFAULT_TIMEOUT_SECONDS = "3";

/** Adds the verb `boards`. */
export function registerBoards(cli: Cli): void {
	cli
		.command("boards", "List serial ports and the boards behind them")
		.option("--port <PORT>", "Ask at this port, too; the pty of a virtual board, for example")
		.option("--timeout <SECONDS>", "How long to wait for a board", { default: DEFAULT_TIMEOUT_SECONDS })
		.option("--json", "Print JSON, one value a line")
		.example("  $ pinhole boards")
		.action(run);
}

/** A port with what its board says of itself, or why it says nothing. */
interface Found extends PortRow {
	readonly identity: Reply | undefined;
	readonly problem: string | undefined;
}

async function run(options: Options): Promise<number> {
	const within = timeoutOption(options);
	const { ports, note } = await listPorts();
	if (note !== undefined) process.stderr.write(`pinhole: ${note}\n`);
	const rows = [...ports, ...askedFor(options, ports)];
	const found = await withProgress("asking the boards", async (progress) => {
		let done = 0;
		return Promise.all(
			rows.map(async (row) => {
				const one = await ask(row, within);
				progress(++done, rows.length);
				return one;
			}),
		);
	});
	if (options.json === true) print(JSON.stringify(found));
	else if (found.length === 0)
		print("There is no serial port. Is the board plugged in, and does its cable carry data?");
	else print(table([HEADINGS, ...found.map(toRow)]));
	return EXIT.success;
}

function askedFor(options: Options, known: readonly PortRow[]): PortRow[] {
	if (options.port === undefined) return [];
	const path = textOption(options.port, "--port");
	if (known.some((row) => row.path === path)) return [];
	return [{ path, maker: undefined, serialNumber: undefined, usb: undefined }];
}

async function ask(row: PortRow, within: number): Promise<Found> {
	try {
		const client = new ConsoleClient(await openPort(row.path));
		try {
			return { ...row, identity: await client.resynchronise({ within }), problem: undefined };
		} finally {
			await client.close();
		}
	} catch (error) {
		if (!(error instanceof ConsoleFailure)) throw error;
		return { ...row, identity: undefined, problem: PROBLEMS[error.kind] ?? error.message };
	}
}

const PROBLEMS: Readonly<Record<string, string>> = {
	"no-such-port": "no such port",
	"port-busy": "in use",
	"port-denied": "not allowed",
	"no-answer": "no answer",
};

const HEADINGS = ["PORT", "BOARD", "VERSION", "COMMIT", "BUILD", "ENDPOINT", "USB"];

function toRow({ path, identity, problem, maker, serialNumber, usb }: Found): string[] {
	const parts = ["board", "version", "commit", "build", "endpoint"].map((name) => String(identity?.[name] ?? "-"));
	if (problem !== undefined) parts[0] = problem;
	return [path, ...parts, [usb, maker, serialNumber].filter((part) => part !== undefined).join(" ")];
}
