// From one HTTP request below /api/clients/EP/ to the operation that it asks for; pure, and refuses in clear words.

import { ContentFormat } from "../../firmware/coap/options.js";
import { Path } from "../../firmware/lwm2m/path.js";
import { type ApiRequest, needs, parseJson, queryFormat, refusing } from "./api-request.js";
import { planComposite } from "./composite-plan.js";
import { encodeContent, writeFormat } from "./content.js";
import { HttpError } from "./http-error.js";
import { fromNode, NodeError, type WriteEntry } from "./node-input.js";
import * as operations from "./operations.js";
import type { Registration } from "./registration.js";
import { resourceEntry } from "./registry.js";
import type { Asked } from "./render.js";
import { fromText } from "./text-input.js";

/** What is to be asked of the device, and how to understand its answer. */
export interface Plan {
	readonly asked: Asked;
	readonly path: string;
	/** Or to end the observation of the path: "forget" it without the device (passive cancellation), or "cancel" it. */
	readonly operation: operations.Operation | "forget" | "cancel";
}

/** The words that may follow a path. */
const VERBS: readonly string[] = ["observe", "discover", "attributes"];

/** Plans a request; throws an HttpError of 400. */
export function plan(request: ApiRequest, registration: Registration): Plan {
	const segments = request.path.split("/").filter((segment) => segment !== "");
	if (segments[0] === "composite") return planComposite(request, segments.slice(1).join("/"));
	const verb = VERBS.includes(segments.at(-1) ?? "") ? segments.pop()! : "";
	const path = new Path();
	if (!path.fromText(segments.map((segment) => `/${segment}`).join(""))) {
		throw new HttpError(400, `Invalid path: /${segments.join("/")} is not /OBJECT/INSTANCE/RESOURCE in numbers`);
	}
	const text = path.toString();
	const accept = queryFormat(request, "format");
	switch (`${request.method} ${verb}`) {
		case "GET ":
			return { asked: "read", path: text, operation: operations.read(needs(path, 1, 4, "Read"), accept) };
		case "GET discover":
			return { asked: "discover", path: text, operation: operations.discover(needs(path, 1, 3, "Discover")) };
		case "PUT ":
			return { asked: "other", path: text, operation: planWrite(request, registration, path) };
		case "PUT attributes":
			return {
				asked: "other",
				path: text,
				operation: operations.writeAttributes(needs(path, 1, 4, "Write-Attributes"), attributesOf(request)),
			};
		case "POST ":
			return planPost(request, registration, path);
		case "POST observe":
			return { asked: "read", path: text, operation: operations.observe(needs(path, 1, 4, "Observe"), accept) };
		case "DELETE ":
			return { asked: "other", path: text, operation: operations.remove(needs(path, 2, 4, "Delete")) };
		case "DELETE observe":
			return { asked: "read", path: text, operation: request.query.active === undefined ? "forget" : "cancel" };
		default:
			throw new HttpError(400, `Invalid path: ${request.method} knows no "${verb}"`);
	}
}

/** All query parameters but our own, as "pmin=10"; one without a value takes the attribute away. */
function attributesOf(request: ApiRequest): string[] {
	const query = Object.entries(request.query).filter(([name]) => name !== "timeout" && name !== "format");
	if (query.length === 0) throw new HttpError(400, "Invalid request: name an attribute, as in ?pmin=10");
	return query.map(([name, value]) => (value === "" ? name : `${name}=${String(value)}`));
}

function planWrite(request: ApiRequest, registration: Registration, path: Path): operations.Operation {
	const target = needs(path, 2, 4, "Write");
	const { replace } = request.query;
	const { contentFormat, payload } = encode(request, registration, path, path);
	return operations.write(target, replace !== "false", contentFormat, payload);
}

function planPost(request: ApiRequest, registration: Registration, path: Path): Plan {
	const text = path.toString();
	if (path.depth === 3) return { asked: "other", path: text, operation: operations.execute(text, request.body) };
	needs(path, 1, 2, "Create");
	// The new instance's number may stand in the URL or in the node; without one the device gives it.
	const object = new Path().set(path.objectId, -1, -1, -1);
	const named = path.depth === 2 || "id" in parseJson(request);
	const base = named ? object : new Path().set(path.objectId, 0, -1, -1);
	const { contentFormat, payload } = encode(request, registration, path, base, named ? undefined : ContentFormat.Tlv);
	return { asked: "create", path: text, operation: operations.create(object.toString(), contentFormat, payload) };
}

function encode(
	request: ApiRequest,
	registration: Registration,
	path: Path,
	base: Path,
	imposed?: number,
): { contentFormat: number; payload: Uint8Array } {
	const entries = entriesOf(request, path);
	const contentFormat = imposed ?? queryFormat(request, "format") ?? writeFormat(registration);
	const payload = encodeContent(base, entries, contentFormat);
	if (payload === undefined)
		throw new HttpError(400, `Invalid request: format ${contentFormat} cannot hold this value`);
	return { contentFormat, payload };
}

function entriesOf(request: ApiRequest, path: Path): WriteEntry[] {
	const type = request.contentType.split(";")[0]!.trim().toLowerCase();
	return refusing(() => {
		if (type === "application/json") return fromNode(path, parseJson(request));
		if (type !== "text/plain") throw new NodeError(`content type ${type === "" ? "(none)" : type} not supported`);
		if (path.depth < 3) throw new NodeError("a text can only be written to a resource");
		const known = resourceEntry(path.objectId, path.resourceId)?.type ?? "STRING";
		return fromNode(path, { id: path.resourceId, type: known, value: fromText(known, request.body) });
	});
}
