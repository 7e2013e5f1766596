// The simulated device on Node: the firmware's own modules, over Node's sockets.

import type { AgentEvent } from "../../firmware/agent/agent.js";
import type { TcpConstructor } from "../../firmware/io/ecma-419.js";
import { announceReady, createLogger, EXIT, Failure, runUntilStopped } from "../cli/shared.js";
import { nodeProvider } from "./provider.js";
import { SimulatedDevice, type SimulatedSettings } from "./simulated-device.js";
import { tlsConstructor } from "./tcp.js";

export interface DeviceSettings extends SimulatedSettings {
	readonly json: boolean;
	/** Certificates, in PEM, of which one must vouch for the server over TLS; the system's own if not given. */
	readonly trusted?: string | undefined;
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
	const device = startDevice(settings, onEvent);
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

function startDevice(settings: DeviceSettings, onEvent: (event: AgentEvent) => void): SimulatedDevice {
	try {
		return new SimulatedDevice("node", { ...nodeProvider, tls: { io: tlsFor(settings) } }, settings, onEvent);
	} catch (error) {
		throw new Failure(`The device cannot start, ${error instanceof Error ? error.message : error}.`, EXIT.fault);
	}
}

/**
 * Where the account has keys, OSCORE inside says who the server is, and TLS is but the wrapper that passes firewalls:
 * then whoever made the wrapper may be anybody, as an inspecting firewall is, unless certificates are given.
 */
function tlsFor({ credentials, trusted }: DeviceSettings): TcpConstructor {
	if (trusted !== undefined) return tlsConstructor({ ca: trusted });
	return tlsConstructor({ rejectUnauthorized: credentials === undefined });
}

/** The ready line, the same for both engines. */
export function announceDevice(settings: DeviceSettings, engine: "node" | "xs"): void {
	const { credentials, endpointName, server } = settings;
	const security = credentials === undefined ? " (NoSec)" : "";
	announceReady(
		settings.json,
		{ endpoint: endpointName, server, engine },
		`${endpointName} runs on ${engine} and registers at ${server}${security}`,
	);
}
