// Attributes that a server has written to paths (LwM2M Core, 5.1.2 and 6.3.4): pmin and pmax today.

import { Code } from "../coap/codes.js";
import type { Message } from "../coap/endpoint.js";
import { Option } from "../coap/options.js";
import { limits } from "../limits.js";
import { Path } from "./path.js";

/** Periods in seconds; -1: not set here. */
export interface Periods {
	minimum: number;
	maximum: number;
}

/** What Write-Attributes says of a period that it does not mention. */
const KEEP = -2;
const UNSET = -1;
const MAXIMUM_PERIOD = 0xffffffff;

/** What is set at one path. */
class Row extends Path implements Periods {
	minimum: number;
	maximum: number;

	constructor(path: Path, minimum: number, maximum: number) {
		super();
		this.copy(path);
		this.minimum = minimum;
		this.maximum = maximum;
	}
}

/** One server's attributes: a bounded list, from which inheritance is worked out when it is asked for. */
export class Attributes {
	readonly #rows: Row[] = [];

	/** Carries out a Write-Attributes on a path that exists; gives 2.04, or why nothing was done. */
	write(path: Path, message: Message): number {
		const change = { minimum: KEEP, maximum: KEEP };
		if (!readPeriods(message, change)) return Code.BadRequest;
		const old = this.own(path);
		const minimum = change.minimum === KEEP ? (old?.minimum ?? UNSET) : change.minimum;
		const maximum = change.maximum === KEEP ? (old?.maximum ?? UNSET) : change.maximum;
		if (minimum > maximum && maximum > 0) return Code.BadRequest;
		if (old !== undefined) {
			old.minimum = minimum;
			old.maximum = maximum;
		} else if (this.#rows.length >= limits.attributesCount) return Code.ServiceUnavailable;
		else this.#rows.push(new Row(path, minimum, maximum));
		this.dropEmpty();
		return Code.Changed;
	}

	/** Fills in what is still unset from the path itself, then from the levels above it (5.1.2: the nearest counts). */
	inherit(path: Path, into: Periods): void {
		if (this.#rows.length === 0) return;
		for (let depth = path.depth; depth > 0; depth--)
			for (let i = 0; i < this.#rows.length; i++) {
				const row = this.#rows[i]!;
				if (row.depth !== depth || !row.contains(path)) continue;
				if (into.minimum < 0) into.minimum = row.minimum;
				if (into.maximum < 0) into.maximum = row.maximum;
			}
	}

	/** As Discover shows them: ";pmin=10;pmax=60"; with those of the levels above where `inherited`. */
	text(path: Path, inherited: boolean): string {
		const periods = { minimum: UNSET, maximum: UNSET };
		if (inherited) this.inherit(path, periods);
		const { minimum, maximum } = inherited ? periods : (this.own(path) ?? periods);
		return (minimum < 0 ? "" : `;pmin=${minimum}`) + (maximum < 0 ? "" : `;pmax=${maximum}`);
	}

	private own(path: Path): Periods | undefined {
		for (let i = 0; i < this.#rows.length; i++) {
			const row = this.#rows[i]!;
			if (row.depth === path.depth && row.contains(path)) return row;
		}
		return undefined;
	}

	private dropEmpty(): void {
		for (let i = this.#rows.length - 1; i >= 0; i--) {
			const { minimum, maximum } = this.#rows[i]!;
			if (minimum === UNSET && maximum === UNSET) this.#rows.splice(i, 1);
		}
	}
}

/** Reads `pmin=10&pmax=60` from the query; "pmin" and "pmin=" unset it. False: an attribute that we do not know. */
export function readPeriods(message: Message, into: Periods): boolean {
	const count = message.count(Option.UriQuery);
	for (let i = 0; i < count; i++) {
		const query = message.text(Option.UriQuery, i) ?? "";
		const equals = query.indexOf("=");
		const name = equals < 0 ? query : query.slice(0, equals);
		const seconds = equals < 0 || equals === query.length - 1 ? UNSET : parseSeconds(query, equals + 1);
		if (seconds === undefined) return false;
		if (name === "pmin") into.minimum = seconds;
		else if (name === "pmax") into.maximum = seconds;
		else return false;
	}
	return true;
}

function parseSeconds(text: string, start: number): number | undefined {
	if (text.length - start > 10) return undefined;
	let value = 0;
	for (let i = start; i < text.length; i++) {
		const digit = text.charCodeAt(i) - 0x30;
		if (digit < 0 || digit > 9) return undefined;
		value = value * 10 + digit;
	}
	return value <= MAXIMUM_PERIOD ? value : undefined;
}
