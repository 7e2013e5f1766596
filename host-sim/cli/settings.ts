// Settings of a device as the command line gives them: a file, options over it, and secrets from where nobody looks.

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { text } from "node:stream/consumers";
import type { Options } from "./operator.js";
import { numberOption, textOption, UsageError } from "./shared.js";

/** Seconds. */
export const DEFAULT_LIFETIME = 300;

/** A JSON object that nobody has looked into yet. */
export type Given = Record<string, unknown>;

/** The settings of the file, and over them those of the options; a UsageError says what is missing. */
export async function gatherSettings(file: string | undefined, options: Options): Promise<Given> {
	const settings = file === undefined ? {} : await readObject(file, "the settings");
	if (options.endpoint !== undefined) settings.endpointName = textOption(options.endpoint, "--endpoint");
	if (options.server !== undefined) settings.accounts = [options.server].flat().map(toAccount);
	const accounts = Array.isArray(settings.accounts) ? (settings.accounts as Given[]) : [];
	for (const account of accounts.filter(isObject)) {
		if (options.lifetime !== undefined)
			account.lifetimeSeconds = numberOption(options.lifetime, "--lifetime", 1, 0xffff_ffff);
		if (options.keepalive !== undefined)
			account.keepaliveSeconds = numberOption(options.keepalive, "--keepalive", 0, 86_400);
		if (options.awake !== undefined) account.awakeSeconds = numberOption(options.awake, "--awake", 1, 3600);
	}
	if (options.second !== undefined)
		onlyOf(accounts, "--second").secondaryServerUri = textOption(options.second, "--second");
	if (options.credentials !== undefined) {
		const account = onlyOf(accounts, "--credentials");
		const object = await readObject(textOption(options.credentials, "--credentials"), "the credentials");
		const row = credentialsFor(settings.endpointName, object);
		settings.endpointName ??= row.endpointName;
		account.credentials = row.credentials;
	}
	if (options.echo === false) withoutEcho(accounts);
	if (options.ssid !== undefined) {
		settings.network = { ssid: textOption(options.ssid, "--ssid"), password: await readPassword(options.password) };
	}
	if (options.sms !== undefined) {
		const sms = isObject(settings.sms) ? settings.sms : {};
		settings.sms = { ...sms, number: textOption(options.sms, "--sms") };
	}
	if (options.trust !== undefined) settings.trust = await readCertificate(options.trust);
	if (settings.endpointName === undefined) throw new UsageError("Name the device, in a file or with --endpoint NAME.");
	if (settings.accounts === undefined)
		throw new UsageError("Say which server, in a file or with --server coap://HOST.");
	return settings;
}

function onlyOf(accounts: readonly Given[], option: string): Given {
	const [account] = accounts;
	if (accounts.length === 1 && isObject(account)) return account;
	throw new UsageError(`${option} is for one server; for more, put them into the file.`);
}

/** For the servers of all accounts that have keys; without keys there is no Echo. */
function withoutEcho(accounts: readonly Given[]): void {
	const secured = accounts.filter(isObject).map(({ credentials }) => credentials);
	const keys = secured.filter(isObject).filter(({ mode }) => mode === "oscore");
	if (keys.length === 0) throw new UsageError("--no-echo is for a server with keys for OSCORE.");
	for (const credentials of keys) credentials.echo = false;
}

function toAccount(uri: unknown, index: number): Given {
	return { serverUri: String(uri), shortServerId: index + 1, lifetimeSeconds: DEFAULT_LIFETIME };
}

/** What the object itself says; of a file of `pinhole credentials` the row of this device, or the only one. */
function credentialsFor(endpointName: unknown, object: Given): { endpointName?: unknown; credentials: Given } {
	if (!Array.isArray(object.credentials)) return { credentials: object };
	const rows = (object.credentials as unknown[]).filter(isObject);
	const isOnly = endpointName === undefined && rows.length === 1;
	const row = isOnly ? rows[0] : rows.find((one) => one.endpointName === endpointName);
	if (row === undefined) throw new UsageError(`The file of credentials has none for ${String(endpointName)}.`);
	const { endpointName: name, ...credentials } = row;
	return { endpointName: name, credentials: { mode: "oscore", ...credentials } };
}

/** The one who reads standard input; two of them would take it from each other. */
let isInputTaken = false;

async function readWhole(file: string, what: string): Promise<string> {
	if (file === "-") {
		if (isInputTaken) throw new UsageError("Standard input can be only one of settings, credentials and password.");
		isInputTaken = true;
		return text(process.stdin);
	}
	try {
		return readFileSync(file, "utf8");
	} catch {
		throw new UsageError(`The file ${file} with ${what} cannot be read.`);
	}
}

async function readObject(file: string, what: string): Promise<Given> {
	const json = await readWhole(file, what);
	try {
		const value: unknown = JSON.parse(json);
		if (isObject(value)) return value;
	} catch {
		// The parser's message would quote what may be a key.
	}
	throw new UsageError(`${file === "-" ? "Standard input" : file} must hold ${what} as one JSON object.`);
}

/** The one certificate of a file, without its frame: a board has no room for more. */
async function readCertificate(option: unknown): Promise<string> {
	const pem = await readWhole(textOption(option, "--trust"), "the certificate");
	const found = [...pem.matchAll(/-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----/g)];
	if (found.length !== 1) throw new UsageError("--trust needs a file with one certificate in PEM.");
	return found[0]![1]!.replaceAll(/\s/g, "");
}

async function readPassword(option: unknown): Promise<string> {
	if (option !== undefined) {
		return (await readWhole(textOption(option, "--password"), "the password")).replace(/\r?\n$/, "");
	}
	if (!process.stdin.isTTY)
		throw new UsageError("Give the network's password by --password FILE, or - for standard input.");
	process.stderr.write("Password of the network: ");
	const silent = new Writable({ write: (_bytes, _encoding, done) => done() });
	const terminal = createInterface({ input: process.stdin, output: silent, terminal: true });
	const password = await terminal.question("");
	terminal.close();
	process.stderr.write("\n");
	return password;
}

function isObject(value: unknown): value is Given {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
