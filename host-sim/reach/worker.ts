// A process that carries out one job after the other, as its parent asks.

import { type Job, work } from "./jobs.js";
import { blowUp, type StormJob } from "./storm.js";

/** What a worker says: a result, or what broke. */
export type Reply = { readonly done: unknown } | { readonly broken: string };

process.on("message", (job: Job | StormJob) => {
	let reply: Reply;
	try {
		reply = { done: "deviceCount" in job ? blowUp(job) : work(job) };
	} catch (error) {
		reply = { broken: error instanceof Error ? (error.stack ?? error.message) : String(error) };
	}
	process.send!(reply);
});
