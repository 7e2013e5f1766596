// Power cuts in each phase, at moments that the seed chooses. `--campaign` does the same by the hundred.

import { assert } from "#suite";
import { Campaign, PHASES, type Phase } from "../rig/campaign.js";
import { hil } from "../rig/suite.js";

/** To fill the journal takes longer. */
const CUTS: Readonly<Record<Phase, number>> = { provisioning: 8, registration: 6, write: 8, "clean-up": 2 };

for (const phase of PHASES) {
	hil(
		`${CUTS[phase]} cuts during ${phase} lose nothing acknowledged`,
		{ needs: ["power", "link"], limitSeconds: 120 },
		async (bench) => {
			const summary = await new Campaign(bench, [phase]).run(CUTS[phase], (cut) => bench.note(JSON.stringify(cut)));
			bench.note(JSON.stringify(summary));
			assert.is(summary.byPhase[phase], CUTS[phase]);
		},
	);
}
