// SenML-ETCH (content formats 320 and 322; RFC 8790): what a composite operation asks for, and what it changes.

import { limits } from "../../limits.js";
import { Path } from "../path.js";
import type { Entry, TypeTable } from "./format.js";
import type { SenmlPack } from "./senml.js";

/** Reads a Fetch Pack: each record is a name. False when it is malformed. */
export function readFetch(pack: SenmlPack, into: Path[]): boolean {
	while (pack.next()) {
		const name = pack.baseName + pack.name;
		const path = new Path();
		// RFC 8790, 3.1: a time would choose among several values of one name; a device has but one.
		if (name === "" || pack.time !== undefined) return false;
		if (!path.fromText(name) || into.length >= limits.entryCount) return false;
		into.push(path);
	}
	return pack.complete;
}

/** Reads a Patch Pack: each record is a value, or with null the removal of one. False when it is malformed. */
export function readPatch(pack: SenmlPack, types: TypeTable, into: Entry[], removed: Path[]): boolean {
	const path = new Path();
	while (pack.next()) {
		if (!path.fromText(pack.baseName + pack.name) || path.depth < 3) return false;
		if (into.length + removed.length >= limits.entryCount) return false;
		if (pack.value === null) {
			removed.push(new Path().copy(path));
			continue;
		}
		// RFC 8790, 3.2: a record without a value is invalid, and with it the whole pack.
		const entry = pack.settle(path, types);
		if (entry === undefined) return false;
		into.push(entry);
	}
	return pack.complete;
}
