// From one HTTP request below /api/clients/EP/composite to the operation that it asks for.

import { listsChanges, listsPaths } from "../../firmware/lwm2m/formats/paths.js";
import { type Path, parsePath } from "../../firmware/lwm2m/path.js";
import { type ApiRequest, needs, parseJson, queryFormat, refusing } from "./api-request.js";
import { COMPOSITE_FORMAT, type Composite, compositeName } from "./composite.js";
import { encodeChanges } from "./content.js";
import { HttpError } from "./http-error.js";
import { fromNode, type WriteEntry } from "./node-input.js";
import * as operations from "./operations.js";
import type { Plan } from "./plan.js";

/** Paths of one request: their names fit one datagram. */
const PATH_COUNT = 32;

/** Plans a composite request; `verb` is "" or "observe". Throws an HttpError of 400. */
export function planComposite(request: ApiRequest, verb: string): Plan {
	const what = `${request.method} ${verb}`;
	if (what === "PUT ") return planWrite(request);
	const composite = compositeOf(request);
	const path = compositeName(composite.paths);
	const accept = queryFormat(request, "nodeformat") ?? COMPOSITE_FORMAT;
	switch (what) {
		case "GET ":
			return { asked: "read", path, operation: operations.readComposite(composite, accept) };
		case "POST observe":
			return { asked: "read", path, operation: operations.observeComposite(composite, accept) };
		case "DELETE observe":
			return { asked: "read", path, operation: request.query.active === undefined ? "forget" : "cancel" };
		default:
			throw new HttpError(400, `Invalid path: ${request.method} knows no "composite/${verb}"`);
	}
}

function compositeOf(request: ApiRequest): Composite {
	const { paths } = request.query;
	if (typeof paths !== "string" || paths === "") {
		throw new HttpError(400, "Invalid request: name the paths, as in ?paths=/3/0/0,/1");
	}
	const list = paths.split(",").map((text) => toPath(text).toString());
	if (list.length > PATH_COUNT) throw new HttpError(400, `Invalid request: more than ${PATH_COUNT} paths`);
	const pathFormat = queryFormat(request, "pathformat") ?? COMPOSITE_FORMAT;
	if (!listsPaths(pathFormat)) throw new HttpError(400, `Invalid request: format ${pathFormat} cannot list paths`);
	return { paths: list, pathFormat };
}

/** The body holds a node for each path: `{"/3/0/14": {…}}`. */
function planWrite(request: ApiRequest): Plan {
	const nodes = Object.entries(parseJson(request)) as [string, unknown][];
	if (nodes.length === 0) throw new HttpError(400, "Invalid request: there is nothing to write");
	const paths = nodes.map(([text]) => needs(toPath(text), 2, 4, "Write-Composite"));
	const entries = refusing(() => nodes.flatMap(([text, node]) => fromNode(toPath(text), node)));
	const contentFormat = queryFormat(request, "nodeformat") ?? COMPOSITE_FORMAT;
	const payload = listsChanges(contentFormat) ? encodeChanges(entries.sort(ascending), contentFormat) : undefined;
	if (payload === undefined) {
		throw new HttpError(400, `Invalid request: format ${contentFormat} cannot hold these values`);
	}
	const operation = operations.writeComposite(paths, contentFormat, payload);
	return { asked: "other", path: operation.path, operation };
}

function toPath(text: string): Path {
	const path = parsePath(text.startsWith("/") ? text : `/${text}`);
	if (path === undefined) {
		throw new HttpError(400, `Invalid path: ${text} is not /OBJECT/INSTANCE/RESOURCE in numbers`);
	}
	return path;
}

function ascending({ path: left }: WriteEntry, { path: right }: WriteEntry): number {
	let difference = 0;
	for (let level = 0; level < 4 && difference === 0; level++) difference = left.at(level) - right.at(level);
	return difference;
}
