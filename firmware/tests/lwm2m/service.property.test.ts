import fc from "fast-check";
import { assert, suite } from "#suite";
import { encodeText } from "../../bytes.js";
import { Code, codeText } from "../../coap/codes.js";
import { limits } from "../../limits.js";
import { ascii, fromHex, toHex } from "../coap/hex.js";
import { type Ask, Bench } from "./bench.js";
import { Cabinet, machine } from "./machine.js";

const test = suite("lwm2m/service: whatever a server sends");

const TLV = 11542;

const path = fc.oneof(
	fc.constantFrom("/", "/0/0/0", "/1/0/1", "/1/0/8", "/3", "/3/0", "/3/0/6", "/3/0/6/1", "/3/0/13", "/3303/0/5700"),
	fc.constantFrom("/3306/0", "/3306/0/5850", "/42", "/42/0", "/42/0/2", "/42/0/3", "/42/0/3/1", "/42/0/4", "/42/0/6"),
	fc.array(fc.integer({ min: 0, max: 65535 }), { maxLength: 5 }).map((ids) => `/${ids.join("/")}`),
	fc.string().map((text) => `/${text}`),
);

/** In SenML-CBOR and SenML-JSON: names, values and a null; LwM2M-CBOR. */
const COMPOSITES: readonly string[] = [
	toHex(encodeText('[{"n":"/3303/0/5700"},{"n":"/42/0"}]')),
	toHex(encodeText('[{"bn":"/42/0/","n":"3/1","v":4},{"n":"3/0","v":null}]')),
	`81a1006d${ascii("/3303/0/5700/")}`,
	`82a1006c${ascii("/3303/0/5700")}a10065${ascii("/3306")}`,
	`81a2006c${ascii("/3306/0/5851")}1832`,
	`81a20068${ascii("/42/0/3/1")}02f6`,
	"a1182aa100a10704",
];

/** These bytes, or some of them changed. */
function bytesLike(hex: string): fc.Arbitrary<Uint8Array> {
	const bytes = fromHex(hex);
	const change = fc.tuple(fc.nat(bytes.length - 1), fc.nat(255));
	return fc.array(change, { maxLength: 2 }).map((changes) => {
		const copy = bytes.slice();
		for (const [at, value] of changes) copy[at] = value;
		return copy;
	});
}

const format = fc.oneof(fc.constantFrom(0, 40, 42, 60, 112, 11542), fc.nat(65535));

const payload = fc.oneof(
	fc.uint8Array({ maxLength: 40 }),
	fc.constantFrom("", "0", "1", "42", "-1", "3303:0", "x", "AP8="),
);

const ask: fc.Arbitrary<Ask> = fc.record(
	{
		accept: format,
		contentFormat: format,
		payload,
		query: fc.array(
			fc.oneof(
				fc.constantFrom("pmin=1", "pmax=60", "pmin", "pmax=0", "gt=1", "lt=0", "st=2", "edge=1", "con=1", "epmax=5"),
				fc.string(),
			),
			{
				maxLength: 3,
			},
		),
		observe: fc.constantFrom(0 as const, 1 as const),
	},
	{ requiredKeys: [] },
);

/** Creates, deletes and composite operations that have a chance, some with a byte or two gone wrong. */
const create = fc.tuple(
	fc.constant(Code.Post),
	fc.constantFrom("/42", "/42/1", "/42/7"),
	fc.constant(TLV),
	bytesLike("c1056e"),
);
const removal = fc.tuple(fc.constant(Code.Delete), path, fc.constant(TLV), fc.constant(new Uint8Array(0)));
const composite = fc.tuple(
	fc.constantFrom(Code.Fetch, Code.IPatch),
	fc.constant("/"),
	fc.constantFrom(110, 112, 320, 322, 11544),
	fc.oneof(...COMPOSITES.map(bytesLike)),
);

const likely = fc
	.tuple(fc.oneof(create, removal, composite), fc.constantFrom<0 | 1 | undefined>(0, 1, undefined))
	.map(([[code, where, contentFormat, bytes], observe]): [number, string, Ask] => [
		code,
		where,
		{ contentFormat, payload: bytes, ...(observe === undefined ? {} : { observe }) },
	]);

const request = fc.oneof(fc.tuple(fc.integer({ min: 1, max: 31 }), path, ask), likely);

test("it gets exactly one answer, with a known code, and no handler is to blame", () => {
	fc.assert(
		fc.property(fc.array(request, { minLength: 1, maxLength: 20 }), (requests) => {
			const { bench } = machine();
			bench.model.allowCreate(Cabinet, 3, {});
			for (const [code, where, what] of requests) {
				const exchange = bench.send(code, where, what);
				const [first, ...more] = bench.answers.filter((answer) => answer.exchange === exchange);
				assert.ok(first);
				assert.match(codeText(first.response.code), /^[245]\.\d\d [A-Z]/);
				assert.is.not(first.response.code, 0xa0);
				for (const { response } of more) assert.ok(first.response.observe && response.observe === undefined);
			}
			assert.is(bench.service.failureCount, 0);
		}),
		{ numRuns: 1000 },
	);
});

test("its observations stay bounded, and cost one notification a change", () => {
	fc.assert(
		fc.property(fc.array(path, { minLength: 20, maxLength: 40 }), (paths) => {
			const { bench, temperature } = machine();
			let accepted = 0;
			for (const where of paths) if (bench.ask(1, where, { observe: 0 }).observe) accepted++;
			assert.ok(accepted <= limits.observationCount);
			const before = bench.answers.length;
			temperature.set("sensorValue", 99);
			bench.run(0);
			assert.ok(bench.answers.length - before <= accepted);
		}),
		{ numRuns: 50 },
	);
});

test("a fresh model answers, too", () => {
	fc.assert(
		fc.property(request, ([code, where, what]) => {
			assert.ok(new Bench().ask(code, where, what).code >= 0x80);
		}),
	);
});

test.run();
