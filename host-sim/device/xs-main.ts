// The simulated device on XS, as node.ts is on Node. Arguments: endpoint name, server, lifetime, keepalive.

import UDP from "embedded:io/socket/udp";
import Resolver from "embedded:network/dns/resolver/udp";
import { exit, log, onTerminate, readArguments } from "pinhole/process";
import fill from "pinhole/random";
import Time from "time";
import Timer from "timer";
import type { AgentEvent } from "../../firmware/agent/agent.js";
import { CompressorDevice } from "../../firmware/examples/compressor-device.js";
import type { Provider } from "../../firmware/main.js";

const provider: Provider = {
	udp: { io: UDP },
	dns: { io: Resolver },
	timer: Timer,
	time: Time,
	random: {
		fill,
		uint32() {
			const word = new Uint8Array(4);
			fill(word);
			return new DataView(word.buffer).getUint32(0);
		},
	},
};

/** The last argument is "none" for no keepalive. */
const [endpointName = "", server = "", lifetimeSeconds, keepaliveMs] = readArguments();

let stopping = false;

const device = new CompressorDevice(
	provider,
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
