// The command `credentials new`: keys for one device, from the system's random source, for it and for the back end.

import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { type Credential, readCredentials, writeCredentials } from "../backend/credentials.js";
import { hex } from "../backend/hex.js";
import { StoreError } from "../backend/store-error.js";
import { type Cli, EXIT, Failure, textOption, UsageError } from "./shared.js";

const SECRET_LENGTH = 16;
const SALT_LENGTH = 8;
/** Three bytes tell millions of devices apart, and cost two more on each request than the least. */
const SENDER_ID_LENGTH = 3;
/** The back end is one for all of them; its identifier is shorter than theirs, and so never the same. */
const RECIPIENT_ID = Uint8Array.of(0);

/** Adds the command `credentials`. */
export function registerCredentials(cli: Cli): void {
	cli
		.command("credentials <verb> <endpoint>", "Make the keys that a device and the back end share: new ENDPOINT")
		.option("--file <FILE>", "The back end's file, to which they are added", { default: "credentials.json" })
		.option("--device <FILE>", "The device's own file (ENDPOINT.credentials.json)")
		.option("--json", "Say what was made as one line of JSON, without the keys")
		.example("  $ pinhole credentials new compressor-1")
		.action(run);
}

function run(verb: string, endpoint: string, options: Readonly<Record<string, unknown>>): number {
	if (verb !== "new") throw new UsageError(`pinhole credentials knows only new, not ${verb}.`);
	if (!/^[\w.:-]{1,64}$/.test(endpoint))
		throw new UsageError("ENDPOINT needs 1 to 64 letters, digits, and the signs . : _ -");
	const file = textOption(options.file, "--file");
	const deviceFile =
		options.device === undefined
			? `${endpoint.replaceAll(":", "-")}.credentials.json`
			: textOption(options.device, "--device");
	try {
		const all = existsSync(file) ? readCredentials(file) : [];
		if (all.some(({ endpointName }) => endpointName === endpoint))
			throw new UsageError(`${file} has keys of ${endpoint} already: take them out first, if they are to be replaced.`);
		if (existsSync(deviceFile)) throw new UsageError(`${deviceFile} is there already.`);
		const made = newCredential(endpoint, all);
		writeCredentials(deviceFile, [made]);
		writeCredentials(file, [...all, made]);
	} catch (error) {
		if (error instanceof StoreError) throw new Failure(error.message, EXIT.usage);
		throw error;
	}
	const human = `${endpoint} has keys: ${file} is for the back end, ${deviceFile} for the device.`;
	process.stdout.write(`${options.json === true ? JSON.stringify({ endpoint, file, device: deviceFile }) : human}\n`);
	return EXIT.success;
}

/** Keys of one device more, with an identifier that none of the others has. */
export function newCredential(endpointName: string, all: readonly Credential[] = []): Credential {
	const taken = new Set(all.map(({ senderId }) => hex(senderId)));
	let senderId = random(SENDER_ID_LENGTH);
	while (taken.has(hex(senderId))) senderId = random(SENDER_ID_LENGTH);
	return {
		endpointName,
		masterSecret: random(SECRET_LENGTH),
		masterSalt: random(SALT_LENGTH),
		senderId,
		recipientId: RECIPIENT_ID,
	};
}

function random(length: number): Uint8Array {
	return Uint8Array.from(randomBytes(length));
}
