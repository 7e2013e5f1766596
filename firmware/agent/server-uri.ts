// The LwM2M Server URI (/0/x/0), as far as this device can follow it.

/** Where a server is; `host` is a name or an IPv4 address. */
export interface ServerUri {
	readonly host: string;
	readonly port: number;
	/** True when `host` needs no name resolution. */
	readonly numeric: boolean;
}

/** RFC 7252, 6.1. */
const COAP_PORT = 5683;
const SCHEME = "coap://";

/**
 * Parses "coap://host[:port]". Anything else, also coaps:// and coap+tcp:// which are not built yet, is an error whose
 * message says what to write instead.
 */
export function parseServerUri(text: string): ServerUri {
	if (!text.startsWith(SCHEME)) throw new RangeError(`server URI "${text}" must start with ${SCHEME}`);
	let authority = text.slice(SCHEME.length);
	if (authority.endsWith("/")) authority = authority.slice(0, -1);
	const colon = authority.indexOf(":");
	const host = colon < 0 ? authority : authority.slice(0, colon);
	const port = colon < 0 ? COAP_PORT : decimal(authority.slice(colon + 1));
	if (host === "" || !isHost(host) || !(port >= 1 && port <= 65535)) {
		throw new RangeError(`server URI "${text}" must be ${SCHEME}HOST or ${SCHEME}HOST:PORT (IPv4 or a name)`);
	}
	return { host, port, numeric: isIpv4(host) };
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
