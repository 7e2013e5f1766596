// A campaign as one test of the run: each cut a line of NDJSON, a word now and then, the sums at the end.

import { appendFileSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Campaign, type Cut } from "./campaign.js";
import type { Declared } from "./suite.js";

/** A word to the terminal after so many cuts. */
const TELL_CUTS = 25;
/** A start and a registration over a lossless line take a second at most; a machine that is busy gets ten. */
const SECONDS_PER_CUT = 10;
const SECONDS_TO_BEGIN = 60;

/** The suite that its result is shown under. */
export const CAMPAIGN_SUITE = "campaign";

/** `folder` is the board's. */
export function campaignTest(cuts: number, folder: string, note: (text: string) => void): Declared {
	const file = join(folder, "campaign.ndjson");
	return {
		title: `${cuts} power cuts lose nothing acknowledged`,
		wishes: { needs: ["power", "link"], limitSeconds: SECONDS_TO_BEGIN + cuts * SECONDS_PER_CUT },
		body: async (bench) => {
			mkdirSync(folder, { recursive: true });
			rmSync(file, { force: true });
			const write = (line: object) => appendFileSync(file, `${JSON.stringify(line)}\n`);
			const heard = (cut: Cut) => {
				write(cut);
				if (cut.cut % TELL_CUTS === 0) note(`${cut.cut} of ${cuts} cuts`);
			};
			const summary = await new Campaign(bench).run(cuts, heard);
			write({ summary });
			note(`summary ${JSON.stringify(summary)}, each cut in ${file}`);
		},
	};
}
