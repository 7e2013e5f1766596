// suite: real-network limit=240
// The device that learns, behind a NAT that is not ours. What it costs beside others is measured in a longer run:
// `npm run reach:real`.

import { assert, suite } from "#suite";
import { whyNoGateway } from "../../nat/linux-gateway.js";
import { contestants, missingPrograms } from "./contestants.js";
import { runTrial, type TrialPlan } from "./trial.js";

/** Shorter than each silence: whoever does not speak is cut off. */
const PLAN: TrialPlan = {
	times: { udp: 30, stream: 30, tcp: 30 },
	learnSeconds: 0,
	silences: [70, 45],
	recoverySeconds: 60,
};

const test = suite("reach/real");
const reason = whyNoGateway();
if (reason !== undefined) suite.skip(reason);
// All at the same time, each behind a gateway of its own: most of it is waiting.
for (const contestant of reason === undefined ? contestants : []) {
	const title = `${contestant.name}: a word arrives after each silence`;
	const missing = missingPrograms(contestant);
	if (missing.length > 0) {
		test.skip(title, `not on this machine: ${missing.join(", ")}; ./setup installs them`);
		continue;
	}
	const isOurs = contestant === contestants[0];
	const done = runTrial(contestant, isOurs ? PLAN : { ...PLAN, recoverySeconds: 0 });
	done.catch(() => {});
	test(title, async () => {
		const { words, bytes, packets } = await done;
		assert.ok(
			words.every(({ arrived }) => arrived),
			JSON.stringify(words),
		);
		assert.ok(bytes > 0 && packets > 0, "a NAT of 30 s cannot be kept open by nothing");
	});
	if (!isOurs) continue;
	test(`${contestant.name}: a word arrives again within a minute after the NAT forgot all`, async () => {
		const { recoveredSeconds = Number.POSITIVE_INFINITY } = await done;
		assert.ok(recoveredSeconds < 60, `after ${recoveredSeconds} s`);
	});
}
test.run();
