// CoRE links (content format 40, RFC 6690): what a device registers and what Discover answers.

/** One link: `</3/0>;ver=1.2;pmin=10`. An attribute without a value is there with "". */
export interface Link {
	readonly target: string;
	readonly attributes: Readonly<Record<string, string>>;
}

/** Writes links as one payload; values that are no plain token go in quotes. */
export function writeLinks(links: readonly Link[]): string {
	let text = "";
	for (let i = 0; i < links.length; i++) {
		const { target, attributes } = links[i]!;
		text += `${i === 0 ? "" : ","}<${target}>`;
		for (const name of Object.keys(attributes)) text += writeAttribute(name, attributes[name]!);
	}
	return text;
}

function writeAttribute(name: string, value: string): string {
	if (value === "") return `;${name}`;
	return isToken(value) ? `;${name}=${value}` : `;${name}="${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

function isToken(value: string): boolean {
	for (let i = 0; i < value.length; i++) if (' ",;<>\\='.includes(value[i]!)) return false;
	return true;
}

/** Reads at most `maximum` links; undefined when the text is malformed or holds more. */
export function readLinks(text: string, maximum: number): Link[] | undefined {
	const links: Link[] = [];
	const cursor = new Cursor(text);
	if (text === "") return links;
	do {
		if (links.length >= maximum || !cursor.take("<")) return undefined;
		const target = cursor.until(">");
		if (!cursor.take(">")) return undefined;
		const attributes = readAttributes(cursor);
		if (attributes === undefined) return undefined;
		links.push({ target, attributes });
	} while (cursor.take(","));
	return cursor.atEnd ? links : undefined;
}

function readAttributes(cursor: Cursor): Record<string, string> | undefined {
	const attributes: Record<string, string> = {};
	while (cursor.take(";")) {
		const name = cursor.until("=;,");
		if (name === "" || name === "__proto__") return undefined;
		const value = cursor.take("=") ? readAttributeValue(cursor) : "";
		if (value === undefined) return undefined;
		attributes[name] = value;
	}
	return attributes;
}

function readAttributeValue(cursor: Cursor): string | undefined {
	if (!cursor.take('"')) return cursor.until(";,");
	let value = "";
	for (;;) {
		value += cursor.until('"\\');
		if (cursor.take('"')) return value;
		if (!cursor.take("\\") || cursor.atEnd) return undefined;
		value += cursor.next();
	}
}

class Cursor {
	readonly #text: string;
	#at = 0;

	constructor(text: string) {
		this.#text = text;
	}

	get atEnd(): boolean {
		return this.#at >= this.#text.length;
	}

	take(character: string): boolean {
		if (this.#text[this.#at] !== character) return false;
		this.#at++;
		return true;
	}

	next(): string {
		return this.#text[this.#at++]!;
	}

	/** What stands before the next of some characters, or before the end. */
	until(stops: string): string {
		const start = this.#at;
		while (!this.atEnd && !stops.includes(this.#text[this.#at]!)) this.#at++;
		return this.#text.slice(start, this.#at);
	}
}
