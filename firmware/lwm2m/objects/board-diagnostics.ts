import { defineObject } from "../object.js";

/** Board Diagnostics, ours, in the private range: what a maker asks when a board starts for no reason he knows. */
export const BoardDiagnostics = defineObject(33_100, "1.0", {
	/** Why this run started: "power-on", "restart", "watchdog", … */
	resetReason: { id: 0, operations: "R", type: "string", mandatory: true },
	/** What ended the run before it, where the board could record it: "memory full", "stack overflow", … */
	resetCause: { id: 1, operations: "R", type: "string" },
	/** Starts since the board was provisioned, this one included. */
	resetCount: { id: 2, operations: "R", type: "unsigned", mandatory: true },
	/** Of them those that nobody asked for: watchdog and brown-out. */
	faultCount: { id: 3, operations: "R", type: "unsigned", mandatory: true },
	/** The newest of those, as "watchdog: memory full"; it outlives a power cut. */
	lastFault: { id: 4, operations: "R", type: "string" },
	board: { id: 5, operations: "R", type: "string", mandatory: true },
	version: { id: 6, operations: "R", type: "string", mandatory: true },
	/** The commit that the image was made of. */
	commit: { id: 7, operations: "R", type: "string", mandatory: true },
	/** "debug", "instrumented", "release" or "test". */
	build: { id: 8, operations: "R", type: "string", mandatory: true },
	/** Test builds only. Ends this run as it says: "memory full", "stack overflow", "unhandled exception". */
	provokedFault: { id: 9, operations: "W", type: "string" },
});
