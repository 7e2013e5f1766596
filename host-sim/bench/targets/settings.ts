// What the measured device is told, on either engine.

import type { SimulatedSettings } from "../../device/simulated-device.js";

/** A device that registers at a port of this machine and then only answers. */
export function benchSettings(port: string): SimulatedSettings {
	return {
		server: `coap://127.0.0.1:${port}`,
		endpointName: "bench",
		lifetimeSeconds: 86_400,
		keepaliveMs: Number.POSITIVE_INFINITY,
	};
}
