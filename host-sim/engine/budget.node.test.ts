// suite: limit=180
// Nothing that the firmware needs on the engine is above its ceiling (budget.ts); measured anew at each run.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { assert, suite } from "#suite";
import { ceilings } from "./budget.js";
import { missingFor } from "./build.js";
import { type Figures, figure, measureAll } from "./measure.js";
import { ROOT } from "./objects.js";

const test = suite("engine/budget");
const problem = missingFor("xs32");
if (problem !== undefined) suite.skip(problem);

let figures: Figures;
test.before(async () => {
	if (problem === undefined) figures = await measureAll();
});

for (const { name, limit } of ceilings)
	test(`${name} is at most ${limit}`, () => {
		assert.ok(figure(figures, name) <= limit, `${name}: ${figure(figures, name)} is above ${limit}`);
	});

test("the record names every ceiling", () => {
	const record = readFileSync(join(ROOT, "docs/budget.md"), "utf8").replaceAll(/ +/g, " ");
	for (const { name, limit, reason } of ceilings) {
		const row = new RegExp(`\\| ${name} \\| [\\d,]+ \\| ${limit.toLocaleString("en-US")} \\| (.*) \\|`).exec(record);
		assert.is(row?.[1], reason, `${name}: run \`npm run size -- --write\``);
	}
});

test.run();
