// suite: limit=120
// A whole board, provisioned and written to over its console, whose power goes in the middle of its flash operations.

import { assert, suite } from "#suite";
import { FakeBoard } from "../../firmware/tests/boot/fake-board.js";
import { SeededRandom } from "../nat/seeded-random.js";
import { NorFlash } from "./nor-flash.js";

const test = suite("flash/board-cuts");

const LIVES = 60;
const SEEDS = 10;
/** A start takes three operations for the count of starts, a fresh bank some dozens. */
const LONGEST = 40;

/** What the board has to know; undefined: it was never provisioned. */
interface Knowledge {
	readonly endpointName: string | undefined;
	readonly lifetime: unknown;
	readonly applicationType: unknown;
}

function observe(board: FakeBoard): Knowledge {
	const read = (path: string): unknown => board.ask("objects read", { path })[path];
	const endpointName = board.banner.endpoint as string | undefined;
	return { endpointName, lifetime: read("/1/0/1"), applicationType: read("/3323/0/5750") };
}

class BoardCampaign {
	readonly #random: SeededRandom;
	readonly #flash: NorFlash;
	readonly #board: FakeBoard;
	#kept: Knowledge = { endpointName: undefined, lifetime: undefined, applicationType: undefined };
	#count = 0;
	cutCount = 0;

	constructor(seed: number) {
		this.#random = new SeededRandom(seed);
		this.#flash = new NorFlash({ blockLength: 4096, blocks: 16, random: new SeededRandom(~seed) });
		this.#board = new FakeBoard({ journal: this.#flash });
	}

	/** What the power cut of the last life left under way; `next` is what would be known had it been carried out. */
	live(next: Knowledge | undefined): Knowledge | undefined {
		const flash = this.#flash;
		flash.powerOn();
		flash.cutAfter(this.below(LONGEST));
		this.start();
		let open = next;
		if (!flash.isOff) {
			this.compare(next);
			open = undefined;
		}
		while (!flash.isOff) {
			open = this.plan();
			const answer = this.change(open);
			if (flash.isOff) break;
			assert.equal(answer, { ok: true });
			const isProvisioned = open.endpointName !== this.#kept.endpointName;
			this.#kept = open;
			open = undefined;
			// What it was provisioned with counts from the next start on.
			if (isProvisioned) this.start();
		}
		this.cutCount++;
		this.#board.system.close();
		assert.equal(flash.bugs, []);
		return open;
	}

	/** Without power no board does anything; only this one's calls cannot simply end. */
	private start(): void {
		try {
			this.#board.start();
		} catch (error) {
			if (!this.#flash.isOff) throw error;
		}
	}

	/** Old or new, and from now on that for good. */
	private compare(next: Knowledge | undefined): void {
		const found = observe(this.#board);
		if (next !== undefined && JSON.stringify(found) === JSON.stringify(next)) this.#kept = next;
		assert.equal(found, this.#kept);
	}

	private plan(): Knowledge {
		const number = ++this.#count;
		const { endpointName, applicationType } = this.#kept;
		if (endpointName === undefined || this.below(4) === 0)
			return { endpointName: `unit-${number}`, lifetime: number, applicationType: applicationType ?? "Tank" };
		const writes = this.below(2) === 0 ? { lifetime: number } : { applicationType: `tank ${number}` };
		return { ...this.#kept, ...writes };
	}

	private change(to: Knowledge): Record<string, unknown> {
		const { endpointName, lifetime, applicationType } = to;
		if (endpointName !== this.#kept.endpointName) {
			const account = { serverUri: "coap://192.0.2.1", shortServerId: 1, lifetimeSeconds: lifetime };
			return this.#board.ask("provision", { settings: { endpointName, accounts: [account] } });
		}
		return lifetime !== this.#kept.lifetime
			? this.#board.ask("objects write", { path: "/1/0/1", value: lifetime })
			: this.#board.ask("objects write", { path: "/3323/0/5750", value: applicationType });
	}

	private below(count: number): number {
		return this.#random.uint32() % count;
	}
}

test(`${SEEDS * LIVES} power cuts, each in an operation of the flash, lose nothing that was acknowledged`, () => {
	for (let seed = 1; seed <= SEEDS; seed++) {
		const campaign = new BoardCampaign(seed);
		let open: ReturnType<BoardCampaign["live"]>;
		for (let life = 0; life < LIVES; life++) open = campaign.live(open);
		assert.is(campaign.cutCount, LIVES);
	}
});

test.run();
