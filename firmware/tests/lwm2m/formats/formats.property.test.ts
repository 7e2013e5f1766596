import fc from "fast-check";
import { assert, suite } from "#suite";
import { limits } from "../../../limits.js";
import { decode } from "../../../lwm2m/formats/codec.js";
import type { Entry, Value, ValueType } from "../../../lwm2m/formats/format.js";
import { parsePath } from "../../../lwm2m/path.js";
import { fromHex, toHex } from "../../coap/hex.js";
import { decodeRows, encodeRows, type Row, typesOf } from "./entries.js";

const test = suite("lwm2m/formats");

const FORMATS = { text: 0, opaque: 42, cbor: 60, senmlCbor: 112, tlv: 11542 };

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

/** The resources of some instances of one object, in the order of a Read: each single, or with instances. */
const rows: fc.Arbitrary<Row[]> = fc
	.uniqueArray(fc.tuple(id, typed, fc.option(fc.uniqueArray(id, { minLength: 1, maxLength: 3 }))), {
		minLength: 1,
		maxLength: 6,
		selector: ([resourceId]) => resourceId,
	})
	.chain((resources) =>
		fc.uniqueArray(id, { minLength: 1, maxLength: 3 }).map((instances) =>
			instances.flatMap((instanceId) =>
				resources.flatMap(([resourceId, [type, value], several]): Row[] => {
					const path = `/3303/${instanceId}/${resourceId}`;
					if (several === null) return [[path, type, value]];
					return several.map((each) => [`${path}/${each}`, type, value]);
				}),
			),
		),
	);

/** -0 has no integer form, and text and TLV may lose its sign. */
function plain(list: readonly Row[] | undefined): unknown {
	return list?.map(([path, type, value]) => [
		path,
		type,
		value instanceof Uint8Array ? toHex(value) : value === 0 ? 0 : value,
	]);
}

for (const name of ["senmlCbor", "tlv"] as const)
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

const everyType = typesOf(
	(["string", "integer", "unsigned", "float", "boolean", "opaque", "time", "objectLink"] as const).map(
		(type, index) => [`/3/0/${index}`, type, 0] as const,
	),
);

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

for (const name of ["senmlCbor", "tlv"] as const)
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

test.run();
