import { assert, suite } from "#suite";
import { Trouble } from "../../reach/trouble.js";

const test = suite("reach/trouble");

test("from the first word of a loss to its repair, however many follow, and summed up", () => {
	const trouble = new Trouble();
	trouble.handleProof(5_000);
	assert.is(trouble.sum(9_000), 0);
	trouble.add(10_000, "unanswered");
	trouble.add(12_000, "no-way");
	assert.is(trouble.sum(13_000), 3_000, "it lasts");
	trouble.handleProof(14_000);
	trouble.handleProof(20_000);
	assert.is(trouble.sum(30_000), 4_000);
	trouble.add(40_000, "moved");
	trouble.handleProof(41_000);
	assert.is(trouble.sum(50_000), 5_000);
});

test("trouble at the first instant counts as well", () => {
	const trouble = new Trouble();
	trouble.add(0, "unanswered");
	trouble.add(1_000, "unanswered");
	assert.is(trouble.sum(2_000), 2_000);
	trouble.handleProof(3_000);
	assert.is(trouble.sum(4_000), 3_000);
});

test("the newest four failures, the newest first, with their ages in whole seconds", () => {
	const trouble = new Trouble();
	const kinds = ["unanswered", "moved", "expired", "unknown-address", "no-way"] as const;
	for (const [place, kind] of kinds.entries()) {
		trouble.add(1_000 * place, kind);
		assert.is(trouble.failures(10_000).length, Math.min(4, place + 1));
	}
	assert.equal(trouble.failures(10_400), [
		{ kind: "no-way", secondsAgo: 6 },
		{ kind: "unknown-address", secondsAgo: 7 },
		{ kind: "expired", secondsAgo: 8 },
		{ kind: "moved", secondsAgo: 9 },
	]);
});

test.run();
