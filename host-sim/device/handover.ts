// The settings of a simulated device as one line for the standard input of its process: what stands on a command line,
// every user of the machine can read.

import type { SimulatedSettings } from "./simulated-device.js";

/** JSON, bytes as arrays of numbers; null stands for no keepalive, nothing for one that is learned. */
export function encodeHandover(settings: SimulatedSettings) {
	const { server, secondServer, endpointName, lifetimeSeconds, keepaliveMs, awakeSeconds, send, credentials } =
		settings;
	const members = { server, secondServer, endpointName, lifetimeSeconds, keepaliveMs, awakeSeconds, send, credentials };
	return JSON.stringify(members, (_name, value: unknown) =>
		value instanceof Uint8Array ? Array.from(value) : value === Number.POSITIVE_INFINITY ? null : value,
	);
}

/** The inverse of `encodeHandover`. */
export function decodeHandover(line: string): SimulatedSettings {
	const settings = JSON.parse(line, (_name, value: unknown) =>
		Array.isArray(value) ? Uint8Array.from(value as number[]) : value,
	) as SimulatedSettings;
	return (settings.keepaliveMs as unknown) === null ? { ...settings, keepaliveMs: Number.POSITIVE_INFINITY } : settings;
}
