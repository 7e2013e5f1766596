// Why a run ended that nobody wanted to end, in the words and numbers that a back end gets.

import type { BoardDevice } from "../io/board.js";
import { CAUSE_LENGTH, ErrorCode } from "./constants.js";

/** The error code (/3/0/11) of a start; ErrorCode.None where somebody wanted it, or nobody can know. */
export function errorCodeOf({ reason, cause }: BoardDevice["reset"]): number {
	if (reason === "brown-out") return ErrorCode.ExternalPowerSupplyOff;
	if (reason !== "watchdog") return ErrorCode.None;
	if (cause === undefined) return ErrorCode.Watchdog;
	if (cause.startsWith("memory full")) return ErrorCode.OutOfMemory;
	if (cause.startsWith("stack overflow")) return ErrorCode.StackOverflow;
	return cause.startsWith("unhandled") ? ErrorCode.UnhandledException : ErrorCode.Watchdog;
}

/** "watchdog: memory full" */
export function describeReset({ reason, cause }: BoardDevice["reset"]): string {
	return cause === undefined ? reason : `${reason}: ${cause.slice(0, CAUSE_LENGTH)}`;
}
