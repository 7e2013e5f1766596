// What a device is told once, over its console, and keeps: its name, its servers with their keys, its network.

import { parseServerUri } from "../agent/server-uri.js";
import { Reader, textLength, Writer } from "../bytes.js";
import { limits } from "../limits.js";
import type { JsonReader } from "../lwm2m/formats/json.js";
import { type Shape, ShapeReader } from "./shape.js";

/** How a server and the device prove themselves to each other. Keys are bytes; as JSON they are hexadecimal. */
export type Credentials =
	| { readonly mode: "psk"; readonly identity: string; readonly key: Uint8Array }
	| {
			readonly mode: "oscore";
			readonly masterSecret: Uint8Array;
			readonly masterSalt: Uint8Array | undefined;
			readonly senderId: Uint8Array;
			readonly recipientId: Uint8Array;
			readonly idContext: Uint8Array | undefined;
			/** False: the server is known to give no Echo back (RFC 9175), so that an Execute is carried out without. */
			readonly echo?: boolean | undefined;
	  };

/** One LwM2M server. */
export interface AccountSettings {
	/** coap://HOST:PORT, or another scheme of agent/server-uri. */
	readonly serverUri: string;
	/** The same server by another transport, for where the first is blocked. */
	readonly secondaryServerUri?: string | undefined;
	/** 1 to 65534, each once. */
	readonly shortServerId: number;
	readonly lifetimeSeconds: number;
	/** How long the NAT binding may stay unchecked; 0 for no keepalive, undefined: as long as it learns that it may. */
	readonly keepaliveSeconds: number | undefined;
	/** Given: in Queue Mode, where the device listens for so long after each message; it may be deaf otherwise. */
	readonly awakeSeconds?: number | undefined;
	/** undefined: without security (NoSec). */
	readonly credentials: Credentials | undefined;
}

export interface NetworkSettings {
	readonly ssid: string;
	/** "" for an open network. */
	readonly password: string;
}

/** How servers wake the board by SMS, where it has a modem. */
export interface SmsSettings {
	/** What they are told to send to, "+491700000001"; undefined: they know it otherwise. */
	readonly number: string | undefined;
	/** Whether servers without keys are believed; undefined: they are not. */
	readonly plain: boolean | undefined;
}

export interface Settings {
	readonly endpointName: string;
	readonly accounts: readonly AccountSettings[];
	/** undefined where the network needs no name, as Ethernet. */
	readonly network: NetworkSettings | undefined;
	/** undefined: no server wakes it by SMS. */
	readonly sms?: SmsSettings | undefined;
	/** The certificate, in base64, that must vouch for servers over TLS; undefined: keys inside say who they are. */
	readonly trust?: string | undefined;
}

const CREDENTIALS: Shape = Object.freeze([
	{ name: "mode", type: "text", least: 1, most: 8 },
	{ name: "identity", type: "text", least: 1, most: 64, optional: true },
	{ name: "key", type: "hex", least: 1, most: 64, optional: true },
	{ name: "masterSecret", type: "hex", least: 16, most: 64, optional: true },
	{ name: "masterSalt", type: "hex", least: 0, most: 32, optional: true },
	// RFC 8613, 3.3: the nonce of AES-CCM-16-64-128 leaves 7 bytes.
	{ name: "senderId", type: "hex", least: 0, most: 7, optional: true },
	{ name: "recipientId", type: "hex", least: 0, most: 7, optional: true },
	{ name: "idContext", type: "hex", least: 0, most: 32, optional: true },
	{ name: "echo", type: "boolean", least: 0, most: 0, optional: true },
]);

const ACCOUNT: Shape = Object.freeze([
	{ name: "serverUri", type: "text", least: 1, most: 128 },
	{ name: "secondaryServerUri", type: "text", least: 1, most: 128, optional: true },
	{ name: "shortServerId", type: "integer", least: 1, most: 65_534 },
	{ name: "lifetimeSeconds", type: "integer", least: 1, most: 0xffff_ffff },
	{ name: "keepaliveSeconds", type: "integer", least: 0, most: 86_400, optional: true },
	{ name: "awakeSeconds", type: "integer", least: 1, most: 3_600, optional: true },
	{ name: "credentials", type: "object", least: 0, most: 0, of: CREDENTIALS, optional: true },
]);

// IEEE 802.11: an SSID has 32 bytes, WPA a passphrase of 63 characters or a key of 64 digits.
const NETWORK: Shape = Object.freeze([
	{ name: "ssid", type: "text", least: 1, most: 32 },
	{ name: "password", type: "text", least: 0, most: 64 },
]);

// ITU-T E.164: a country and at most 15 digits.
const SMS: Shape = Object.freeze([
	{ name: "number", type: "text", least: 6, most: 16, optional: true },
	{ name: "plain", type: "boolean", least: 0, most: 0, optional: true },
]);

const SETTINGS: Shape = Object.freeze([
	{ name: "endpointName", type: "text", least: 1, most: 64 },
	{ name: "accounts", type: "list", least: 1, most: limits.accountCount, of: ACCOUNT },
	{ name: "network", type: "object", least: 0, most: 0, of: NETWORK, optional: true },
	{ name: "sms", type: "object", least: 0, most: 0, of: SMS, optional: true },
	// With a key of RSA, too: a request of the console has 1536 bytes.
	{ name: "trust", type: "text", least: 1, most: 1200, optional: true },
]);

/** What each mode has beside its name: needed, and allowed. */
const NEEDED = Object.freeze({ psk: ["identity", "key"], oscore: ["masterSecret", "senderId", "recipientId"] });
const ALLOWED = Object.freeze({ psk: [], oscore: ["masterSalt", "idContext", "echo"] });

/** The settings of a JSON object, or one sentence about its first mistake; the sentence never quotes what was given. */
export function parseSettings(reader: JsonReader): Settings | string {
	const members = new ShapeReader(reader).read(SETTINGS);
	if (typeof members === "string") return members;
	// The shape has seen to names and types.
	const settings = members as unknown as Settings;
	return mistakeOf(settings) ?? settings;
}

const URI_FORM = "must be coap://HOST or coap://HOST:PORT, or so with coap+tcp, coaps+tcp, coap+ws, coaps+ws";

/** What the shape alone cannot say. */
function mistakeOf({ endpointName, accounts, sms, trust }: Settings): string | undefined {
	if (!isName(endpointName)) return "endpointName may have letters, digits and the signs . : _ - only";
	if (trust !== undefined && !isBase64(trust)) return "trust must be a certificate in base64";
	if (sms?.number !== undefined && !isPhoneNumber(sms.number)) return "sms.number must be + and digits, no more";
	for (let i = 0; i < accounts.length; i++) {
		const { serverUri, secondaryServerUri, shortServerId, credentials } = accounts[i]!;
		const where = `accounts[${i}]`;
		if (!isServerUri(serverUri)) return `${where}.serverUri ${URI_FORM}`;
		if (secondaryServerUri !== undefined && !isServerUri(secondaryServerUri))
			return `${where}.secondaryServerUri ${URI_FORM}`;
		for (let j = 0; j < i; j++)
			if (accounts[j]!.shortServerId === shortServerId) return `${where} and accounts[${j}] have one shortServerId`;
		const mistake = credentials === undefined ? undefined : mistakeOfCredentials(credentials);
		if (mistake !== undefined) return `${where}.credentials${mistake}`;
	}
	return undefined;
}

function mistakeOfCredentials(credentials: Credentials): string | undefined {
	const { mode } = credentials;
	if (mode !== "psk" && mode !== "oscore") return ".mode must be psk or oscore";
	const members = credentials as unknown as Readonly<Record<string, unknown>>;
	for (let i = 1; i < CREDENTIALS.length; i++) {
		const { name } = CREDENTIALS[i]!;
		const needed = (NEEDED[mode] as readonly string[]).includes(name);
		const allowed = needed || (ALLOWED[mode] as readonly string[]).includes(name);
		if (needed && members[name] === undefined) return `.${name} is missing`;
		if (!allowed && members[name] !== undefined) return `.${name} is of no use in the mode ${mode}`;
	}
	if (mode === "oscore" && isEqual(credentials.senderId, credentials.recipientId))
		return ".senderId and recipientId must differ";
	return undefined;
}

/** Characters that every server, URI and command line takes as they are. */
function isName(text: string): boolean {
	for (let i = 0; i < text.length; i++) {
		const letter = (text.charCodeAt(i) | 0x20) >= 0x61 && (text.charCodeAt(i) | 0x20) <= 0x7a;
		if (!letter && !"0123456789.:_-".includes(text.charAt(i))) return false;
	}
	return true;
}

/** RFC 4648, 4, as far as it matters to be told of a mistake. */
function isBase64(text: string): boolean {
	for (let i = 0; i < text.length; i++) if (!isName(text.charAt(i)) && !"+/=".includes(text.charAt(i))) return false;
	return text.length % 4 === 0;
}

function isPhoneNumber(text: string): boolean {
	for (let i = 1; i < text.length; i++) if (!"0123456789".includes(text.charAt(i))) return false;
	return text.charAt(0) === "+" && text.length > 1;
}

function isServerUri(text: string): boolean {
	try {
		parseServerUri(text);
		return true;
	} catch {
		return false;
	}
}

function isEqual(left: Uint8Array, right: Uint8Array): boolean {
	if (left.length !== right.length) return false;
	for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return false;
	return true;
}

/** The first byte of stored settings; another layout takes another one. */
const VERSION = 1;
/** Stands for an absent number or for absent bytes. */
const NO_NUMBER = 0xffff_ffff;
const NO_BYTES = 0xff;
/** What follows the accounts, one bit each; and the bits of what is said of SMS. */
const HAS_NETWORK = 1;
const HAS_SMS = 2;
const HAS_WINDOWS = 4;
const HAS_SECONDARIES = 8;
const HAS_TRUST = 16;
const ALL_PARTS = 31;
const SMS_NUMBER = 1;
const SMS_PLAIN = 2;
const NO_CREDENTIALS = 0;
const PSK = 1;
const OSCORE = 2;
const OSCORE_WITHOUT_ECHO = 3;

/** The settings as bytes for the journal. */
export function encodeSettings(settings: Settings): Uint8Array {
	const counter = new Writer();
	writeSettings(counter, settings);
	const writer = new Writer(new Uint8Array(counter.length));
	writeSettings(writer, settings);
	return writer.bytes!;
}

function writeSettings(writer: Writer, { endpointName, accounts, network, sms, trust }: Settings): void {
	writer.u8(VERSION);
	writeText(writer, endpointName);
	writer.u8(accounts.length);
	for (let i = 0; i < accounts.length; i++) {
		const account = accounts[i]!;
		writeText(writer, account.serverUri);
		writer.u16(account.shortServerId);
		writer.u32(account.lifetimeSeconds);
		writer.u32(account.keepaliveSeconds ?? NO_NUMBER);
		writeCredentials(writer, account.credentials);
	}
	const hasWindows = accounts.some(({ awakeSeconds }) => awakeSeconds !== undefined);
	const parts = (network === undefined ? 0 : HAS_NETWORK) | (sms === undefined ? 0 : HAS_SMS);
	const hasSecondaries = accounts.some(({ secondaryServerUri }) => secondaryServerUri !== undefined);
	const more = (hasSecondaries ? HAS_SECONDARIES : 0) | (trust === undefined ? 0 : HAS_TRUST);
	writer.u8(parts | (hasWindows ? HAS_WINDOWS : 0) | more);
	for (let i = 0; hasWindows && i < accounts.length; i++) writer.u16(accounts[i]!.awakeSeconds ?? 0);
	for (let i = 0; hasSecondaries && i < accounts.length; i++) writeText(writer, accounts[i]!.secondaryServerUri ?? "");
	if (network !== undefined) {
		writeText(writer, network.ssid);
		writeText(writer, network.password);
	}
	if (trust !== undefined) {
		writer.u16(textLength(trust));
		writer.text(trust);
	}
	if (sms === undefined) return;
	writer.u8((sms.number === undefined ? 0 : SMS_NUMBER) | (sms.plain === true ? SMS_PLAIN : 0));
	if (sms.number !== undefined) writeText(writer, sms.number);
}

function writeCredentials(writer: Writer, credentials: Credentials | undefined): void {
	if (credentials === undefined) return writer.u8(NO_CREDENTIALS);
	if (credentials.mode === "psk") {
		writer.u8(PSK);
		writeText(writer, credentials.identity);
		return writeBytes(writer, credentials.key);
	}
	writer.u8(credentials.echo === false ? OSCORE_WITHOUT_ECHO : OSCORE);
	writeBytes(writer, credentials.masterSecret);
	writeBytes(writer, credentials.masterSalt);
	writeBytes(writer, credentials.senderId);
	writeBytes(writer, credentials.recipientId);
	writeBytes(writer, credentials.idContext);
}

function writeText(writer: Writer, text: string): void {
	writer.u8(textLength(text));
	writer.text(text);
}

function writeBytes(writer: Writer, bytes: Uint8Array | undefined): void {
	writer.u8(bytes?.length ?? NO_BYTES);
	if (bytes !== undefined) writer.copy(bytes);
}

/** The inverse of `encodeSettings`; undefined where the bytes are no settings of this version. */
export function decodeSettings(bytes: Uint8Array): Settings | undefined {
	const reader = new Reader(bytes);
	if (reader.u8() !== VERSION) return undefined;
	const endpointName = reader.text(reader.u8());
	const accounts: AccountSettings[] = [];
	const count = reader.u8();
	if (count > limits.accountCount) return undefined;
	for (let i = 0; i < count; i++) {
		const serverUri = reader.text(reader.u8());
		const shortServerId = reader.u16();
		const lifetimeSeconds = reader.u32();
		const keepalive = reader.u32();
		const keepaliveSeconds = keepalive === NO_NUMBER ? undefined : keepalive;
		const credentials = readCredentials(reader);
		accounts.push({ serverUri, shortServerId, lifetimeSeconds, keepaliveSeconds, credentials });
	}
	const parts = reader.u8();
	if (parts > ALL_PARTS) return undefined;
	for (let i = 0; (parts & HAS_WINDOWS) !== 0 && i < count; i++) {
		const awakeSeconds = reader.u16();
		if (awakeSeconds > 0) accounts[i] = { ...accounts[i]!, awakeSeconds };
	}
	for (let i = 0; (parts & HAS_SECONDARIES) !== 0 && i < count; i++) {
		const secondaryServerUri = reader.text(reader.u8());
		if (secondaryServerUri !== "") accounts[i] = { ...accounts[i]!, secondaryServerUri };
	}
	const hasNetwork = (parts & HAS_NETWORK) !== 0;
	const network = hasNetwork ? { ssid: reader.text(reader.u8()), password: reader.text(reader.u8()) } : undefined;
	const trust = (parts & HAS_TRUST) === 0 ? undefined : reader.text(reader.u16());
	const sms = (parts & HAS_SMS) === 0 ? undefined : readSms(reader);
	if (reader.failed || reader.remaining > 0) return undefined;
	const settings: Settings = {
		endpointName,
		accounts,
		network,
		...(sms !== undefined && { sms }),
		...(trust !== undefined && { trust }),
	};
	return mistakeOf(settings) === undefined ? settings : undefined;
}

function readSms(reader: Reader): SmsSettings {
	const parts = reader.u8();
	if (parts > (SMS_NUMBER | SMS_PLAIN)) reader.failed = true;
	const number = (parts & SMS_NUMBER) === 0 ? undefined : reader.text(reader.u8());
	return { number, plain: (parts & SMS_PLAIN) !== 0 ? true : undefined };
}

function readCredentials(reader: Reader): Credentials | undefined {
	const mode = reader.u8();
	if (mode === PSK) return { mode: "psk", identity: reader.text(reader.u8()), key: readBytes(reader) };
	if (mode === OSCORE || mode === OSCORE_WITHOUT_ECHO) {
		const masterSecret = readBytes(reader);
		const masterSalt = readOptionalBytes(reader);
		const senderId = readBytes(reader);
		const recipientId = readBytes(reader);
		const idContext = readOptionalBytes(reader);
		const echo = mode === OSCORE_WITHOUT_ECHO ? false : undefined;
		return { mode: "oscore", masterSecret, masterSalt, senderId, recipientId, idContext, echo };
	}
	if (mode !== NO_CREDENTIALS) reader.failed = true;
	return undefined;
}

/** A copy: what comes out of the journal is borrowed. */
function readBytes(reader: Reader): Uint8Array {
	return reader.take(reader.u8()).slice();
}

function readOptionalBytes(reader: Reader): Uint8Array | undefined {
	const length = reader.u8();
	return length === NO_BYTES ? undefined : reader.take(length).slice();
}
