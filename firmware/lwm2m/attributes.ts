// Attributes that a server has written to paths (LwM2M Core, 5.1.2, 6.3.4 and 7.3).

import { Code } from "../coap/codes.js";
import type { Message } from "../coap/endpoint.js";
import { Option } from "../coap/options.js";
import { limits } from "../limits.js";
import type { Model } from "./model.js";
import type { Resource } from "./object.js";
import { Path } from "./path.js";

/** Each attribute by its place in a set; in the order in which Discover shows them. */
export const Attribute = Object.freeze({
	/** Seconds between two notifications, at least and at most. */
	pmin: 0,
	pmax: 1,
	/** Thresholds whose crossing is told, and the change that is. */
	gt: 2,
	lt: 3,
	st: 4,
	/** Seconds between two evaluations, at least and at most. */
	epmin: 5,
	epmax: 6,
	/** 0: what falls to false is told, 1: what rises to true. */
	edge: 7,
	/** 1: notifications are confirmable. */
	con: 8,
	/** How many values to keep while the server is out of reach, in formats that hold times; else it is the newest. */
	hqmax: 9,
});

const NAMES: readonly string[] = Object.freeze(Object.keys(Attribute));

/** Values by Attribute. What is not set is a hole, for which XS keeps no slot: most sets have one or two. */
export type AttributeSet = (number | undefined)[];

/** What is set at one path. */
class Row extends Path {
	values: AttributeSet;

	constructor(path: Path, values: AttributeSet) {
		super();
		this.copy(path);
		this.values = values;
	}
}

/** One server's attributes: a bounded list, from which inheritance is worked out when it is asked for. */
export class Attributes {
	readonly #rows: Row[] = [];

	/** Carries out a Write-Attributes on a path that exists; gives 2.04, or why nothing was done. */
	write(path: Path, resource: Resource | undefined, message: Message): number {
		const old = this.own(path);
		const values: AttributeSet = [];
		if (old !== undefined) copyInto(values, old.values);
		if (!readAttributes(message, path, resource, values)) return Code.BadRequest;
		if (values.length === 0) {
			if (old !== undefined) this.#rows.splice(this.#rows.indexOf(old), 1);
		} else if (old !== undefined) old.values = values;
		else if (this.#rows.length >= limits.attributesCount) return Code.ServiceUnavailable;
		else this.#rows.push(new Row(path, values));
		return Code.Changed;
	}

	get isEmpty(): boolean {
		return this.#rows.length === 0;
	}

	/** What counts for a path: its own value, else that of the nearest level above it (5.1.2). */
	value(path: Path, attribute: number): number | undefined {
		for (let depth = this.#rows.length === 0 ? 0 : path.depth; depth > 0; depth--)
			for (let i = 0; i < this.#rows.length; i++) {
				const row = this.#rows[i]!;
				if (row.depth !== depth || !row.contains(path)) continue;
				const value = row.values[attribute];
				if (value !== undefined) return value;
			}
		return undefined;
	}

	/** As Discover shows them: ";pmin=10;pmax=60"; with those of the levels above where `inherited`. */
	text(path: Path, inherited: boolean): string {
		if (this.#rows.length === 0) return "";
		const own = this.own(path)?.values;
		let text = "";
		for (let attribute = 0; attribute < NAMES.length; attribute++) {
			const value = inherited ? this.value(path, attribute) : own?.[attribute];
			if (value !== undefined) text += `;${NAMES[attribute]}=${value}`;
		}
		return text;
	}

	/** Forgets what was set at instances that are no longer there: another one may come with the same id. */
	dropGone(model: Model): void {
		for (let i = this.#rows.length - 1; i >= 0; i--) {
			const { objectId, instanceId } = this.#rows[i]!;
			if (instanceId >= 0 && model.find(objectId, instanceId) === undefined) this.#rows.splice(i, 1);
		}
	}

	private own(path: Path): Row | undefined {
		for (let i = 0; i < this.#rows.length; i++) {
			const row = this.#rows[i]!;
			if (row.depth === path.depth && row.contains(path)) return row;
		}
		return undefined;
	}
}

/** Leaves holes where nothing is set, and no length when nothing is set at all. */
function copyInto(values: AttributeSet, from: AttributeSet): void {
	for (let i = 0; i < from.length; i++) if (from[i] !== undefined) values[i] = from[i];
}

/**
 * Reads `pmin=10&gt=20.5` from the query over what is set already; "pmin" and "pmin=" unset it. False: an attribute
 * that we do not know, that cannot stand at this path, or that contradicts another one.
 */
export function readAttributes(
	message: Message,
	path: Path,
	resource: Resource | undefined,
	values: AttributeSet,
): boolean {
	const count = message.count(Option.UriQuery);
	for (let i = 0; i < count; i++) {
		const query = message.text(Option.UriQuery, i) ?? "";
		const equals = query.indexOf("=");
		const attribute = NAMES.indexOf(equals < 0 ? query : query.slice(0, equals));
		if (attribute < 0) return false;
		if (equals < 0 || equals === query.length - 1) {
			values[attribute] = undefined;
			continue;
		}
		const value = parseNumber(query.slice(equals + 1));
		if (value === undefined || !isValid(attribute, value) || !canStand(attribute, path, resource)) return false;
		values[attribute] = value;
	}
	const set = values.slice();
	values.length = 0;
	copyInto(values, set);
	return areConsistent(values);
}

const MAXIMUM_PERIOD = 0xffffffff;

function isValid(attribute: number, value: number): boolean {
	switch (attribute) {
		case Attribute.gt:
		case Attribute.lt:
			return true;
		case Attribute.st:
			return value >= 0;
		case Attribute.edge:
		case Attribute.con:
			return value === 0 || value === 1;
		default:
			return Number.isInteger(value) && value >= 0 && value <= MAXIMUM_PERIOD;
	}
}

/** Thresholds are for what is a number, edges for what is a boolean (LwM2M Core, table 7.3-1). */
function canStand(attribute: number, path: Path, resource: Resource | undefined): boolean {
	if (attribute === Attribute.edge) return resource?.type === "boolean" && !resource.executable;
	if (attribute !== Attribute.gt && attribute !== Attribute.lt && attribute !== Attribute.st) return true;
	if (resource === undefined || (resource.multiple && path.depth < 4)) return false;
	return resource.type === "integer" || resource.type === "unsigned" || resource.type === "float";
}

/** LwM2M Core, 7.3: which values may stand together; a pmax of 0 is none. */
function areConsistent(values: AttributeSet): boolean {
	const { pmin, pmax, gt, lt, st, epmin, epmax } = Attribute;
	const low = values[lt];
	const high = values[gt];
	if (values[pmax] !== 0 && isAbove(values[pmin], values[pmax])) return false;
	if (values[epmin] !== undefined && isAbove(values[epmin] + 1, values[epmax])) return false;
	if (low === undefined || high === undefined) return true;
	return low + 2 * (values[st] ?? 0) < high;
}

function isAbove(left: number | undefined, right: number | undefined): boolean {
	return left !== undefined && right !== undefined && left > right;
}

/** Longer numbers are no measure of anything. */
const NUMBER_LENGTH = 24;

/** A decimal as LwM2M writes one: "-0.5", "1e3"; undefined for what Number() takes beyond that. */
function parseNumber(text: string): number | undefined {
	if (text.length > NUMBER_LENGTH) return undefined;
	for (let i = 0; i < text.length; i++) if (!NUMBER_CHARACTERS.includes(text.charAt(i))) return undefined;
	const value = Number(text);
	return Number.isFinite(value) ? value : undefined;
}

const NUMBER_CHARACTERS = "0123456789.-+eE";
