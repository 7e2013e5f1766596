import { assert, suite } from "#suite";
import { limits } from "../../../limits.js";
import { SeededRandom } from "../../random.js";
import { attack, formats } from "./hostile.js";

const test = suite("lwm2m/formats/codec: hostile payloads");

for (const contentFormat of formats)
	test(`10,000 of ${contentFormat} give bounded results or none, the same everywhere`, () => {
		const { taken, most } = attack(new SeededRandom(contentFormat + 1), contentFormat, 10_000);
		assert.ok(most <= limits.entryCount);
		suite.record(`taken of ${contentFormat}`, taken);
	});

test.run();
