// The keys that devices and the back end share, in a file that only its owner may read.

import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";
import { hex } from "./hex.js";
import { replaceFile } from "./replace-file.js";
import { StoreError } from "./store-error.js";

/** What one device and the back end agree on (RFC 8613, 3.2), with the roles as the device has them. */
export interface Credential {
	readonly endpointName: string;
	readonly masterSecret: Uint8Array;
	readonly masterSalt: Uint8Array;
	/** The device's own identifier: the back end finds the device by it. */
	readonly senderId: Uint8Array;
	/** The back end's. */
	readonly recipientId: Uint8Array;
}

const VERSION = 1;
/** RFC 8613, 3.3, and what a key of AES-128 deserves. */
const IDENTIFIER_LENGTH = 7;
const SECRET_LENGTH = 16;
/** Group and others. */
const FOREIGN_ACCESS = 0o077;

/** Reads all credentials of a file. Throws StoreError with a sentence that says what to do, and never a key. */
export function readCredentials(path: string): Credential[] {
	let text: string;
	try {
		const file = openSync(path, "r");
		try {
			if ((fstatSync(file).mode & FOREIGN_ACCESS) !== 0)
				throw new StoreError(`${path} can be read by others than its owner: run chmod 600 ${path}.`);
			text = readFileSync(file, "utf8");
		} finally {
			closeSync(file);
		}
	} catch (error) {
		if (error instanceof StoreError) throw error;
		throw new StoreError(`${path} cannot be read: ${(error as Error).message}.`);
	}
	try {
		return parseCredentials(text);
	} catch (error) {
		const why = error instanceof SyntaxError ? "it is no JSON" : (error as Error).message;
		throw new StoreError(`${path} cannot be used, ${why}.`);
	}
}

/** The credentials of a file's text; throws with the place of the first mistake. */
export function parseCredentials(text: string): Credential[] {
	const file = fieldsOf(JSON.parse(text), "the file");
	if (file.version !== VERSION) throw new Error(`version should be ${VERSION}`);
	if (!Array.isArray(file.credentials)) throw new Error("credentials should be an array");
	const credentials = file.credentials.map((one, i) => asCredential(one, `credentials[${i}]`));
	const names = new Set<string>();
	const identifiers = new Set<string>();
	for (const [i, { endpointName, senderId }] of credentials.entries()) {
		const identifier = hex(senderId);
		if (names.has(endpointName)) throw new Error(`credentials[${i}].endpointName is there twice`);
		if (identifiers.has(identifier)) throw new Error(`credentials[${i}].senderId is there twice`);
		names.add(endpointName);
		identifiers.add(identifier);
	}
	return credentials;
}

/** Writes a file that only its owner can read; after a power cut either the old or the new one is there, whole. */
export function writeCredentials(path: string, credentials: readonly Credential[]): void {
	const list = credentials.map(({ endpointName, masterSecret, masterSalt, senderId, recipientId }) => ({
		endpointName,
		masterSecret: hex(masterSecret),
		masterSalt: hex(masterSalt),
		senderId: hex(senderId),
		recipientId: hex(recipientId),
	}));
	replaceFile(path, `${JSON.stringify({ version: VERSION, credentials: list }, undefined, "\t")}\n`);
}

function asCredential(value: unknown, place: string): Credential {
	const fields = fieldsOf(value, place);
	const { endpointName } = fields;
	if (typeof endpointName !== "string" || endpointName === "")
		throw new Error(`${place}.endpointName should be a name`);
	const senderId = bytesOf(fields.senderId, `${place}.senderId`, 0, IDENTIFIER_LENGTH);
	const recipientId = bytesOf(fields.recipientId, `${place}.recipientId`, 0, IDENTIFIER_LENGTH);
	if (hex(senderId) === hex(recipientId)) throw new Error(`${place} has the same identifier for both sides`);
	return {
		endpointName,
		masterSecret: bytesOf(fields.masterSecret, `${place}.masterSecret`, SECRET_LENGTH, 64),
		masterSalt: bytesOf(fields.masterSalt ?? "", `${place}.masterSalt`, 0, 32),
		senderId,
		recipientId,
	};
}

function fieldsOf(value: unknown, place: string): Readonly<Record<string, unknown>> {
	if (typeof value !== "object" || value === null || Array.isArray(value))
		throw new Error(`${place} should be an object`);
	return value as Readonly<Record<string, unknown>>;
}

function bytesOf(value: unknown, place: string, least: number, most: number): Uint8Array {
	if (typeof value !== "string" || !/^([0-9a-fA-F]{2})*$/.test(value))
		throw new Error(`${place} should be hexadecimal`);
	const bytes = Uint8Array.from(Buffer.from(value, "hex"));
	if (bytes.length < least || bytes.length > most) throw new Error(`${place} should have ${least} to ${most} bytes`);
	return bytes;
}
