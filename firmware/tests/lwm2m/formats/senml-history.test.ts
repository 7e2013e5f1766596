import { assert, suite } from "#suite";
import { decodeText } from "../../../bytes.js";
import { ContentFormat } from "../../../coap/options.js";
import { decode, encoderFor } from "../../../lwm2m/formats/codec.js";
import type { Entry, TypeTable } from "../../../lwm2m/formats/format.js";
import { holdsTimes, joinPacks } from "../../../lwm2m/formats/senml-history.js";
import { Path, parsePath } from "../../../lwm2m/path.js";
import { toHex } from "../../coap/hex.js";

const test = suite("lwm2m/formats/senml-history");

const untyped: TypeTable = { typeOf: () => undefined };
const FORMATS = [ContentFormat.SenmlCbor, ContentFormat.SenmlJson];

/** A pack as the device writes it. */
function pack(format: number, base: string, values: Readonly<Record<string, number>>): Uint8Array {
	const encoder = encoderFor(format, new Uint8Array(256), parsePath(base) ?? new Path())!;
	for (const [path, value] of Object.entries(values)) encoder.add(parsePath(path)!, "float", value);
	return encoder.finish()!;
}

/** What a server reads: "path value time". */
function read(format: number, bytes: Uint8Array): string[] {
	const entries: Entry[] = [];
	assert.ok(decode(format, bytes, new Path(), untyped, entries));
	return entries.map(
		({ objectId, instanceId, resourceId, value, time }) => `/${objectId}/${instanceId}/${resourceId} ${value} ${time}`,
	);
}

const TIMES = [1_700_000_000, 1_700_000_000.25, -2.5] as const;

for (const format of FORMATS) {
	test(`${format}: a resource at three times`, () => {
		const packs = TIMES.map((time, i) => ({
			time,
			bytes: pack(format, "/3303/0/5700", { "/3303/0/5700": 20 + i / 2 }),
		}));
		assert.equal(
			read(format, joinPacks(format, packs)),
			TIMES.map((time, i) => `/3303/0/5700 ${20 + i / 2} ${time}`),
		);
	});

	test(`${format}: an instance at two times, all of its records at the same one`, () => {
		const values = { "/3303/0/5601": 1, "/3303/0/5700": 2 };
		const packs = [5, 6].map((time) => ({ time: -time, bytes: pack(format, "/3303/0", values) }));
		assert.equal(read(format, joinPacks(format, packs)), [
			"/3303/0/5601 1 -5",
			"/3303/0/5700 2 -5",
			"/3303/0/5601 1 -6",
			"/3303/0/5700 2 -6",
		]);
	});

	test(`${format}: paths from the root, as Observe-Composite has them`, () => {
		const packs = [{ time: -1, bytes: pack(format, "/", { "/3/0/9": 50, "/3303/0/5700": 2 }) }];
		assert.equal(read(format, joinPacks(format, packs)), ["/3/0/9 50 -1", "/3303/0/5700 2 -1"]);
	});

	test(`${format}: more records than fit the shortest head, and empty packs between`, () => {
		const packs = Array.from({ length: 60 }, (_, i) => ({
			time: -i,
			bytes: i % 2 === 1 ? pack(format, "/3", {}) : pack(format, "/3303/0/5700", { "/3303/0/5700": i }),
		}));
		assert.is(read(format, joinPacks(format, packs)).length, 30);
		assert.equal(read(format, joinPacks(format, [{ time: 0, bytes: new Uint8Array(0) }])), []);
	});
}

test("the base time comes first, as bytes", () => {
	const values = { "/3303/0/5700": 21.5 };
	const json = joinPacks(ContentFormat.SenmlJson, [
		{ time: -90, bytes: pack(ContentFormat.SenmlJson, "/3303", values) },
	]);
	assert.is(decodeText(json, 0, json.length), '[{"bt":-90,"bn":"/3303/","n":"0/5700","v":21.5}]');
	const cbor = joinPacks(ContentFormat.SenmlCbor, [{ time: -90, bytes: pack(ContentFormat.SenmlCbor, "/", values) }]);
	assert.is(toHex(cbor), "81a3223859006c2f333330332f302f3537303002fa41ac0000");
});

test("only SenML has times", () => {
	for (const [name, format] of Object.entries(ContentFormat))
		assert.is(holdsTimes(format), name === "SenmlCbor" || name === "SenmlJson");
});

test.run();
