// Link format (RFC 6690) as a back end meets it: object lists and answers to Discover. Read here by code of its own, so
// that a mistake of the device's encoder does not meet its twin.

/** One link; an attribute keeps its text as written, quotation marks included, and is null where it has no value. */
export interface Link {
	readonly url: string;
	readonly attributes: Readonly<Record<string, string | null>>;
}

/** A list of links, undefined where it is ill-formed. */
export function parseLinks(text: string): Link[] | undefined {
	const links: Link[] = [];
	let at = 0;
	while (at < text.length) {
		const end = text.indexOf(">", at);
		if (text[at] !== "<" || end < 0) return undefined;
		const attributes: Record<string, string | null> = {};
		const url = text.slice(at + 1, end);
		at = end + 1;
		while (text[at] === ";") {
			ATTRIBUTE.lastIndex = at;
			const match = ATTRIBUTE.exec(text);
			if (match === null || match[1] === "__proto__") return undefined;
			attributes[match[1]!] = match[2] ?? null;
			at = ATTRIBUTE.lastIndex;
		}
		links.push({ url, attributes });
		if (at < text.length && text[at++] !== ",") return undefined;
	}
	return links;
}

/** `;name`, `;name=token` or `;name="quoted text"`. */
const ATTRIBUTE = /;([^=;,"<>\s]+)(?:=("(?:[^"\\]|\\.)*"|[^",;<>\s]*))?/y;

/** The path under which a device keeps its objects: "/" unless its list says otherwise. */
export function rootPath(links: readonly Link[]): string {
	return links.find((link) => link.attributes.rt === '"oma.lwm2m"')?.url ?? "/";
}

/** The object instances that a list names, by object ID, in ascending order. */
export function instancesOf(links: readonly Link[], root: string): Record<string, number[]> {
	const prefix = root === "/" ? "" : root;
	const instances: Record<string, number[]> = {};
	for (const { url } of links) {
		const match = url.startsWith(prefix) ? /^\/(\d+)\/(\d+)$/.exec(url.slice(prefix.length)) : null;
		if (match === null) continue;
		const list = [...(instances[match[1]!] ?? []), Number(match[2])];
		instances[match[1]!] = list.sort((left, right) => left - right);
	}
	return instances;
}
