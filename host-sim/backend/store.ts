// Registrations and observations on disk: one JSON file, replaced as a whole, read with suspicion.

import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { UNPROTECTED } from "../../firmware/coap/token.js";
import { listsPaths } from "../../firmware/lwm2m/formats/paths.js";
import { parsePath } from "../../firmware/lwm2m/path.js";
import type { Composite } from "./composite.js";
import type { SavedCommand } from "./device.js";
import type { Link } from "./links.js";
import type { Operation } from "./operations.js";
import type { Registration } from "./registration.js";
import { replaceFile } from "./replace-file.js";
import type { SavedDevice, SavedObservation } from "./saved.js";
import { StoreError } from "./store-error.js";

const FILE = "registrations.json";
const VERSION = 1;

/** Reads what an earlier life saved, an empty list if there was none. Times become instants by adding `offsetMs`. */
export function load(directory: string, offsetMs: number): SavedDevice[] {
	const path = join(directory, FILE);
	let text: string;
	try {
		text = readFileSync(path, "utf8");
	} catch (error) {
		if (isCode(error, "ENOENT")) return [];
		throw new StoreError(`${path} cannot be read: ${(error as Error).message}.`);
	}
	try {
		const file = asFields(JSON.parse(text), "the file");
		if (file.version !== VERSION) throw new ShapeError("version", `${VERSION}`);
		return asList(file.devices, "devices").map((device, i) => asDevice(device, `devices[${i}]`, offsetMs));
	} catch (error) {
		const why = error instanceof SyntaxError ? "it is no JSON" : (error as Error).message;
		throw new StoreError(`${path} cannot be used, ${why}: repair it, or remove it and let the devices register again.`);
	}
}

/** Writes all devices; after a power cut either the old file or the new one is there, whole. */
export function save(directory: string, devices: readonly SavedDevice[], offsetMs: number): void {
	const path = join(directory, FILE);
	const saved = devices.map(({ registration, keys, newest, observations, commands = [] }) => ({
		registration: {
			...registration,
			registeredAt: Math.round(registration.registeredAt - offsetMs),
			updatedAt: Math.round(registration.updatedAt - offsetMs),
		},
		keys,
		newest,
		observations,
		commands: commands.map(({ handle, operation, deadlineAt }) => ({
			handle,
			operation: { ...operation, payload: operation.payload && Buffer.from(operation.payload).toString("hex") },
			deadlineAt: Math.round(deadlineAt - offsetMs),
		})),
	}));
	mkdirSync(directory, { recursive: true });
	replaceFile(path, `${JSON.stringify({ version: VERSION, devices: saved }, undefined, "\t")}\n`);
}

class ShapeError extends Error {
	constructor(place: string, expected: string) {
		super(`${place} should be ${expected}`);
	}
}

function asDevice(value: unknown, place: string, offsetMs: number): SavedDevice {
	const fields = asFields(value, place);
	return {
		registration: asRegistration(fields.registration, `${place}.registration`, offsetMs),
		keys: fields.keys === undefined ? undefined : asText(fields.keys, `${place}.keys`),
		newest: fields.newest === undefined ? undefined : asNumber(fields.newest, `${place}.newest`),
		observations: asList(fields.observations, `${place}.observations`).map((one, i) =>
			asObservation(one, `${place}.observations[${i}]`),
		),
		commands: asList(fields.commands ?? [], `${place}.commands`).map((one, i) =>
			asCommand(one, `${place}.commands[${i}]`, offsetMs),
		),
	};
}

function asRegistration(value: unknown, place: string, offsetMs: number): Registration {
	const fields = asFields(value, place);
	const text = (name: string): string => asText(fields[name], `${place}.${name}`);
	const number = (name: string): number => asNumber(fields[name], `${place}.${name}`);
	return {
		id: text("id"),
		endpointName: text("endpointName"),
		registeredAt: number("registeredAt") + offsetMs,
		updatedAt: number("updatedAt") + offsetMs,
		address: text("address"),
		version: text("version"),
		lifetimeSeconds: number("lifetimeSeconds"),
		binding: text("binding"),
		queueMode: asBoolean(fields.queueMode, `${place}.queueMode`),
		secure: fields.secure === undefined ? false : asBoolean(fields.secure, `${place}.secure`),
		smsNumber: fields.smsNumber === undefined ? undefined : text("smsNumber"),
		reach: fields.reach === undefined ? undefined : asBoolean(fields.reach, `${place}.reach`),
		windowSeconds: fields.windowSeconds === undefined ? undefined : number("windowSeconds"),
		links: asList(fields.links, `${place}.links`).map((link, i) => asLink(link, `${place}.links[${i}]`)),
		additional: asTexts(fields.additional, `${place}.additional`),
	};
}

function asLink(value: unknown, place: string): Link {
	const fields = asFields(value, place);
	const attributes: Record<string, string | null> = {};
	for (const [name, one] of Object.entries(asFields(fields.attributes, `${place}.attributes`))) {
		attributes[name] = one === null ? null : asText(one, `${place}.attributes.${name}`);
	}
	return { url: asText(fields.url, `${place}.url`), attributes };
}

function asObservation(value: unknown, place: string): SavedObservation {
	const fields = asFields(value, place);
	const token = asText(fields.token, `${place}.token`);
	if (!/^([0-9a-f]{2}){0,8}$/.test(token)) throw new ShapeError(`${place}.token`, "hex of at most 8 bytes");
	return {
		path: asText(fields.path, `${place}.path`),
		composite: fields.composite === undefined ? undefined : asComposite(fields.composite, `${place}.composite`),
		token,
		requestNumber:
			fields.requestNumber === undefined ? UNPROTECTED : asNumber(fields.requestNumber, `${place}.requestNumber`),
		accept: fields.accept === undefined ? undefined : asNumber(fields.accept, `${place}.accept`),
	};
}

function asCommand(value: unknown, place: string, offsetMs: number): SavedCommand {
	const fields = asFields(value, place);
	return {
		handle: asNumber(fields.handle, `${place}.handle`),
		operation: asOperation(fields.operation, `${place}.operation`),
		deadlineAt: asNumber(fields.deadlineAt, `${place}.deadlineAt`) + offsetMs,
	};
}

function asOperation(value: unknown, place: string): Operation {
	const fields = asFields(value, place);
	const optional = (name: string): number | undefined =>
		fields[name] === undefined ? undefined : asNumber(fields[name], `${place}.${name}`);
	const observe = optional("observe");
	if (observe !== undefined && observe !== 0 && observe !== 1) throw new ShapeError(`${place}.observe`, "0 or 1");
	const payload = fields.payload === undefined ? undefined : asText(fields.payload, `${place}.payload`);
	if (payload !== undefined && !/^([0-9a-f]{2})*$/.test(payload)) throw new ShapeError(`${place}.payload`, "hex");
	return {
		code: asNumber(fields.code, `${place}.code`),
		path: asText(fields.path, `${place}.path`),
		composite: fields.composite === undefined ? undefined : asComposite(fields.composite, `${place}.composite`),
		query: asList(fields.query, `${place}.query`).map((one, i) => asText(one, `${place}.query[${i}]`)),
		contentFormat: optional("contentFormat"),
		accept: optional("accept"),
		observe,
		payload: payload === undefined ? undefined : new Uint8Array(Buffer.from(payload, "hex")),
	};
}

function asComposite(value: unknown, place: string): Composite {
	const fields = asFields(value, place);
	const paths = asList(fields.paths, `${place}.paths`).map((path, i) => asText(path, `${place}.paths[${i}]`));
	const pathFormat = asNumber(fields.pathFormat, `${place}.pathFormat`);
	if (paths.length === 0 || paths.some((path) => parsePath(path) === undefined)) {
		throw new ShapeError(`${place}.paths`, "paths as /3/0/9");
	}
	if (!listsPaths(pathFormat)) throw new ShapeError(`${place}.pathFormat`, "a content format that lists paths");
	return { paths, pathFormat };
}

function asFields(value: unknown, place: string): Readonly<Record<string, unknown>> {
	if (typeof value !== "object" || value === null || Array.isArray(value)) throw new ShapeError(place, "an object");
	return value as Readonly<Record<string, unknown>>;
}

function asList(value: unknown, place: string): readonly unknown[] {
	if (!Array.isArray(value)) throw new ShapeError(place, "an array");
	return value;
}

function asText(value: unknown, place: string): string {
	if (typeof value !== "string") throw new ShapeError(place, "a string");
	return value;
}

function asNumber(value: unknown, place: string): number {
	if (typeof value !== "number" || !Number.isFinite(value)) throw new ShapeError(place, "a number");
	return value;
}

function asBoolean(value: unknown, place: string): boolean {
	if (typeof value !== "boolean") throw new ShapeError(place, "true or false");
	return value;
}

function asTexts(value: unknown, place: string): Record<string, string> {
	const texts: Record<string, string> = {};
	for (const [name, one] of Object.entries(asFields(value, place))) texts[name] = asText(one, `${place}.${name}`);
	return texts;
}

function isCode(error: unknown, code: string): boolean {
	return error instanceof Error && "code" in error && error.code === code;
}
