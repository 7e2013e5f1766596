import { Code } from "../coap/codes.js";
import type { Status } from "./object.js";

/** The CoAP code of each status of a handler. */
const CODES: Readonly<Record<Status, number>> = Object.freeze({
	changed: Code.Changed,
	"bad-request": Code.BadRequest,
	unauthorized: Code.Unauthorized,
	"not-found": Code.NotFound,
	"method-not-allowed": Code.MethodNotAllowed,
	"not-acceptable": Code.NotAcceptable,
	"internal-error": Code.InternalServerError,
});

export function codeOf(status: Status): number {
	return CODES[status];
}

/** Whether what a handler returned is a Status. */
export function isStatus(value: unknown): value is Status {
	return typeof value === "string" && Object.hasOwn(CODES, value);
}
