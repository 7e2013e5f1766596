// The verb `devices`: who is registered.

import { connect, type Options, operatorOptions, print } from "./operator.js";
import type { Cli } from "./shared.js";
import { table } from "./table.js";

/** Adds the verb `devices`. */
export function registerDevices(cli: Cli): void {
	operatorOptions(cli.command("devices", "List the registered devices"))
		.example("  $ pinhole devices")
		.example("  $ pinhole devices --json")
		.action(run);
}

async function run(options: Options): Promise<void> {
	const devices = await connect(options).devices();
	if (options.json === true) print(JSON.stringify(devices));
	else if (devices.length === 0) print("No device is registered.");
	else print(table([HEADINGS, ...devices.map(toRow)]));
}

const HEADINGS = ["ENDPOINT", "ADDRESS", "PRESENCE", "LAST HEARD", "LIFETIME", "LWM2M", "OBJECTS"];

function toRow(device: Readonly<Record<string, unknown>>): string[] {
	const objects = Object.entries(device.availableInstances as Record<string, number[]>);
	return [
		String(device.endpoint),
		String(device.address),
		presence(device),
		`${heardSecondsAgo(device)} s ago`,
		`${String(device.lifetime)} s`,
		String(device.lwM2mVersion),
		objects
			.map(([objectId, instances]) => (instances.length === 1 ? objectId : `${objectId}(${instances.length})`))
			.join(" "),
	];
}

/** "connected", "stream", or "window, asleep, 2 wait"; a server of another maker tells no mode. */
function presence(device: Readonly<Record<string, unknown>>): string {
	const mode = device.presence ?? (device.queuemode === true ? "window" : "connected");
	if (device.sleeping === undefined) return String(mode);
	const waiting = Number(device.waiting ?? 0);
	return `${mode}, ${device.sleeping === true ? "asleep" : "awake"}${waiting === 0 ? "" : `, ${waiting} wait`}`;
}

function heardSecondsAgo(device: Readonly<Record<string, unknown>>): number {
	return Math.max(0, Math.round((Date.now() - Number(device.lastUpdate)) / 1000));
}
