// The LwM2M Server URI (/0/x/0, /0/x/25), as far as this device can follow it.

/** What carries the messages; TLS and WebSocket framing live in the shell. */
export type Transport = "udp" | "tcp" | "tls" | "ws" | "wss";

/** Where a server is; `host` is a name or an IPv4 address. */
export interface ServerUri {
	readonly transport: Transport;
	readonly host: string;
	readonly port: number;
	/** True when `host` needs no name resolution. */
	readonly numeric: boolean;
}

/** A URI scheme and the port where none is named (RFC 7252, 6.1; RFC 8323, 8). */
interface Scheme {
	readonly prefix: string;
	readonly transport: Transport;
	readonly port: number;
}

const SCHEMES: readonly Scheme[] = Object.freeze([
	Object.freeze({ prefix: "coap://", transport: "udp", port: 5683 }),
	Object.freeze({ prefix: "coap+tcp://", transport: "tcp", port: 5683 }),
	Object.freeze({ prefix: "coaps+tcp://", transport: "tls", port: 5684 }),
	Object.freeze({ prefix: "coap+ws://", transport: "ws", port: 80 }),
	Object.freeze({ prefix: "coaps+ws://", transport: "wss", port: 443 }),
]);

/** Parses "SCHEME://host[:port]". Anything else, also coaps:// which is not built yet, is an error that says so. */
export function parseServerUri(text: string): ServerUri {
	const scheme = schemeOf(text);
	if (scheme === undefined) {
		throw new RangeError(`server URI "${text}" must start with ${SCHEMES.map(({ prefix }) => prefix).join(", ")}`);
	}
	const end = text.endsWith("/") ? text.length - 1 : text.length;
	const uri = parseAuthority(text.slice(scheme.prefix.length, end), scheme);
	if (uri === undefined) {
		const { prefix } = scheme;
		throw new RangeError(`server URI "${text}" must be ${prefix}HOST or ${prefix}HOST:PORT (IPv4 or a name)`);
	}
	return uri;
}

/** "host", or "host:port", by this transport; undefined where it is none. */
export function parseAuthority(text: string, { transport, port: usual }: Scheme | ServerUri): ServerUri | undefined {
	const colon = text.indexOf(":");
	const host = colon < 0 ? text : text.slice(0, colon);
	const port = colon < 0 ? usual : decimal(text.slice(colon + 1));
	if (host === "" || !isHost(host) || !(port >= 1 && port <= 65535)) return undefined;
	return { transport, host, port, numeric: isIpv4(host) };
}

function schemeOf(text: string): Scheme | undefined {
	for (let i = 0; i < SCHEMES.length; i++) if (text.startsWith(SCHEMES[i]!.prefix)) return SCHEMES[i];
	return undefined;
}

/** The value of ASCII digits, NaN for anything else. */
function decimal(text: string): number {
	if (text === "" || text.length > 5) return Number.NaN;
	let value = 0;
	for (let i = 0; i < text.length; i++) {
		const digit = text.charCodeAt(i) - 0x30;
		if (digit < 0 || digit > 9) return Number.NaN;
		value = value * 10 + digit;
	}
	return value;
}

/** Letters, digits, hyphens and dots (RFC 1123, 2.1): no path, user or bracket hides in it. */
function isHost(text: string): boolean {
	for (let i = 0; i < text.length; i++) {
		const code = text.charCodeAt(i) | 0x20;
		const letter = code >= 0x61 && code <= 0x7a;
		const other = "0123456789.-_".includes(text.charAt(i));
		if (!letter && !other) return false;
	}
	return true;
}

function isIpv4(text: string): boolean {
	const parts = text.split(".");
	if (parts.length !== 4) return false;
	for (let i = 0; i < 4; i++) if (!(decimal(parts[i]!) <= 255)) return false;
	return true;
}
