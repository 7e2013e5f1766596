// Payloads as an enemy would send them: valid ones of every format, changed by chance.

import { encodeText } from "../../../bytes.js";
import type { Random } from "../../../contract.js";
import { decode } from "../../../lwm2m/formats/codec.js";
import type { Entry, TypeTable, ValueType } from "../../../lwm2m/formats/format.js";
import { decodeChanges, decodePaths, listsPaths } from "../../../lwm2m/formats/paths.js";
import { type Path, parsePath } from "../../../lwm2m/path.js";
import { fromHex } from "../../coap/hex.js";
import { examples } from "./examples.js";

/** What reaches the corners that the examples of the specification leave out. */
const corners: readonly (readonly [number, Uint8Array])[] = [
	[0, encodeText("-273.15e0")],
	[60, fromHex("7f61616162ff")],
	[60, fromHex("5f41014102ff")],
	[60, fromHex("c48221196ab3")],
	[60, fromHex("fb3fb999999999999a")],
	[110, encodeText('[{"bn":"/3/0/","bt":1e9,"bv":2,"bver":5,"n":"9","v":-1.5e-3,"t":-5,"x":{"a":[1,"\\u00e9"]}}]')],
	[
		110,
		encodeText(
			'[{"bn":"/3/0/"},{"n":"1","vd":"-_8A"},{"n":"2","vlo":"1:0"},{"n":"3","vb":true,"vs":"\\ud83c\\udf21"}]',
		),
	],
	[112, fromHex("82bf21652f332f302f22fb41d303a15b0010622005240a00613902f94d60ffa300613103636162630624")],
	[320, encodeText('[{"n":"/3/0/6/1","v":null},{"n":"/3/0/14","vs":"+02:00"}]')],
	[320, encodeText('[{"bn":"/4/0/","n":"0"},{"n":"1"}]')],
	[322, fromHex("82a200682f332f302f362f3102f6a200672f332f302f313403662b30323a3030")],
	[322, fromHex("81a100662f332f302f39")],
	[11542, fromHex("08000de4164441ac0000e3164543656c0701e4164442200000")],
	[11542, fromHex("88070842000ed842011388")],
	[11544, fromHex("bf9f0d181a01ff182aff")],
	[11544, fromHex("a1810da181181aa18101a18102c48220182d")],
	[11544, fromHex("a2830900017f61616162ff830900025f41014102ff")],
];

const TYPES: readonly (ValueType | undefined)[] = [
	"string",
	"integer",
	"unsigned",
	"float",
	"boolean",
	"opaque",
	"time",
	"objectLink",
	undefined,
];
const types: TypeTable = { typeOf: (_objectId, resourceId) => TYPES[resourceId % TYPES.length] };
const noTypes: TypeTable = { typeOf: () => undefined };
const bases = ["/", "/3", "/3/0", "/3/0/9", "/3/0/6/1", "/13"].map((text) => parsePath(text)!);

/** The formats that have a decoder. */
export const formats: readonly number[] = [0, 42, 60, 110, 112, 320, 322, 11542, 11544];

/** The valid payloads of a format. */
function corpusOf(contentFormat: number): Uint8Array[] {
	const corpus = corners.filter(([each]) => each === contentFormat).map(([, bytes]) => bytes);
	for (const [, each, , , hex] of examples) if (each === contentFormat) corpus.push(fromHex(hex.replace(/\s/g, "")));
	return corpus.length > 0 ? corpus : [fromHex("00ff")];
}

function below(random: Random, end: number): number {
	return random.uint32() % end;
}

/** A valid payload that was cut, joined with another, or had some bytes changed. */
function mutated(random: Random, corpus: readonly Uint8Array[]): Uint8Array {
	let bytes = corpus[below(random, corpus.length)]!.slice();
	if (below(random, 8) === 0) bytes = bytes.subarray(0, below(random, bytes.length + 1));
	if (below(random, 8) === 0) {
		const other = corpus[below(random, corpus.length)]!;
		const at = below(random, bytes.length + 1);
		const joined = new Uint8Array(bytes.length + other.length);
		joined.set(bytes.subarray(0, at));
		joined.set(other, at);
		joined.set(bytes.subarray(at), at + other.length);
		bytes = joined;
	}
	for (let left = below(random, 5); left > 0 && bytes.length > 0; left--) {
		const at = below(random, bytes.length);
		bytes[at] = below(random, 3) === 0 ? bytes[at]! ^ (1 << below(random, 8)) : below(random, 256);
	}
	return bytes;
}

/** Decodes so many mutated payloads; gives how many were taken, and the most results that one of them had. */
export function attack(random: Random, contentFormat: number, count: number): { taken: number; most: number } {
	const corpus = corpusOf(contentFormat);
	let taken = 0;
	let most = 0;
	for (let i = 0; i < count; i++) {
		const bytes = mutated(random, corpus);
		const into: Entry[] = [];
		const paths: Path[] = [];
		const table = below(random, 2) === 0 ? types : noTypes;
		const base = bases[below(random, bases.length)]!;
		const kind = below(random, 3);
		if (kind === 0 && listsPaths(contentFormat)) taken += Number(decodePaths(contentFormat, bytes, paths));
		else if (kind === 1) taken += Number(decodeChanges(contentFormat, bytes, table, into, paths));
		else taken += Number(decode(contentFormat, bytes, base, table, into));
		most = Math.max(most, into.length + paths.length);
	}
	return { taken, most };
}
