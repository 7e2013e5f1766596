// Read-Composite, Observe-Composite and Write-Composite (LwM2M Core, 6.3.8 to 6.3.10 and 6.4.3): many paths at once.

import { Code } from "../coap/codes.js";
import type { Message } from "../coap/endpoint.js";
import { ContentFormat, Option } from "../coap/options.js";
import type { Instant } from "../contract.js";
import type { Encoder, Entry } from "./formats/format.js";
import { decodeChanges, decodePaths, listsChanges, listsPaths } from "./formats/paths.js";
import { DEFERRED, type Handlers } from "./handlers.js";
import type { Model } from "./model.js";
import type { Path } from "./path.js";
import { read } from "./read.js";
import { isSecret } from "./registration-links.js";
import { applyEntries, checkEntry, checkRemoval, deleteResourceInstance } from "./write.js";

/** Fills in the paths that a FETCH names, ascending and none within another; gives 2.05, or why not. */
export function readPathList(message: Message, into: Path[]): number {
	const contentFormat = message.uint(Option.ContentFormat) ?? -1;
	if (!listsPaths(contentFormat)) return Code.UnsupportedContentFormat;
	const named: Path[] = [];
	if (message.payload === undefined || !decodePaths(contentFormat, message.payload, named)) return Code.BadRequest;
	named.sort(compare);
	for (let i = 0; i < named.length; i++) if (!isWithin(into, named[i]!)) into.push(named[i]!);
	return into.length > 0 ? Code.Content : Code.BadRequest;
}

/** What is asked for in another format than those with whole paths cannot be given: -1. */
export function compositeFormat(message: Message): number {
	const accept = message.uint(Option.Accept) ?? ContentFormat.SenmlCbor;
	const isWhole =
		accept === ContentFormat.SenmlCbor || accept === ContentFormat.SenmlJson || accept === ContentFormat.LwM2mCbor;
	return isWhole ? accept : -1;
}

/** Levels that are absent come first, so that what contains others stands before them. */
function compare(left: Path, right: Path): number {
	for (let level = 0; level < 4; level++) {
		const difference = left.at(level) - right.at(level);
		if (difference !== 0) return difference;
	}
	return 0;
}

function isWithin(paths: readonly Path[], path: Path): boolean {
	for (let i = 0; i < paths.length; i++) if (paths[i]!.contains(path)) return true;
	return false;
}

/** Reads each path; what is not there, or not to be seen, is left out. Gives 2.05, DEFERRED, or the code of a fault. */
export function readPaths(
	model: Model,
	handlers: Handlers,
	now: Instant,
	paths: readonly Path[],
	encoder: Encoder,
	at: Path,
): number {
	let answer: number = Code.NotFound;
	for (let i = 0; i < paths.length; i++) {
		if (isSecret(paths[i]!.objectId)) continue;
		const code = read(model, handlers, now, paths[i]!, encoder, at);
		if (code === Code.NotFound) continue;
		if (code !== Code.Content && code !== DEFERRED) return code;
		answer = Code.Content;
	}
	return handlers.deferral === undefined ? answer : DEFERRED;
}

/** Writes all that an iPATCH says, or nothing where any of it cannot be; gives 2.04, DEFERRED, or why not. */
export function writeComposite(model: Model, handlers: Handlers, message: Message): number {
	const contentFormat = message.uint(Option.ContentFormat) ?? -1;
	if (!listsChanges(contentFormat)) return Code.UnsupportedContentFormat;
	const entries: Entry[] = [];
	const removed: Path[] = [];
	const payload = message.payload;
	if (payload === undefined || !decodeChanges(contentFormat, payload, model, entries, removed)) return Code.BadRequest;
	const checked = check(model, entries, removed);
	if (checked !== Code.Changed) return checked;
	const code = apply(model, handlers, entries, removed);
	if (code !== DEFERRED) handlers.dropDeferral();
	return code;
}

function apply(model: Model, handlers: Handlers, entries: readonly Entry[], removed: readonly Path[]): number {
	let isDeferred = false;
	for (let i = 0; i < removed.length; i++) {
		const path = removed[i]!;
		const code = deleteResourceInstance(handlers, model.find(path.objectId, path.instanceId)!, path);
		if (code === DEFERRED) isDeferred = true;
		else if (code !== Code.Deleted) return code;
	}
	const code = applyEntries(model, handlers, undefined, entries, "update");
	return isDeferred && code === Code.Changed ? DEFERRED : code;
}

function check(model: Model, entries: readonly Entry[], removed: readonly Path[]): number {
	for (let i = 0; i < entries.length; i++) {
		const { objectId, instanceId } = entries[i]!;
		if (isSecret(objectId)) return Code.Unauthorized;
		const instance = model.find(objectId, instanceId);
		const code = instance === undefined ? Code.NotFound : checkEntry(instance, entries, i, "update");
		if (code !== Code.Changed) return code;
	}
	for (let i = 0; i < removed.length; i++) {
		const path = removed[i]!;
		if (isSecret(path.objectId)) return Code.Unauthorized;
		const code = checkRemoval(model.find(path.objectId, path.instanceId), path);
		if (code !== Code.Changed) return code;
		for (let j = 0; j < i; j++) if (compare(path, removed[j]!) === 0) return Code.BadRequest;
	}
	return Code.Changed;
}
