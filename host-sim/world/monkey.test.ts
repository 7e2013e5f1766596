// suite: limit=120
// Whatever hours of faults leave behind, a device comes back, stays within reach and is no spendthrift. More seeds:
// monkey.node.test.ts.

import { assert, suite } from "#suite";
import { again, bounds, live, misdeedsOf } from "./monkey.js";

const test = suite("world/monkey");

/** Each of these once left a device unreachable, or spending, for ever. */
const KNOWN: readonly (readonly [number, string])[] = [
	[5, "a good-bye that is answered after the device was started again closes no way"],
	[53, "a network is measured after the way led over a connection"],
	[4, "a bound that holds no more is doubted when each keepalive comes from another address"],
	[178, "a silence of two seconds that something else ended makes no interval of one"],
	[421, "a NAT that shortens in the midst of a long measurement is found out"],
	[523, "a ticket that is asked for from an address that the server does not know yet refuses no measurement"],
	[592, "a proof is refuted though moves are watched for in steps longer than the lifetime"],
	[1167, "the same of a proof as short as one such step"],
	[3644, "what is known of connections is verified, as a NAT that takes up what it forgot answers all else"],
];

function judge(seed: number): void {
	const ending = live(seed);
	assert.equal(misdeedsOf(ending), [], again(seed));
}

for (const [seed, name] of KNOWN) test(`seed ${seed}: ${name}`, () => judge(seed));

test(`from seed 1000 on: back within ${bounds.backMs / 60_000} min, and then reachable`, () => {
	for (let seed = 1_000; seed < 1_004; seed++) judge(seed);
});

test.run();
