// The simulated device on XS, as node.ts is on Node. Arguments: endpoint name, server, lifetime, keepalive.

import { exit, log, onTerminate, readArguments } from "pinhole/process";
import type { AgentEvent } from "../../firmware/agent/agent.js";
import { CompressorDevice } from "../../firmware/examples/compressor-device.js";
import { xsProvider } from "./xs-provider.js";

/** The last argument is "none" for no keepalive. */
const [endpointName = "", server = "", lifetimeSeconds, keepaliveMs] = readArguments();

let stopping = false;

const device = new CompressorDevice(
	xsProvider,
	{
		endpointName,
		server,
		lifetimeSeconds: Number(lifetimeSeconds),
		keepaliveMs: keepaliveMs === "none" ? Number.POSITIVE_INFINITY : Number(keepaliveMs),
	},
	(event: AgentEvent) => {
		log(`${endpointName}: ${event.kind}${event.detail === "" ? "" : ` ${event.detail}`}`);
		// A server that executes Disable (/1/0/4) makes a device de-register, too; that one comes back.
		if (stopping && event.kind === "deregistered") exit(0);
	},
);

onTerminate(() => {
	stopping = true;
	device.stop();
});
