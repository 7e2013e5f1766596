// The simulated device on Node: the firmware's own modules, over Node's sockets.

import type { AgentEvent } from "../../firmware/agent/agent.js";
import { CompressorDevice, type CompressorSettings } from "../../firmware/examples/compressor-device.js";
import { announceReady, createLogger, runUntilStopped, UsageError } from "../cli/shared.js";
import { nodeProvider } from "./provider.js";

export interface DeviceSettings extends CompressorSettings {
	readonly json: boolean;
}

/** Runs until SIGTERM or SIGINT; then it de-registers. Gives the exit code. */
export function runNodeDevice(settings: DeviceSettings): Promise<number> {
	const log = createLogger("info");
	let deregistered = (): void => {};
	const gone = new Promise<void>((resolve) => {
		deregistered = resolve;
	});
	const onEvent = (event: AgentEvent): void => {
		log.info(settings.endpointName, event.kind, event.detail);
		if (event.kind === "deregistered") deregistered();
	};
	const device = start(settings, onEvent);
	announceDevice(settings, "node");
	return runUntilStopped(async () => {
		device.stop();
		await gone;
		device.close();
	});
}

function start(settings: DeviceSettings, onEvent: (event: AgentEvent) => void): CompressorDevice {
	try {
		return new CompressorDevice(nodeProvider, settings, onEvent);
	} catch (error) {
		if (error instanceof RangeError) throw new UsageError(`${error.message}.`);
		throw error;
	}
}

/** The ready line, the same for both engines. */
export function announceDevice(settings: DeviceSettings, engine: "node" | "xs"): void {
	const { endpointName, server } = settings;
	announceReady(
		settings.json,
		{ endpoint: endpointName, server, engine },
		`${endpointName} runs on ${engine} and registers at ${server}`,
	);
}
