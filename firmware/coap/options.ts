// The option registry as data (RFC 7252, 5.10; RFC 7641, 7959, 7967, 8613, 8768, 9175) and its rules.

export const Option = Object.freeze({
	IfMatch: 1,
	UriHost: 3,
	ETag: 4,
	IfNoneMatch: 5,
	Observe: 6,
	UriPort: 7,
	LocationPath: 8,
	Oscore: 9,
	UriPath: 11,
	ContentFormat: 12,
	MaxAge: 14,
	UriQuery: 15,
	HopLimit: 16,
	Accept: 17,
	LocationQuery: 20,
	Block2: 23,
	Block1: 27,
	Size2: 28,
	ProxyUri: 35,
	ProxyScheme: 39,
	Size1: 60,
	Echo: 252,
	NoResponse: 258,
	RequestTag: 292,
	/** Ours, for experiments: elective, safe to forward, no part of a cache key (docs/reach-extension.md). */
	Reach: 65020,
});

/** Content-Format numbers (RFC 7252, 12.3; RFC 8428; RFC 8790; OMA LwM2M). */
export const ContentFormat = Object.freeze({
	Text: 0,
	LinkFormat: 40,
	Opaque: 42,
	Cbor: 60,
	SenmlJson: 110,
	SenmlCbor: 112,
	SenmlEtchJson: 320,
	SenmlEtchCbor: 322,
	Tlv: 11542,
	LwM2mJson: 11543,
	LwM2mCbor: 11544,
});

export type OptionFormat = "empty" | "opaque" | "uint" | "string";

/** One row of the registry; whether an option is critical is the parity of its number (RFC 7252, 5.4.6). */
export interface OptionRow {
	readonly number: number;
	readonly name: string;
	readonly format: OptionFormat;
	readonly minimum: number;
	readonly maximum: number;
	readonly repeatable: boolean;
	/** Where our endpoint acts on it: an option that is critical and not listed for its message is a Bad Option. */
	readonly understood: "requests" | "responses" | "both" | "nowhere";
}

function row(
	number: number,
	name: string,
	format: OptionFormat,
	minimum: number,
	maximum: number,
	repeatable: boolean,
	understood: OptionRow["understood"],
): OptionRow {
	return Object.freeze({ number, name, format, minimum, maximum, repeatable, understood });
}

export const OPTIONS: readonly OptionRow[] = Object.freeze([
	row(Option.IfMatch, "If-Match", "opaque", 0, 8, true, "requests"),
	row(Option.UriHost, "Uri-Host", "string", 1, 255, false, "requests"),
	row(Option.ETag, "ETag", "opaque", 1, 8, true, "responses"),
	row(Option.IfNoneMatch, "If-None-Match", "empty", 0, 0, false, "requests"),
	row(Option.Observe, "Observe", "uint", 0, 3, false, "both"),
	row(Option.UriPort, "Uri-Port", "uint", 0, 2, false, "requests"),
	row(Option.LocationPath, "Location-Path", "string", 0, 255, true, "responses"),
	row(Option.Oscore, "OSCORE", "opaque", 0, 255, false, "nowhere"),
	row(Option.UriPath, "Uri-Path", "string", 0, 255, true, "requests"),
	row(Option.ContentFormat, "Content-Format", "uint", 0, 2, false, "both"),
	row(Option.MaxAge, "Max-Age", "uint", 0, 4, false, "responses"),
	row(Option.UriQuery, "Uri-Query", "string", 0, 255, true, "requests"),
	row(Option.HopLimit, "Hop-Limit", "uint", 1, 1, false, "requests"),
	row(Option.Accept, "Accept", "uint", 0, 2, false, "requests"),
	row(Option.LocationQuery, "Location-Query", "string", 0, 255, true, "responses"),
	row(Option.Block2, "Block2", "uint", 0, 3, false, "both"),
	row(Option.Block1, "Block1", "uint", 0, 3, false, "both"),
	row(Option.Size2, "Size2", "uint", 0, 4, false, "both"),
	row(Option.ProxyUri, "Proxy-Uri", "string", 1, 1034, false, "nowhere"),
	row(Option.ProxyScheme, "Proxy-Scheme", "string", 1, 255, false, "nowhere"),
	row(Option.Size1, "Size1", "uint", 0, 4, false, "both"),
	row(Option.Echo, "Echo", "opaque", 1, 40, false, "responses"),
	row(Option.NoResponse, "No-Response", "uint", 0, 1, false, "requests"),
	row(Option.RequestTag, "Request-Tag", "opaque", 0, 8, true, "requests"),
	row(Option.Reach, "Reach", "opaque", 0, 16, false, "both"),
]);

const BY_NUMBER: ReadonlyMap<number, OptionRow> = new Map(OPTIONS.map((row) => [row.number, row]));

/** The row of an option, undefined for a number we do not know. */
export function optionRow(number: number): OptionRow | undefined {
	return BY_NUMBER.get(number);
}

/** RFC 7252, 5.4.1: what is critical must be understood, what is elective is ignored. */
export function isCritical(number: number): boolean {
	return (number & 1) === 1;
}

/** RFC 7252, 5.4.2: what a proxy that does not understand it must not forward. */
export function isUnsafe(number: number): boolean {
	return (number & 2) === 2;
}

/** RFC 7252, 5.4.6: options that are no part of the cache key, so that requests differing in them ask for the same. */
export function isNoCacheKey(number: number): boolean {
	return (number & 0x1e) === 0x1c;
}
