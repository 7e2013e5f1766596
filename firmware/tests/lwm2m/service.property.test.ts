import fc from "fast-check";
import { assert, suite } from "#suite";
import { codeText } from "../../coap/codes.js";
import { limits } from "../../limits.js";
import { type Ask, Bench } from "./bench.js";
import { machine } from "./machine.js";

const test = suite("lwm2m/service: whatever a server sends");

const path = fc.oneof(
	fc.constantFrom("/", "/0/0/0", "/1/0/1", "/1/0/8", "/3", "/3/0", "/3/0/6", "/3/0/6/1", "/3/0/13", "/3303/0/5700"),
	fc.constantFrom("/3306/0", "/3306/0/5850", "/42", "/42/0", "/42/0/2", "/42/0/3", "/42/0/3/1", "/42/0/4", "/42/0/6"),
	fc.array(fc.integer({ min: 0, max: 65535 }), { maxLength: 5 }).map((ids) => `/${ids.join("/")}`),
	fc.string().map((text) => `/${text}`),
);

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
		query: fc.array(fc.oneof(fc.constantFrom("pmin=1", "pmax=60", "pmin", "pmax=0", "gt=1"), fc.string()), {
			maxLength: 3,
		}),
		observe: fc.constantFrom(0 as const, 1 as const),
	},
	{ requiredKeys: [] },
);

const request = fc.tuple(fc.integer({ min: 1, max: 31 }), path, ask);

test("it gets exactly one answer, with a known code, and no handler is to blame", () => {
	fc.assert(
		fc.property(fc.array(request, { minLength: 1, maxLength: 20 }), (requests) => {
			const { bench } = machine();
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
		{ numRuns: 300 },
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
