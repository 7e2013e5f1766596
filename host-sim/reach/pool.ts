// Several processes that work off one list.

import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Reply } from "./worker.js";

const WORKER = fileURLToPath(new URL("./worker.ts", import.meta.url));

/** Gives each job to a worker that is free; `handle` hears each reply. A worker that dies breaks its job. */
export async function workOff<J extends object>(
	jobs: readonly J[],
	count: number,
	handle: (job: J, reply: Reply) => void,
): Promise<void> {
	let next = 0;
	const one = async (): Promise<void> => {
		let worker: ChildProcess | undefined;
		while (next < jobs.length) {
			const job = jobs[next++]!;
			worker ??= fork(WORKER, { execArgv: ["--import", "tsx"], serialization: "advanced" });
			const reply = await ask(worker, job);
			if (reply === undefined) worker = undefined;
			handle(job, reply ?? { broken: "its process died" });
		}
		worker?.kill();
	};
	await Promise.all(Array.from({ length: Math.min(count, jobs.length) }, one));
}

function ask(worker: ChildProcess, job: object): Promise<Reply | undefined> {
	return new Promise((resolve) => {
		const handleExit = (): void => resolve(undefined);
		worker.once("exit", handleExit);
		worker.once("message", (reply: Reply) => {
			worker.removeListener("exit", handleExit);
			resolve(reply);
		});
		worker.send(job);
	});
}
