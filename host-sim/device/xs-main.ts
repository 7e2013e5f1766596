// The simulated device on XS, as node.ts is on Node. Its settings are the first line of standard input.

import { exit, log, onLine, onTerminate } from "pinhole/process";
import Timer from "timer";
import type { AgentEvent } from "../../firmware/agent/agent.js";
import { decodeHandover } from "./handover.js";
import { SimulatedDevice } from "./simulated-device.js";
import { xsProviderFor } from "./xs-provider.js";

/** As EXIT of the command line has it. */
const EXIT_FAULT = 70;

let device: SimulatedDevice | undefined;
let stopping = false;

function start(line: string): SimulatedDevice {
	const settings = decodeHandover(line);
	const { endpointName } = settings;
	return new SimulatedDevice("xs", xsProviderFor(settings), settings, ({ kind, detail }: AgentEvent) => {
		log(`${endpointName}: ${kind}${detail === "" ? "" : ` ${detail}`}`);
		// A server that executes Disable (/1/0/4) makes a device de-register, too; that one comes back. What the event came
		// with, such as a Release, still leaves.
		if (stopping && kind === "deregistered") Timer.set(() => exit(0), 0);
	});
}

onLine((line) => {
	if (line === undefined || device !== undefined) return;
	try {
		device = start(line);
	} catch (error) {
		log(String(error));
		exit(EXIT_FAULT);
	}
});

onTerminate(() => {
	if (device === undefined) exit(0);
	stopping = true;
	device.stop();
});
