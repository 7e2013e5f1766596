import fc from "fast-check";
import { assert, suite } from "#suite";
import { Code } from "../../coap/codes.js";
import { limits } from "../../limits.js";
import { machine } from "./machine.js";

const test = suite("lwm2m/notifications: any changes at any time");

const END_MS = 1_000_000;

const changing = fc.record({
	pmin: fc.integer({ min: 0, max: 60 }),
	/** What pmax is above pmin. */
	beyond: fc.option(fc.integer({ min: 0, max: 60 })),
	/** When the sensor takes a new value, in milliseconds; never at the very instant at which a period ends. */
	changes: fc
		.uniqueArray(
			fc.integer({ min: 1, max: END_MS - 200_000 }).filter((at) => at % 1000 > 0),
			{ maxLength: 40, selector: (at) => at % 1000 },
		)
		.map((times) => times.sort((a, b) => a - b)),
});

/** A pmax below the floor of limits would be followed as the floor. */
const scenario = changing.map(({ pmin, beyond, changes }) => ({
	pmin,
	pmax: beyond === null ? null : Math.max(pmin + beyond, limits.maximumPeriodFloor),
	changes,
}));

/** Instants and values of all that was told, the first answer included. */
function play({ pmin, pmax, changes }: { pmin: number; pmax: number | null; changes: readonly number[] }) {
	const { bench, temperature } = machine();
	const query = [`pmin=${pmin}`, ...(pmax === null ? [] : [`pmax=${pmax}`])];
	const exchange = bench.send(Code.Get, "/3303/0/5700", { observe: 0, query });
	for (const [i, at] of changes.entries()) {
		bench.run(at);
		temperature.set("sensorValue", 100 + i);
	}
	bench.run(END_MS);
	return bench.answersTo(exchange).map((line) => {
		const [at, , , value] = line.split(" ");
		return { at: Number(at), value: Number(value) };
	});
}

test("two notifications are never nearer than pmin", () => {
	fc.assert(
		fc.property(scenario, (parameters) => {
			const told = play(parameters);
			for (let i = 1; i < told.length; i++)
				assert.ok(told[i]!.at - told[i - 1]!.at >= parameters.pmin * 1000, JSON.stringify(told));
		}),
	);
});

test("nor further apart than pmax", () => {
	fc.assert(
		fc.property(scenario, (parameters) => {
			const { pmax } = parameters;
			if (pmax === null) return;
			const told = play(parameters);
			told.push({ at: END_MS, value: 0 });
			for (let i = 1; i < told.length; i++)
				assert.ok(told[i]!.at - told[i - 1]!.at <= pmax * 1000, JSON.stringify(told));
		}),
	);
});

test("each tells the newest value, and the last value is told", () => {
	fc.assert(
		fc.property(scenario, (parameters) => {
			const told = play(parameters);
			for (const { at, value } of told) {
				const latest = parameters.changes.filter((change) => change <= at).length - 1;
				assert.is(value, latest < 0 ? 21.5 : 100 + latest);
			}
			assert.is(told.at(-1)?.value, parameters.changes.length === 0 ? 21.5 : 99 + parameters.changes.length);
		}),
	);
});

test("a change is told within pmin", () => {
	fc.assert(
		fc.property(scenario, (parameters) => {
			const told = play(parameters);
			for (const change of parameters.changes)
				assert.ok(
					told.some(({ at }) => at >= change && at - change <= parameters.pmin * 1000),
					`${change}: ${JSON.stringify(told)}`,
				);
		}),
	);
});

test("without pmax there are no more notifications than changes", () => {
	fc.assert(
		fc.property(scenario, (parameters) => {
			assert.ok(play({ ...parameters, pmax: null }).length <= parameters.changes.length + 1);
		}),
	);
});

test.run();
