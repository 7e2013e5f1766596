// What is measured: each target is a process of its own that sends a first datagram to its line.

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { missingFor } from "../engine/build.js";
import { commandOnXs } from "../engine/run.js";
import { Line } from "./line.js";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** On a first run the engine may have to be built. */
const START_MS = 120_000;

export interface Target {
	readonly name: string;
	/** Why it cannot run here. */
	missing(): string | undefined;
	/** The command line that starts it. */
	command(port: string): Promise<readonly string[]>;
}

/** All targets; the first is the floor to which the others are compared. */
export const TARGETS: readonly Target[] = [
	onNode("UDP echo on Node", "echo.ts"),
	onNode("Pinhole on Node", "device-node.ts"),
	{
		name: "Pinhole on XS",
		missing: () => missingFor("xs64"),
		command: (port) => commandOnXs("xs64", "host-sim/bench/targets/device-xs.ts", { args: [port], lines: false }),
	},
	onNode("npm coap", "npm-coap.ts"),
	onNode("npm lwm2m-node-lib", "lwm2m-node-lib.ts", () =>
		existsSync(`${ROOT}interop/lwm2m-node-lib/node_modules/lwm2m-node-lib`)
			? undefined
			: "not installed; `npm run test:interop` does it",
	),
];

function onNode(name: string, file: string, missing: Target["missing"] = () => undefined): Target {
	const words = [process.execPath, "--no-warnings", "--import", "tsx", `${HERE}targets/${file}`];
	return { name, missing, command: async (port) => [...words, port] };
}

/** A target that runs, registered and observed. */
export interface Running {
	readonly line: Line;
	stop(): void;
}

/** Starts a target; throws when it ends or stays silent instead. */
export async function start({ name, command }: Target): Promise<Running> {
	const line = await Line.open();
	const [program, ...words] = await command(String(line.port));
	const child = spawn(program!, words, { cwd: ROOT, stdio: ["ignore", "ignore", "inherit"] });
	const kill = (): void => void child.kill("SIGKILL");
	process.once("exit", kill);
	const stop = (): void => {
		process.off("exit", kill);
		kill();
		line.close();
	};
	try {
		await metOrEnded(line, child);
		await line.prepare();
		return { line, stop };
	} catch (error) {
		stop();
		throw new Error(`${name}: ${(error as Error).message}`, { cause: error });
	}
}

async function metOrEnded(line: Line, child: ChildProcess): Promise<void> {
	let alarm: NodeJS.Timeout | undefined;
	const failed = new Promise<never>((_, reject) => {
		child.once("error", reject);
		child.once("exit", (code) => reject(new Error(`it ended with code ${code}`)));
		alarm = setTimeout(() => reject(new Error("it sent no first datagram")), START_MS);
	});
	failed.catch(() => {});
	await Promise.race([line.met, failed]).finally(() => clearTimeout(alarm));
}
