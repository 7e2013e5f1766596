// The operations of a server towards a device as CoAP requests (LwM2M Core 1.2, 6.3 and 6.4; LwM2M Transport, 6.4.4).

import { encodeText } from "../../firmware/bytes.js";
import { Code } from "../../firmware/coap/codes.js";
import { ContentFormat } from "../../firmware/coap/options.js";
import { type Composite, compositeName } from "./composite.js";
import { encodeComposite } from "./content.js";

/** An operation on a path of the device; the rest of a request is the core's business. */
export interface Operation {
	readonly code: number;
	/** For a composite operation the name that its paths make. */
	readonly path: string;
	/** Of a composite operation, which goes to the root: what it names. */
	readonly composite: Composite | undefined;
	readonly query: readonly string[];
	readonly contentFormat: number | undefined;
	readonly accept: number | undefined;
	readonly observe: 0 | 1 | undefined;
	readonly payload: Uint8Array | undefined;
}

const plain: Operation = {
	code: Code.Get,
	path: "",
	composite: undefined,
	query: [],
	contentFormat: undefined,
	accept: undefined,
	observe: undefined,
	payload: undefined,
};

/** Read; without a format the device chooses. */
export function read(path: string, accept: number | undefined): Operation {
	return { ...plain, path, accept };
}

/** Write: PUT replaces, POST updates a part (6.3.3). */
export function write(path: string, replace: boolean, contentFormat: number, payload: Uint8Array): Operation {
	return { ...plain, code: replace ? Code.Put : Code.Post, path, contentFormat, payload };
}

/** Execute, with an argument list as text. */
export function execute(path: string, argument: string): Operation {
	const given = argument === "" ? {} : { contentFormat: ContentFormat.Text, payload: encodeText(argument) };
	return { ...plain, code: Code.Post, path, ...given };
}

/** Create an instance of an object. */
export function create(path: string, contentFormat: number, payload: Uint8Array): Operation {
	return { ...plain, code: Code.Post, path, contentFormat, payload };
}

/** Delete an object instance. */
export function remove(path: string): Operation {
	return { ...plain, code: Code.Delete, path };
}

/** Discover what is below a path, and with which attributes. */
export function discover(path: string): Operation {
	return { ...plain, path, accept: ContentFormat.LinkFormat };
}

/** Write-Attributes: entries as "pmin=10", or "pmin" to take one away. */
export function writeAttributes(path: string, query: readonly string[]): Operation {
	return { ...plain, code: Code.Put, path, query };
}

/** Observe: notifications follow until it is cancelled. */
export function observe(path: string, accept: number | undefined): Operation {
	return { ...plain, path, accept, observe: 0 };
}

/** Read-Composite: several paths at once (6.3.10). */
export function readComposite(composite: Composite, accept: number | undefined): Operation {
	const { paths, pathFormat } = composite;
	return {
		...plain,
		code: Code.Fetch,
		path: compositeName(paths),
		composite,
		accept,
		contentFormat: pathFormat,
		payload: encodeComposite(composite),
	};
}

/** Write-Composite: several values at once, all of them or none (6.3.11). */
export function writeComposite(paths: readonly string[], contentFormat: number, payload: Uint8Array): Operation {
	const composite: Composite = { paths, pathFormat: contentFormat };
	return { ...plain, code: Code.IPatch, path: compositeName(paths), composite, contentFormat, payload };
}

/** Observe-Composite (6.4.4). */
export function observeComposite(composite: Composite, accept: number | undefined): Operation {
	return { ...readComposite(composite, accept), observe: 0 };
}

/** What an observation was asked for by, or would be cancelled by. */
export interface Observed {
	readonly path: string;
	readonly composite: Composite | undefined;
	readonly accept: number | undefined;
}

/** Asks for an observation that there has been. */
export function observeAgain({ path, composite, accept }: Observed): Operation {
	return composite === undefined ? observe(path, accept) : observeComposite(composite, accept);
}

/** Cancel an observation by asking the device (active cancellation). */
export function cancel(observed: Observed): Operation {
	return { ...observeAgain(observed), observe: 1 };
}

/** Cancel the observation of a path. */
export function cancelObservation(path: string, accept: number | undefined): Operation {
	return cancel({ path, composite: undefined, accept });
}
