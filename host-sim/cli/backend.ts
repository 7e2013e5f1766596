// The command `backend`: the LwM2M server with its HTTP API, in this process until it is stopped.

import { readFileSync } from "node:fs";
import { type Credential, readCredentials } from "../backend/credentials.js";
import { watchCredentials } from "../backend/credentials-watch.js";
import type { Certificate, ConnectionPort } from "../backend/listener.js";
import { isLocalName } from "../backend/local-name.js";
import { smsCentreAt } from "../backend/sms-centre.js";
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
	numberOption,
	parseHostPort,
	runUntilStopped,
	textOption,
	UsageError,
} from "./shared.js";

/** LwM2M Core, 6.5: MAX_TRANSMIT_WAIT. */
const DEFAULT_AWAKE_SECONDS = 93;

/** Adds the command `backend`. */
export function registerBackend(cli: Cli): void {
	cli
		.command("backend", "Run the back end: devices register here, operators ask here")
		.option("--coap <HOST:PORT>", "Where devices register, over UDP", { default: "127.0.0.1:5683" })
		.option("--tcp <HOST:PORT>", "Where devices connect, besides, over TCP (RFC 8323)")
		.option("--ws <HOST:PORT>", "The same over WebSocket, at /.well-known/coap")
		.option("--tls <HOST:PORT>", "The same over TLS")
		.option("--wss <HOST:PORT>", "The same over WebSocket and TLS: what passes the firewall on port 443")
		.option("--certificate <FILE>", "What the back end shows over TLS, in PEM, with its chain")
		.option("--key <FILE>", "The certificate's private key, in PEM")
		.option("--http <HOST:PORT>", "Where the HTTP API listens", { default: "127.0.0.1:8080" })
		.option("--credentials <FILE>", "The keys of devices, made by pinhole credentials new; read again when it changes")
		.option("--nosec", "Let devices without keys register, too: for the laboratory only")
		.option("--data <DIR>", "Keep registrations here over a restart")
		.option("--sms <URL|FILE>", "Wake devices by SMS: a web hook, or a file or pipe, of an SMS centre")
		.option("--awake <SECONDS>", "How long devices in Queue Mode listen after they have spoken", {
			default: DEFAULT_AWAKE_SECONDS,
		})
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
	const { path, credentials, noSecurity } = security(options, log);
	const data = options.data === undefined ? undefined : textOption(options.data, "--data");
	const smsCentre = options.sms === undefined ? undefined : smsCentreAt(textOption(options.sms, "--sms"));
	// Loaded here, so that no other command waits for the HTTP server's code.
	const { startServer } = await import("../backend/server.js");
	const server = await startServer({
		coap,
		http,
		data,
		token: token === "" ? undefined : token,
		credentials,
		noSecurity,
		ports: connectionPorts(options),
		smsCentre,
		awakeMs: 1000 * numberOption(options.awake, "--awake", 1, 3600),
		log,
	}).catch(explain);
	const place = `${[`coap://${server.coap}`, ...server.connections].join(" ")}${noSecurity ? " (NoSec)" : ""}`;
	announceReady(
		options.json === true,
		{ coap: server.coap, connections: server.connections.join(" "), http: server.http },
		`The back end is ready: devices register at ${place}, operators ask at ${server.http}.`,
	);
	const take = (changed: readonly Credential[]): void => server.replaceCredentials(changed);
	const unwatch = path === undefined ? undefined : watchCredentials(path, log, take);
	return runUntilStopped(() => {
		unwatch?.();
		return server.close();
	});
}

/** Where devices connect, besides. */
function connectionPorts(options: Readonly<Record<string, unknown>>): ConnectionPort[] {
	const ports: ConnectionPort[] = [];
	for (const kind of ["tcp", "ws"] as const)
		if (options[kind] !== undefined) ports.push({ kind, at: parseHostPort(options[kind], `--${kind}`) });
	for (const kind of ["tls", "wss"] as const)
		if (options[kind] !== undefined)
			ports.push({ kind, at: parseHostPort(options[kind], `--${kind}`), certificate: certificate(options, kind) });
	return ports;
}

function certificate(options: Readonly<Record<string, unknown>>, kind: string): Certificate {
	const pem = (name: "certificate" | "key"): string => {
		if (options[name] === undefined)
			throw new UsageError(`Give --certificate FILE and --key FILE, in PEM, for the port of --${kind}.`);
		const path = textOption(options[name], `--${name}`);
		try {
			return readFileSync(path, "utf8");
		} catch (error) {
			throw new Failure(`${path} cannot be read: ${(error as Error).message}.`, EXIT.usage);
		}
	};
	return { cert: pem("certificate"), key: pem("key") };
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
	if (options.credentials === undefined) return { path: undefined, credentials: undefined, noSecurity };
	const path = textOption(options.credentials, "--credentials");
	try {
		return { path, credentials: readCredentials(path), noSecurity };
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
