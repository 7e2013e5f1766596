// The simulated device on the XS engine: a child process that runs the firmware's bytecode on real sockets.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { EXIT, Failure, runUntilStopped } from "../cli/shared.js";
import { commandOnXs } from "../engine/run.js";
import { encodeHandover } from "./handover.js";
import { announceDevice, type DeviceSettings } from "./node.js";

/** Runs until SIGTERM or SIGINT, which the engine gets passed on; then it de-registers. Gives the exit code. */
export async function runXsDevice(settings: DeviceSettings): Promise<number> {
	const [program, ...words] = await commandOnXs("xs64", "host-sim/device/xs-main.ts").catch((error) => {
		throw new Failure(error instanceof Error ? error.message : String(error), EXIT.usage);
	});
	const child = spawn(program!, words, { stdio: ["pipe", "inherit", "inherit"] });
	child.stdin.on("error", () => {}); // it has ended, and its exit code says so
	child.stdin.end(`${encodeHandover(settings)}\n`);
	const exited = once(child, "exit").then(([code]) => code as number | null);
	const kill = (): void => void child.kill("SIGKILL");
	process.once("exit", kill);
	announceDevice(settings, "xs");
	const stopped = runUntilStopped(async () => {
		child.kill("SIGTERM");
		await exited;
	});
	const code = await Promise.race([exited, stopped]);
	process.off("exit", kill);
	return code ?? EXIT.fault;
}
