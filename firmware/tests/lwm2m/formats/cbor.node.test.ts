// Another CBOR than ours, npm's cborg, reads what we write and writes what we read.

import { decode, encode } from "cborg";
import fc from "fast-check";
import { assert, suite } from "#suite";
import type { Value, ValueType } from "../../../lwm2m/formats/format.js";
import { parsePath } from "../../../lwm2m/path.js";
import { fromHex, toHex } from "../../coap/hex.js";
import { decodeRows, encodeRows, type Row } from "./entries.js";

const test = suite("lwm2m/formats/cborg");

const CBOR = 60;
const SENML_CBOR = 112;
const LWM2M_CBOR = 11544;

const LABELS: Readonly<Record<ValueType, number | string>> = {
	string: 3,
	integer: 2,
	unsigned: 2,
	float: 2,
	boolean: 4,
	opaque: 8,
	time: 2,
	objectLink: "vlo",
};

const id = fc.oneof(fc.nat(30), fc.integer({ min: 0, max: 65534 }));

const typed: fc.Arbitrary<readonly [ValueType, Value]> = fc.oneof(
	fc.string({ unit: "grapheme", maxLength: 300 }).map((value) => ["string", value] as const),
	fc.maxSafeInteger().map((value) => ["integer", value] as const),
	fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => ["float", value] as const),
	fc.float({ noNaN: true, noDefaultInfinity: true }).map((value) => ["float", value] as const),
	fc.boolean().map((value) => ["boolean", value] as const),
	fc.uint8Array({ maxLength: 300 }).map((value) => ["opaque", value] as const),
	fc.tuple(id, id).map(([object, instance]) => ["objectLink", `${object}:${instance}`] as const),
);

/** Values anywhere: resources with an even id are single, those with an odd one have instances. */
const rows: fc.Arbitrary<Row[]> = fc
	.uniqueArray(fc.tuple(id, id, id, id), {
		minLength: 1,
		maxLength: 40,
		selector: ([objectId, instanceId, resourceId, resourceInstanceId]) =>
			[objectId, instanceId, resourceId, resourceId % 2 === 0 ? "" : resourceInstanceId].join("/"),
	})
	.chain((paths) =>
		fc.array(typed, { minLength: paths.length, maxLength: paths.length }).map((values) =>
			paths
				.sort((left, right) => left.map((each, level) => each - right[level]!).find((difference) => difference) ?? 0)
				.map((path, index): Row => {
					const levels = path[2] % 2 === 0 ? path.slice(0, 3) : path;
					return [`/${levels.join("/")}`, ...values[index]!];
				}),
		),
	);

/** As it comes back from cborg: a whole float is a number like any other, -0 has no integer form. */
function plain(value: unknown): unknown {
	if (value instanceof Uint8Array) return toHex(value);
	return typeof value === "number" || typeof value === "bigint" ? Number(value) + 0 : value;
}

/** The leaves of nested maps, whose keys are identifiers or arrays of them, as "/3/0/9" and value. */
function leaves(map: Map<unknown, unknown>, above: string): [string, unknown][] {
	return [...map].flatMap(([key, value]): [string, unknown][] => {
		const path = `${above}/${[key].flat().join("/")}`;
		return value instanceof Map ? leaves(value, path) : [[path, plain(value)]];
	});
}

test("cborg reads our CBOR", () => {
	fc.assert(
		fc.property(typed, ([type, value]) => {
			const bytes = fromHex(encodeRows(CBOR, "/1/2/3", [["/1/2/3", type, value]]));
			assert.is(plain(decode(bytes)), plain(value));
		}),
	);
});

test("we read cborg's CBOR", () => {
	fc.assert(
		fc.property(typed, ([type, value]) => {
			const row: Row = ["/1/2/3", type, value];
			const read = decodeRows(CBOR, row[0], toHex(encode(value)), [row]);
			assert.is(plain(read?.[0]?.[2]), plain(value));
		}),
	);
});

test("cborg reads our LwM2M CBOR, strictly", () => {
	fc.assert(
		fc.property(rows, fc.nat(3), (list, depth) => {
			const base = list[0]![0]
				.split("/")
				.slice(0, depth + 1)
				.join("/");
			const below = list.filter(([path]) => parsePath(base)!.contains(parsePath(path)!));
			const bytes = fromHex(encodeRows(LWM2M_CBOR, base, below, 65536));
			const map = decode(bytes, { useMaps: true, rejectDuplicateMapKeys: true, strict: true });
			assert.equal(
				leaves(map as Map<unknown, unknown>, ""),
				below.map(([path, , value]) => [path, plain(value)]),
			);
		}),
	);
});

/** Rows as maps in which the levels of a path are parted into keys by chance. */
function nest(list: readonly Row[], partings: number): Map<unknown, unknown> {
	const root = new Map<unknown, unknown>();
	const known = new Map<string, Map<unknown, unknown>>([["", root]]);
	for (const [text, , value] of list) {
		const ids = text.slice(1).split("/").map(Number);
		let map = root;
		let start = 0;
		let name = "";
		for (let level = 1; level <= ids.length; level++) {
			const isLast = level === ids.length;
			if (!isLast && ((partings >> level) & 1) === 0) continue;
			const part = ids.slice(start, level);
			const key = part.length === 1 && (partings & 1) === 0 ? part[0] : part;
			name += `|${part.join("/")}`;
			start = level;
			const inner: Map<unknown, unknown> = known.get(name) ?? new Map();
			if (isLast) map.set(key, value);
			else if (!known.has(name)) map.set(key, inner);
			known.set(name, inner);
			map = inner;
		}
	}
	return root;
}

test("we read cborg's LwM2M CBOR, however keys are parted", () => {
	fc.assert(
		fc.property(rows, fc.nat(15), (list, partings) => {
			const hex = toHex(encode(nest(list, partings), { mapSorter: () => 0 }));
			const read = decodeRows(LWM2M_CBOR, "/", hex, []);
			const sorted = (pairs: readonly (readonly [string, unknown])[]) => pairs.map(String).sort();
			assert.equal(
				sorted(read?.map(([path, , value]) => [path, plain(value)] as const) ?? []),
				sorted(list.map(([path, , value]) => [path, plain(value)] as const)),
			);
		}),
	);
});

test("cborg reads our SenML-CBOR", () => {
	fc.assert(
		fc.property(rows, (list) => {
			const records = decode(fromHex(encodeRows(SENML_CBOR, "/", list, 65536)), { useMaps: true, strict: true });
			assert.equal(
				(records as Map<unknown, unknown>[]).map((record) => [...record].map(([key, value]) => [key, plain(value)])),
				list.map(([path, type, value]) => [
					[0, path],
					[LABELS[type], plain(value)],
				]),
			);
		}),
	);
});

test("we read cborg's SenML-CBOR", () => {
	fc.assert(
		fc.property(rows, fc.boolean(), (list, unit) => {
			const records = list.map(([path, type, value]) => {
				const fields: [unknown, unknown][] = [
					[-2, path],
					[LABELS[type], value],
				];
				return new Map(unit ? [...fields, [1, "Cel"], ["extension", { a: [1, null, "x"] }]] : fields);
			});
			const hex = toHex(encode(records));
			const read = decodeRows(SENML_CBOR, "/", hex, []);
			assert.equal(
				read?.map(([path, , value]) => [path, plain(value)]),
				list.map(([path, , value]) => [path, plain(value)]),
			);
		}),
	);
});

test.run();
