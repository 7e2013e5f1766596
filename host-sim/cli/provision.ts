// The verb `provision`: tells a board over its serial port who it is and which servers it has.

import { parseSettings } from "../../firmware/boot/settings.js";
import { JsonReader } from "../../firmware/lwm2m/formats/json.js";
import { type Options, print } from "./operator.js";
import { type Progress, withProgress } from "./progress.js";
import { portOption, restart, serialOptions, timeoutOption, withBoard } from "./serial.js";
import { DEFAULT_LIFETIME, type Given, gatherSettings } from "./settings.js";
import { type Cli, EXIT, Failure, UsageError } from "./shared.js";

/** Adds the verb `provision`. */
export function registerProvision(cli: Cli): void {
	serialOptions(cli.command("provision [FILE]", "Tell a board over its serial port its name, servers and network"))
		.option("--endpoint <NAME>", "The endpoint name")
		.option("--server <URI>", "The LwM2M server, coap://HOST:PORT; may be given up to four times")
		.option("--second <URI>", "The same server by another transport, for where the first is blocked or dearer")
		.option("--lifetime <SECONDS>", `Registration lifetime (${DEFAULT_LIFETIME})`)
		.option(
			"--keepalive <SECONDS>",
			"Check the NAT binding at this interval, 0 for never, instead of learning how long it lives",
		)
		.option("--awake <SECONDS>", "Queue Mode: the board listens so long after each message, and may sleep otherwise")
		.option("--credentials <FILE>", "Credentials of the server as JSON, or - for standard input")
		.option("--no-echo", "The server gives no Echo back: carry an Execute out without, however long it was held up")
		.option("--ssid <NAME>", "The Wi-Fi network; its password is asked for")
		.option("--password <FILE>", "The file with the network's password, or - for standard input")
		.option("--sms <NUMBER>", "Its modem's number, such as +491700000001: servers may wake it by SMS")
		.option("--trust <FILE>", "The certificate, in PEM, that must vouch for the servers over TLS")
		.option("--no-restart", "Leave the board as it runs; it uses the settings from its next start")
		.example("  $ pinhole provision --port /dev/ttyUSB0 settings.json")
		.example("  $ pinhole provision --port /dev/ttyUSB0 --endpoint pump-7 --server coap://192.0.2.1")
		.example("  $ pinhole provision --port /dev/ttyUSB0 fleet.json --endpoint pump-7     the file but for the name")
		.action(run);
}

async function run(file: string | undefined, options: Options): Promise<number> {
	const path = portOption(options);
	const settings = await gatherSettings(file, options);
	const refused = parseSettings(new JsonReader(Buffer.from(JSON.stringify(settings))));
	if (typeof refused === "string") throw new UsageError(`The settings will not do: ${refused}.`);
	const result = await withProgress(`provisioning ${path}`, (progress) => send(settings, options, progress));
	if (options.json === true) print(JSON.stringify(result));
	else
		print(`${result.endpoint} is provisioned on ${path}${result.restarted ? "" : ", to be used from its next start"}.`);
	return EXIT.success;
}

interface Result {
	readonly endpoint: string;
	readonly restarted: boolean;
	readonly retryCount: number;
}

async function send(settings: Given, options: Options, onProgress: Progress): Promise<Result> {
	const within = timeoutOption(options);
	return withBoard(options, { onProgress }, async (client) => {
		// Six times as long: a board that erases flash before it answers is no board that is not there.
		await client.request("provision", { settings }, { within: within * 6 });
		const restarted = options.restart !== false;
		const endpoint = String(settings.endpointName);
		const banner = restarted ? await restart(client, "restart", within) : undefined;
		if (banner !== undefined && banner.endpoint !== endpoint) {
			const name = banner.endpoint ?? "unprovisioned";
			throw new Failure(`The board has started as ${name}, not as ${endpoint}.`, EXIT.deviceError);
		}
		return { endpoint, restarted, retryCount: client.retryCount };
	});
}
