import fc from "fast-check";
import { assert, suite } from "#suite";
import { limits } from "../../../limits.js";
import { decode } from "../../../lwm2m/formats/codec.js";
import type { Entry, Value, ValueType } from "../../../lwm2m/formats/format.js";
import { changesEncoderFor, decodeChanges, decodePaths, encodePaths } from "../../../lwm2m/formats/paths.js";
import { type Path, parsePath } from "../../../lwm2m/path.js";
import { fromHex, toHex } from "../../coap/hex.js";
import { decodeRows, encodeRows, pathOf, type Row, typesOf } from "./entries.js";

const test = suite("lwm2m/formats");

const FORMATS = { text: 0, opaque: 42, cbor: 60, senmlJson: 110, senmlCbor: 112, tlv: 11542, lwm2mCbor: 11544 };
const OF_MANY = ["senmlJson", "senmlCbor", "tlv", "lwm2mCbor"] as const;
const COMPOSITE = [110, 112, 320, 322, 11544];

const id = fc.oneof(fc.nat(9), fc.integer({ min: 0, max: 65534 }));
const safe = fc.maxSafeInteger();

/** A type and a value of it. */
const typed: fc.Arbitrary<readonly [ValueType, Value]> = fc.oneof(
	fc.string({ unit: "grapheme" }).map((value) => ["string", value] as const),
	safe.map((value) => ["integer", value] as const),
	safe.map((value) => ["unsigned", Math.abs(value)] as const),
	safe.map((value) => ["time", value] as const),
	fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => ["float", value] as const),
	fc.float({ noNaN: true, noDefaultInfinity: true }).map((value) => ["float", value] as const),
	fc.boolean().map((value) => ["boolean", value] as const),
	fc.uint8Array().map((value) => ["opaque", value] as const),
	fc.tuple(id, id).map(([object, instance]) => ["objectLink", `${object}:${instance}`] as const),
);

function ascending(left: number, right: number): number {
	return left - right;
}

/** The resources of some instances of one object, in the order of a Read: each single, or with instances. */
const rows: fc.Arbitrary<Row[]> = fc
	.uniqueArray(fc.tuple(id, typed, fc.option(fc.uniqueArray(id, { minLength: 1, maxLength: 3 }))), {
		minLength: 1,
		maxLength: 6,
		selector: ([resourceId]) => resourceId,
	})
	.chain((unordered) =>
		fc.uniqueArray(id, { minLength: 1, maxLength: 3 }).map((instances) => {
			const resources = unordered.sort(([left], [right]) => ascending(left, right));
			return instances.sort(ascending).flatMap((instanceId) =>
				resources.flatMap(([resourceId, [type, value], several]): Row[] => {
					const path = `/3303/${instanceId}/${resourceId}`;
					if (several === null) return [[path, type, value]];
					return several.sort(ascending).map((each) => [`${path}/${each}`, type, value]);
				}),
			);
		}),
	);

/** -0 has no integer form, and text and TLV may lose its sign. */
function plain(list: readonly Row[] | undefined): unknown {
	return list?.map(([path, type, value]) => [
		path,
		type,
		value instanceof Uint8Array ? toHex(value) : value === 0 ? 0 : value,
	]);
}

const everyType = typesOf(
	(["string", "integer", "unsigned", "float", "boolean", "opaque", "time", "objectLink"] as const).map(
		(type, index) => [`/3/0/${index}`, type, 0] as const,
	),
);

for (const name of OF_MANY)
	test(`${name}: any values of an object survive`, () => {
		fc.assert(
			fc.property(rows, (list) => {
				const hex = encodeRows(FORMATS[name], "/3303", list, 65536);
				assert.equal(plain(decodeRows(FORMATS[name], "/3303", hex, list)), plain(list));
			}),
		);
	});

for (const name of ["text", "cbor"] as const)
	test(`${name}: any value survives`, () => {
		fc.assert(
			fc.property(typed, ([type, value]) => {
				const row: Row = ["/1/2/3", type, value];
				const hex = encodeRows(FORMATS[name], "/1/2/3", [row]);
				assert.equal(plain(decodeRows(FORMATS[name], "/1/2/3", hex, [row])), plain([row]));
			}),
		);
	});

for (const [name, contentFormat] of Object.entries(FORMATS))
	test(`${name}: bytes of chance give a bounded result or none`, () => {
		fc.assert(
			fc.property(
				fc.uint8Array({ maxLength: 200 }),
				fc.constantFrom("/3", "/3/0", "/3/0/1", "/3/0/2/3"),
				(bytes, base) => {
					const entries: Entry[] = [];
					decode(contentFormat, bytes, parsePath(base)!, everyType, entries);
					assert.ok(entries.length <= limits.entryCount);
				},
			),
			{ numRuns: 2000 },
		);
	});

for (const name of OF_MANY)
	test(`${name}: a payload with some bytes changed gives a bounded result or none`, () => {
		fc.assert(
			fc.property(rows, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }), (list, changes) => {
				const bytes = fromHex(encodeRows(FORMATS[name], "/3303", list, 65536));
				for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
				const entries: Entry[] = [];
				decode(FORMATS[name], bytes, parsePath("/3303")!, typesOf(list), entries);
				for (const { objectId } of entries) assert.is(objectId, 3303);
			}),
		);
	});

test("lists of paths survive", () => {
	const path = fc.array(id, { maxLength: 4 }).map((ids) => parsePath(`/${ids.join("/")}`)!);
	fc.assert(
		fc.property(fc.constantFrom(110, 112, 320, 322), fc.array(path, { maxLength: 64 }), (contentFormat, paths) => {
			const into: Path[] = [];
			assert.ok(decodePaths(contentFormat, encodePaths(contentFormat, paths, new Uint8Array(4096))!, into));
			assert.equal(into.map(String), paths.map(String));
		}),
	);
});

test("changes survive", () => {
	fc.assert(
		fc.property(fc.constantFrom(...COMPOSITE), rows, fc.nat(), (contentFormat, list, removal) => {
			const encoder = changesEncoderFor(contentFormat, new Uint8Array(65536))!;
			// Plain SenML has no null.
			const removes = (index: number) => contentFormat > 112 && ((removal >> (index % 30)) & 1) === 1;
			for (const [index, [path, type, value]] of list.entries())
				if (removes(index)) encoder.remove(parsePath(path)!);
				else encoder.add(parsePath(path)!, type, value);
			const into: Entry[] = [];
			const removed: Path[] = [];
			assert.ok(decodeChanges(contentFormat, encoder.finish()!, typesOf(list), into, removed));
			assert.equal(
				plain(into.map((entry) => [pathOf(entry), entry.type, entry.value])),
				plain(list.filter((_, index) => !removes(index))),
			);
			assert.equal(
				removed.map(String),
				list.filter((_, index) => removes(index)).map(([path]) => path),
			);
		}),
	);
});

test("composite payloads with some bytes changed give a bounded result or none", () => {
	const change = fc.tuple(fc.nat(), fc.nat(255));
	fc.assert(
		fc.property(
			fc.constantFrom(...COMPOSITE),
			rows,
			fc.array(change, { minLength: 1, maxLength: 4 }),
			fc.nat(),
			(contentFormat, list, bytesChanged, cut) => {
				const encoder = changesEncoderFor(contentFormat, new Uint8Array(65536))!;
				for (const [path, type, value] of list) encoder.add(parsePath(path)!, type, value);
				const valid = encoder.finish()!;
				for (const [at, byte] of bytesChanged) valid[at % valid.length] = byte;
				const bytes = cut % 3 === 0 ? valid.subarray(0, cut % valid.length) : valid;
				const into: Entry[] = [];
				const paths: Path[] = [];
				decodeChanges(contentFormat, bytes, everyType, into, paths);
				decodePaths(contentFormat, bytes, paths);
				assert.ok(into.length <= limits.entryCount && paths.length <= 2 * limits.entryCount);
			},
		),
		{ numRuns: 500 },
	);
});

test.run();
