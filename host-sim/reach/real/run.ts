// `npm run reach:real`: our device, Mosquitto and libcoap, each behind real Linux NATs with several time-outs, all at
// the same time; most of it is waiting. Writes one line a trial.

import { writeFileSync } from "node:fs";
import { whyNoGateway } from "../../nat/linux-gateway.js";
import { contestants, missingPrograms } from "./contestants.js";
import { runTrial, type TrialPlan, type TrialResult } from "./trial.js";

/** The floor, Linux by default, the median of carriers, what IETF asks for; TCP as stingy, and as it comes. */
const TIMES = [
	{ udp: 30, stream: 30, tcp: 30 },
	{ udp: 30, stream: 120 },
	{ udp: 65, stream: 65, tcp: 65 },
	{ udp: 120, stream: 120, tcp: 120 },
] as const;
const PLAN = { learnSeconds: 1200, silences: [170, 290, 230, 110, 310], recoverySeconds: 300 };
const PROGRESS_MS = 30_000;

async function main(argv: readonly string[]): Promise<number> {
	const [path] = argv;
	const why = whyNoGateway() ?? lacking();
	if (path === undefined || why !== undefined) {
		process.stderr.write(`${why ?? "Say where the results go: npm run reach:real -- docs/reach/real.ndjson"}\n`);
		return 2;
	}
	let doneCount = 0;
	const plans = TIMES.flatMap((times): TrialPlan[] => [{ times, ...PLAN }]);
	const count = plans.length * contestants.length;
	const longest = PLAN.learnSeconds + PLAN.silences.reduce((sum, seconds) => sum + seconds, 0) + PLAN.recoverySeconds;
	const from = Date.now();
	const progress = setInterval(() => {
		const seconds = Math.round((Date.now() - from) / 1000);
		process.stderr.write(`${seconds} s of at most ${longest} s, ${doneCount} of ${count} trials done\n`);
	}, PROGRESS_MS);
	const trials = plans.flatMap((plan) =>
		contestants.map(async (contestant) => {
			const result = await runTrial(contestant, plan);
			doneCount++;
			return result;
		}),
	);
	const outcomes = await Promise.allSettled(trials);
	clearInterval(progress);
	for (const outcome of outcomes) {
		if (outcome.status === "rejected") process.stderr.write(`a trial failed: ${outcome.reason}\n`);
	}
	const results: TrialResult[] = outcomes.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
	writeFileSync(path, results.map((result) => `${JSON.stringify(result)}\n`).join(""));
	return results.length === count ? 0 : 1;
}

function lacking(): string | undefined {
	const missing = contestants.flatMap(missingPrograms);
	return missing.length === 0 ? undefined : `not on this machine: ${missing.join(", ")}; ./setup installs them`;
}

process.exitCode = await main(process.argv.slice(2));
