import { assert, suite } from "#suite";
import { limits } from "../../../limits.js";
import { SeededRandom } from "../../random.js";
import { attack, formats } from "./hostile.js";

const test = suite("lwm2m/formats: many hostile payloads");

for (const contentFormat of formats)
	test(`100,000 of ${contentFormat} give bounded results or none`, () => {
		const { taken, most } = attack(new SeededRandom(contentFormat + 2), contentFormat, 100_000);
		assert.ok(most <= limits.entryCount);
		// The corpus reaches the decoder: not everything is refused, nor everything taken.
		assert.ok(taken > 0 && (taken < 100_000 || contentFormat === 42));
	});

test.run();
