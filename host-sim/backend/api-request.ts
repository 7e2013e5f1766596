// One HTTP request below /api/clients/EP/, and the parts of it that every operation reads alike.

import type { Path } from "../../firmware/lwm2m/path.js";
import { formatNamed } from "./content.js";
import { HttpError } from "./http-error.js";
import { NodeError } from "./node-input.js";

/** An HTTP request as far as it matters here. */
export interface ApiRequest {
	readonly method: string;
	/** "3/0/9" or "3/0/9/observe". */
	readonly path: string;
	readonly query: Readonly<Record<string, unknown>>;
	readonly contentType: string;
	readonly body: string;
}

/** A path between two depths: 1 an object, 2 an instance, 3 a resource, 4 a resource instance. */
export function needs(path: Path, least: number, most: number, what: string): string {
	const depth = path.depth;
	if (depth >= least && depth <= most) return path.toString();
	const levels = ["an object", "an instance", "a resource", "a resource instance"];
	throw new HttpError(
		400,
		`Invalid request: ${what} needs the path of ${levels.slice(least - 1, most).join(" or ")}, not ${path}`,
	);
}

/** The content format that a query parameter names; undefined where it is not there. */
export function queryFormat(request: ApiRequest, parameter: string): number | undefined {
	const name = request.query[parameter];
	if (name === undefined) return undefined;
	const format = typeof name === "string" ? formatNamed(name) : undefined;
	if (format === undefined) throw new HttpError(400, `Invalid request: there is no content format ${String(name)}`);
	return format;
}

/** The body as a JSON object. */
export function parseJson(request: ApiRequest): object {
	try {
		const value: unknown = JSON.parse(request.body);
		if (typeof value === "object" && value !== null) return value;
	} catch {
		// told below
	}
	throw new HttpError(400, "Invalid request: the body is not a JSON object");
}

/** Runs a reading of the body; what is wrong with a node is a wrong request. */
export function refusing<T>(read: () => T): T {
	try {
		return read();
	} catch (error) {
		if (error instanceof NodeError) throw new HttpError(400, `Invalid request: ${error.message}`);
		throw error;
	}
}
