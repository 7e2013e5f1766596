// What a test build does when it is told to fail: the ends that no script can catch, as they would come by themselves.

import type { TimerModule } from "../io/ecma-419.js";
import type { Status } from "../lwm2m/object.js";

/** The answer leaves first. */
const DELAY_MS = 200;

/** Ends this run of the board soon; on an engine that has memory for all of it, by an exception. */
export function provokeFault(timer: TimerModule, fault: string): Status {
	switch (fault) {
		case "memory full":
			timer.set(fillMemory, DELAY_MS);
			return "changed";
		case "stack overflow":
			timer.set(descend, DELAY_MS);
			return "changed";
		case "unhandled exception":
			timer.set(fail, DELAY_MS);
			return "changed";
		default:
			return "bad-request";
	}
}

function fillMemory(): void {
	const kept: Uint8Array[] = [];
	for (;;) kept.push(new Uint8Array(4096));
}

function descend(): number {
	return 1 + descend();
}

function fail(): void {
	throw new Error("provoked");
}
