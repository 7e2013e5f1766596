// The settings of a simulated device as one line for the standard input of its process: what stands on a command line,
// every user of the machine can read.

import type { SimulatedSettings } from "./simulated-device.js";

/** What the device is told on the command line. */
export interface Handover extends SimulatedSettings {
	/** Certificates, in PEM, of which one must vouch for the server over TLS. */
	readonly trusted?: string | undefined;
}

/** JSON, bytes as arrays of numbers; null stands for no keepalive, nothing for one that is learned. */
export function encodeHandover(settings: Handover) {
	const { server, secondServer, endpointName, lifetimeSeconds, keepaliveMs, awakeSeconds, send, credentials, trusted } =
		settings;
	const account = { server, secondServer, lifetimeSeconds, keepaliveMs, awakeSeconds, credentials, trusted };
	return JSON.stringify({ endpointName, send, ...account }, (_name, value: unknown) =>
		value instanceof Uint8Array ? Array.from(value) : value === Number.POSITIVE_INFINITY ? null : value,
	);
}

/** The inverse of `encodeHandover`. */
export function decodeHandover(line: string): Handover {
	const settings = JSON.parse(line, (_name, value: unknown) =>
		Array.isArray(value) ? Uint8Array.from(value as number[]) : value,
	) as Handover;
	return (settings.keepaliveMs as unknown) === null ? { ...settings, keepaliveMs: Number.POSITIVE_INFINITY } : settings;
}
