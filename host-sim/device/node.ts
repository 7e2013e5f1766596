// The simulated device on Node: the firmware's own modules, over Node's sockets.

import type { AgentEvent } from "../../firmware/agent/agent.js";
import { CompressorDevice, type CompressorSettings } from "../../firmware/examples/compressor-device.js";
import { announceReady, createLogger, runUntilStopped } from "../cli/shared.js";
import { nodeProvider } from "./provider.js";

export interface DeviceSettings extends CompressorSettings {
	readonly json: boolean;
}

/** Runs until SIGTERM or SIGINT; then it de-registers. Gives the exit code. */
export function runNodeDevice(settings: DeviceSettings): Promise<number> {
	const log = createLogger("info");
	// Heard only while stopping: a server's Disable (/1/0/4) makes a device de-register, too, and that one comes back.
	let deregistered = (): void => {};
	const onEvent = (event: AgentEvent): void => {
		log.info(settings.endpointName, event.kind, event.detail);
		if (event.kind === "deregistered") deregistered();
	};
	const device = new CompressorDevice(nodeProvider, settings, onEvent);
	announceDevice(settings, "node");
	return runUntilStopped(async () => {
		const gone = new Promise<void>((resolve) => {
			deregistered = resolve;
		});
		device.stop();
		await gone;
		device.close();
	});
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
