// The command `device`: one simulated air compressor, its firmware on Node or on the XS engine, or as a whole board.

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { parseServerUri } from "../../firmware/agent/server-uri.js";
import type { Credentials } from "../../firmware/boot/settings.js";
import { readCredentials } from "../backend/credentials.js";
import { StoreError } from "../backend/store-error.js";
import type { DeviceSettings } from "../device/node.js";
import {
	announceReady,
	type Cli,
	choiceOption,
	createLogger,
	EXIT,
	Failure,
	numberOption,
	runUntilStopped,
	textOption,
	UsageError,
} from "./shared.js";

const DEFAULT_LIFETIME = 300;
/** host-sim/nat/ethernet.ts: where a virtual board finds 127.0.0.1. */
const HOST_ADDRESS = "198.51.100.1";

/** Adds the command `device`. */
export function registerDevice(cli: Cli): void {
	cli
		.command("device", "Run a simulated air compressor behind whatever NAT there is")
		.option("--server <uri>", "The LwM2M server: coap://HOST:PORT, or coap+tcp, coaps+tcp, coap+ws, coaps+ws")
		.option("--second <uri>", "The same server by another transport, for where the first is blocked or dearer")
		.option("--trust <file>", "Certificates in PEM, one of which must vouch for the server over TLS")
		.option("--endpoint <name>", "The endpoint name, for example urn:dev:mac:0011223344")
		.option("--engine <engine>", "node, or xs: Moddable's engine, as on a board", { default: "node" })
		.option("--lifetime <seconds>", "Registration lifetime", { default: DEFAULT_LIFETIME })
		.option("--keepalive <seconds>", "Check the NAT binding at this interval, instead of learning how long it lives")
		.option("--no-keepalive", "Leave the binding to its fate")
		.option("--awake <seconds>", "Queue Mode: listen so long after each message, and be deaf to the server otherwise")
		.option("--send <seconds>", "Send pressure and temperature unasked, each so many seconds")
		.option("--send-format <format>", "senml-cbor, senml-json or lwm2m-cbor", { default: "senml-cbor" })
		.option("--board <board>", "A board that is provisioned over its console, as a real one: xs, or qemu-riscv32")
		.option("--flash <file>", "The board's flash; it outlives the board")
		.option("--image <file>", "qemu-riscv32: the firmware, if not that of this clone")
		.option("--oscore <file>", "The device's keys, made by pinhole credentials new")
		.option("--no-echo", "The server gives no Echo back: carry an Execute out without, however long it was held up")
		.option("--nosec", "Do without security: for the laboratory only")
		.option("--json", "Print the ready line as JSON")
		.example("  pinhole device --board xs --flash compressor.flash")
		.example("  pinhole device --board qemu-riscv32 --flash board.flash")
		.example("  then on stdin, for the NAT before qemu-riscv32: the words of pinhole nat; for its cable: unplug, plug")
		.example("  pinhole device --nosec --server coap://127.0.0.1:5683 --endpoint compressor-1")
		.example("  pinhole device --oscore credentials.json --server coap://127.0.0.1:5683 --endpoint compressor-1")
		.action(run);
}

async function run(options: Record<string, unknown>): Promise<number> {
	if (options.board !== undefined) return runBoard(options);
	const engine = choiceOption(options.engine, "--engine", ["node", "xs"] as const);
	const settings = deviceSettings(options);
	if (settings.credentials === undefined)
		createLogger("info").warn(settings.endpointName, "no keys (NoSec): whoever is on the path reads and commands");
	// Only now, as the other commands need neither the firmware nor the engine.
	if (engine === "node") return (await import("../device/node.js")).runNodeDevice(settings);
	return (await import("../device/xs.js")).runXsDevice(settings);
}

/** What the other options say, a board is told by `pinhole provision`. */
async function runBoard(options: Record<string, unknown>): Promise<number> {
	const board = choiceOption(options.board, "--board", ["xs", "qemu-riscv32"] as const);
	for (const name of ["server", "endpoint"])
		if (options[name] !== undefined) throw new UsageError(`A board gets its --${name} by pinhole provision, not here.`);
	if (options.flash === undefined) throw new UsageError("Say where the board's flash is with --flash FILE.");
	const flash = textOption(options.flash, "--flash");
	return board === "xs" ? runXsBoard(flash, options) : runQemuBoard(flash, options);
}

async function runXsBoard(flash: string, options: Record<string, unknown>): Promise<number> {
	const { XsBoard } = await import("../device/board-xs.js");
	const board = await XsBoard.start({ flash });
	announceReady(options.json === true, { board: "xs", port: board.port }, `the board's console is ${board.port}`);
	return runBoardUntilStopped(board, async (line) => board.control(line));
}

async function runQemuBoard(flash: string, options: Record<string, unknown>): Promise<number> {
	const { QemuBoard } = await import("../device/board-qemu.js");
	const image = options.image === undefined ? undefined : textOption(options.image, "--image");
	const board = await QemuBoard.start({ flash, image, log: createLogger("info") });
	const { port } = board;
	const human = `the board's console is ${port}; this machine, 127.0.0.1, is ${HOST_ADDRESS} to it`;
	announceReady(options.json === true, { board: "qemu-riscv32", port, host: HOST_ADDRESS }, human);
	return runBoardUntilStopped(board, (line) => board.control(line));
}

/** Each line on stdin is a command; its answer is a line of JSON on stdout. */
async function runBoardUntilStopped(
	board: { readonly ended: Promise<number | undefined>; cut(): Promise<void> },
	control: (line: string) => Promise<object>,
): Promise<number> {
	const lines = createInterface({ input: process.stdin }).on("line", async (line) => {
		if (line.trim() !== "") process.stdout.write(`${JSON.stringify(await control(line))}\n`);
	});
	const stopped = runUntilStopped(() => board.cut());
	const code = await Promise.race([board.ended, stopped]);
	lines.close();
	process.stdin.destroy();
	return code ?? EXIT.success;
}

function deviceSettings(options: Record<string, unknown>): DeviceSettings {
	if (options.server === undefined) throw new UsageError("Say which server with --server coap://HOST:PORT.");
	if (options.endpoint === undefined) throw new UsageError("Name the device with --endpoint NAME.");
	const server = serverUri(options.server);
	const endpointName = textOption(options.endpoint, "--endpoint");
	if (!/^[\w.:-]{1,64}$/.test(endpointName)) {
		throw new UsageError("--endpoint needs 1 to 64 letters, digits, and the signs . : _ -");
	}
	return {
		server,
		endpointName,
		lifetimeSeconds: numberOption(options.lifetime, "--lifetime", 1, 0xffff_ffff),
		keepaliveMs: keepaliveMs(options.keepalive),
		awakeSeconds: options.awake === undefined ? undefined : numberOption(options.awake, "--awake", 1, 3600),
		send: send(options),
		credentials: credentials(options, endpointName),
		json: options.json === true,
		secondServer: options.second === undefined ? undefined : serverUri(options.second),
		trusted: options.trust === undefined ? undefined : readText(options.trust),
	};
}

function readText(option: unknown): string {
	const path = textOption(option, "--trust");
	try {
		return readFileSync(path, "utf8");
	} catch (error) {
		throw new Failure(`${path} cannot be read: ${(error as Error).message}.`, EXIT.usage);
	}
}

function send(options: Record<string, unknown>): DeviceSettings["send"] {
	const format = choiceOption(options.sendFormat, "--send-format", ["senml-cbor", "senml-json", "lwm2m-cbor"] as const);
	if (options.send === undefined) return undefined;
	return { seconds: numberOption(options.send, "--send", 0.1, 86_400), format };
}

/** Without keys only on purpose. */
function credentials(options: Record<string, unknown>, endpointName: string): Credentials | undefined {
	if (options.oscore === undefined) {
		if (options.nosec === true) return undefined;
		throw new UsageError("Give the device's keys with --oscore FILE, or say --nosec to do without, in a laboratory.");
	}
	const path = textOption(options.oscore, "--oscore");
	try {
		const found = readCredentials(path).find((one) => one.endpointName === endpointName);
		if (found !== undefined) return { mode: "oscore", idContext: undefined, echo: options.echo !== false, ...found };
	} catch (error) {
		if (error instanceof StoreError) throw new Failure(error.message, EXIT.usage);
		throw error;
	}
	throw new UsageError(
		`${path} has no keys of ${endpointName}: make them with pinhole credentials new ${endpointName}.`,
	);
}

/** The firmware's own opinion, before either engine is started. */
function serverUri(option: unknown): string {
	const server = textOption(option, "--server");
	try {
		parseServerUri(server);
		return server;
	} catch (error) {
		throw new UsageError(`${error instanceof Error ? error.message : String(error)}.`);
	}
}

/** The parser gives true for nothing said, false for --no-keepalive. */
function keepaliveMs(option: unknown): number | undefined {
	if (option === false) return Number.POSITIVE_INFINITY;
	if (option === true || option === undefined) return undefined;
	return numberOption(option, "--keepalive", 0.1, 86_400) * 1000;
}
