// The command `backend`: the LwM2M server with its HTTP API, in this process until it is stopped.

import { readCredentials } from "../backend/credentials.js";
import { isLocalName } from "../backend/local-name.js";
import { StoreError } from "../backend/store-error.js";
import {
	announceReady,
	type Cli,
	choiceOption,
	createLogger,
	EXIT,
	Failure,
	type HostPort,
	LOG_LEVELS,
	type Logger,
	parseHostPort,
	runUntilStopped,
	textOption,
	UsageError,
} from "./shared.js";

/** Adds the command `backend`. */
export function registerBackend(cli: Cli): void {
	cli
		.command("backend", "Run the back end: devices register here, operators ask here")
		.option("--coap <HOST:PORT>", "Where devices register, over UDP", { default: "127.0.0.1:5683" })
		.option("--http <HOST:PORT>", "Where the HTTP API listens", { default: "127.0.0.1:8080" })
		.option("--credentials <FILE>", "The keys of devices, made by pinhole credentials new")
		.option("--nosec", "Let devices without keys register, too: for the laboratory only")
		.option("--data <DIR>", "Keep registrations here over a restart")
		.option("--token <TOKEN>", "Ask callers of the API for this token; else $PINHOLE_TOKEN")
		.option("--log-level <LEVEL>", `One of ${LOG_LEVELS.join(", ")}`, { default: "info" })
		.option("--json", "Say on stdout that it is ready as one line of JSON")
		.example("  $ pinhole backend --nosec")
		.example("  $ pinhole backend --coap 0.0.0.0:5683 --data ./registrations --credentials credentials.json")
		.example("  $ pinhole backend --nosec --coap 127.0.0.1:0 --http 127.0.0.1:0 --json")
		.action(run);
}

async function run(options: Readonly<Record<string, unknown>>): Promise<number> {
	const http = parseHostPort(options.http, "--http");
	const token = options.token === undefined ? process.env.PINHOLE_TOKEN : textOption(options.token, "--token");
	guardAddress(http, token);
	const log = createLogger(choiceOption(options.logLevel, "--log-level", LOG_LEVELS));
	const coap = parseHostPort(options.coap, "--coap");
	const { credentials, noSecurity } = security(options, log);
	const data = options.data === undefined ? undefined : textOption(options.data, "--data");
	// Loaded here, so that no other command waits for the HTTP server's code.
	const { startServer } = await import("../backend/server.js");
	const server = await startServer({
		coap,
		http,
		data,
		token: token === "" ? undefined : token,
		credentials,
		noSecurity,
		log,
	}).catch(explain);
	const place = `coap://${server.coap}${noSecurity ? " (NoSec)" : ""}`;
	announceReady(
		options.json === true,
		{ coap: server.coap, http: server.http },
		`The back end is ready: devices register at ${place}, operators ask at ${server.http}.`,
	);
	return runUntilStopped(() => server.close());
}

/** Without security only on purpose, and never without saying so. */
function security(options: Readonly<Record<string, unknown>>, log: Logger) {
	const noSecurity = options.nosec === true;
	if (options.credentials === undefined && !noSecurity)
		throw new UsageError(
			"Give the devices' keys with --credentials FILE, or say --nosec to do without, in a laboratory.",
		);
	if (noSecurity)
		log.warn("backend", "devices without keys may register (NoSec): whoever is on the path reads and commands");
	if (options.credentials === undefined) return { credentials: undefined, noSecurity };
	const path = textOption(options.credentials, "--credentials");
	try {
		return { credentials: readCredentials(path), noSecurity };
	} catch (error) {
		return explain(error);
	}
}

function guardAddress({ host }: HostPort, token: string | undefined): void {
	if (isLocalName(host) || (token !== undefined && token !== "")) return;
	throw new UsageError(`Give a --token to serve the API at ${host}: without one it listens on 127.0.0.1 only.`);
}

function explain(error: unknown): never {
	if (error instanceof StoreError) throw new Failure(error.message, EXIT.usage);
	if (error instanceof Error && "code" in error && "syscall" in error) {
		throw new Failure(`The back end cannot listen: ${error.message}.`, EXIT.usage);
	}
	throw error;
}
