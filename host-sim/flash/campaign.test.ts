// suite: limit=180
import { assert, suite } from "#suite";
import { Campaign, type Shape, shapes } from "./campaign.js";

const test = suite("flash/campaign");

const isNode = "process" in globalThis;
/** In how many ways each operation is torn; how many lives are cut operation by operation; on XS all takes longer. */
const WAYS = isNode ? 2 : 1;
const FRESH_BANKS = isNode ? 3 : 1;
const RARELY = isNode ? 8 : 128;
/** How many flashes lead how many lives that end at any moment. */
const SEEDS = isNode ? 30 : 1;
const LIVES = isNode ? 50 : 10;

function fails(shape: Shape, seed: number, wrong: string | undefined): void {
	if (wrong !== undefined) assert.unreachable(`${shape.blocks} x ${shape.blockLength}, seed ${seed}: ${wrong}`);
}

/** Cuts each operation of a life, and looks at what comes of it in the lives after it. */
function cutEach(shape: Shape, from: Campaign, life: number): void {
	for (let cut = 0, cutCount = 1; cutCount > 0; cut++)
		for (let way = 0; way < WAYS; way++) {
			const fork = from.fork(life, cut * WAYS + way);
			fails(shape, life, fork.live(3, cut));
			cutCount = fork.cutCount;
			for (let i = 0; i < 3; i++) fails(shape, life, fork.live(1, Number.POSITIVE_INFINITY));
		}
}

for (const shape of shapes) {
	const name = `${shape.blocks} blocks of ${shape.blockLength}`;

	test(`${name}: a cut in each operation loses nothing that was acknowledged`, () => {
		let before = Campaign.begin(shape, 1);
		fails(shape, 0, before.live(0, Number.POSITIVE_INFINITY));
		for (let life = 0, fresh = 0; fresh < FRESH_BANKS; life++) {
			const after = before.fork(life, life);
			fails(shape, life, after.live(3, Number.POSITIVE_INFINITY));
			const isFresh = after.flash.eraseCounts.join() !== before.flash.eraseCounts.join();
			if (isFresh) fresh++;
			if (isFresh || life % RARELY === 0) cutEach(shape, before, life);
			before = after;
		}
	});

	test(`${name}: cuts at any moment, in repairs too, lose nothing that was acknowledged`, () => {
		for (let seed = 0; seed < SEEDS; seed++) {
			const campaign = Campaign.begin(shape, seed);
			for (let life = 0; life < LIVES; life++)
				fails(shape, seed, campaign.live(30, campaign.below(campaign.below(3) === 0 ? 200 : 12)));
			assert.ok(campaign.cutCount >= LIVES / 2);
		}
	});
}

test.run();
