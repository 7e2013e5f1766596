// The command `device`: one simulated air compressor, its firmware on Node or on the XS engine.

import { parseServerUri } from "../../firmware/agent/server-uri.js";
import type { DeviceSettings } from "../device/node.js";
import { type Cli, choiceOption, numberOption, textOption, UsageError } from "./shared.js";

/** Seconds; a NAT that forgets UDP after 30 s is the shortest usual one, and 9 s leave room for two retransmissions. */
const DEFAULT_KEEPALIVE = 21;
const DEFAULT_LIFETIME = 300;

/** Adds the command `device`. */
export function registerDevice(cli: Cli): void {
	cli
		.command("device", "Run a simulated air compressor behind whatever NAT there is")
		.option("--server <uri>", "The LwM2M server: coap://HOST:PORT")
		.option("--endpoint <name>", "The endpoint name, for example urn:dev:mac:0011223344")
		.option("--engine <engine>", "node, or xs: Moddable's engine, as on a board", { default: "node" })
		.option("--lifetime <seconds>", "Registration lifetime", { default: DEFAULT_LIFETIME })
		.option("--keepalive <seconds>", `Longest time without a check of the NAT binding (${DEFAULT_KEEPALIVE})`)
		.option("--no-keepalive", "Leave the binding to its fate")
		.option("--json", "Print the ready line as JSON")
		.example("  pinhole device --server coap://127.0.0.1:5683 --endpoint compressor-1")
		.action(run);
}

async function run(options: Record<string, unknown>): Promise<number> {
	const engine = choiceOption(options.engine, "--engine", ["node", "xs"] as const);
	const settings = deviceSettings(options);
	// Only now, as the other commands need neither the firmware nor the engine.
	if (engine === "node") return (await import("../device/node.js")).runNodeDevice(settings);
	return (await import("../device/xs.js")).runXsDevice(settings);
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
		json: options.json === true,
	};
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
function keepaliveMs(option: unknown): number {
	if (option === false) return Number.POSITIVE_INFINITY;
	if (option === true || option === undefined) return DEFAULT_KEEPALIVE * 1000;
	return numberOption(option, "--keepalive", 0.1, 86_400) * 1000;
}
