// What docs/presence.md says of costs is what the world measures. With --write the document is made to say it.

import { readFileSync, writeFileSync } from "node:fs";
import { assert, suite } from "#suite";
import { renderCosts } from "./presence-cost.js";

const DOCUMENT = new URL("../../docs/presence.md", import.meta.url);
const PLACE = /(<!-- costs -->\n)[\s\S]*?(<!-- \/costs -->)/;
/** So much of a figure may change with the schedule of keepalives before the document has to follow. */
const TOLERANCE = 0.05;

const costs = renderCosts();
const text = readFileSync(DOCUMENT, "utf8");

/** A table's rows without their figures, and the figures. */
function read(table: string): { words: string; figures: number[] } {
	const words = table.replace(/\d[\d,]* *(?=\||(?:min|s) \|)/g, "#");
	const figures = [...table.matchAll(/(\d[\d,]*) *(?=\||(?:min|s) \|)/g)].map(([, figure = ""]) =>
		Number(figure.replaceAll(",", "")),
	);
	return { words, figures };
}

if (process.argv.includes("--write")) {
	writeFileSync(DOCUMENT, text.replace(PLACE, `$1${costs}\n$2`));
} else {
	const test = suite("world/presence-cost");

	test("the table of docs/presence.md is what is measured", () => {
		const shown = read(PLACE.exec(text)?.[0] ?? "");
		const measured = read(`<!-- costs -->\n${costs}\n<!-- /costs -->`);
		assert.is(shown.words, measured.words);
		for (const [i, figure] of measured.figures.entries())
			assert.ok(Math.abs(shown.figures[i]! - figure) <= TOLERANCE * figure + 1, `${shown.figures[i]}, now ${figure}`);
	});

	test("the hint of our server spares the radio most of its listening", () => {
		const listens = costs.split("\n").filter((row) => row.includes("a value each hour,"));
		assert.is(listens.length, 2);
		assert.match(listens[0]!, / \d+ min \|$/);
		assert.match(listens[1]!, / \d+ s \|$/);
	});

	test.run();
}
