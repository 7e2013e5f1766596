// The story without an end: everything runs until Ctrl-C, and now and then the back end says something after a silence
// that the binding would not have outlived.

import { Cast, type CastSettings, ENDPOINT } from "./cast.js";
import { Dialogue } from "./dialogue.js";
import { StoryFailure, step } from "./failure.js";
import type { Screen } from "./screen.js";

const STATUS_MS = 1000;
/** Longer than the binding lives by itself. */
const ASK_FACTOR = 1.5;

/** Runs until SIGINT, SIGTERM or SIGHUP, then ends everything; throws a StoryFailure should a player end by itself. */
export async function live(settings: CastSettings, screen: Screen): Promise<void> {
	const stopped = signalled();
	const cast = await step("start", () => Cast.open(settings));
	const timers: NodeJS.Timeout[] = [];
	try {
		screen.print(howTo(cast));
		timers.push(setInterval(() => void show(cast, screen), STATUS_MS));
		const dialogue = new Dialogue(cast.operator, (line) => screen.say("story", line));
		await cast.operator.listen(({ name }) => {
			if (name === "REGISTRATION") void dialogue.begin();
		});
		await step("start", () => cast.startDevice());
		timers.push(setInterval(() => void dialogue.goOn(), settings.udpTimeoutSeconds * 1000 * ASK_FACTOR));
		const who = await Promise.race([stopped, cast.someoneEnded()]);
		if (who !== undefined) throw new StoryFailure(`The ${who} ended by itself.`);
	} finally {
		for (const timer of timers) clearInterval(timer);
		screen.status("");
		await cast.close();
	}
}

/** Resolves with the first signal. More change nothing: npm hands Ctrl-C on although the terminal did so too. */
function signalled(): Promise<undefined> {
	return new Promise((resolve) => {
		for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => resolve(undefined));
	});
}

function howTo(cast: Cast): string {
	const option = `--backend ${cast.backend.place("http")}`;
	const commands = [
		`npx pinhole devices ${option}`,
		`npx pinhole read ${ENDPOINT} /3323/0/5700 ${option}`,
		`npx pinhole write ${ENDPOINT} /3306/0/5850 false ${option}`,
		`npx pinhole observe ${ENDPOINT} /3303/0/5700 ${option}`,
	];
	return ["", "Try from another terminal; Ctrl-C here ends everything:", ...commands, ""].join("\n  ").trimEnd();
}

async function show(cast: Cast, screen: Screen): Promise<void> {
	const status = await cast.natStatus().catch(() => undefined);
	if (status === undefined) return;
	const lifeSeconds = status.udpTimeoutMs / 1000;
	const bindings = status.mappings.map(
		({ inside, outside, ageMs }) =>
			`${inside} <-> ${outside} silent for ${Math.round(ageMs / 1000)} s of ${lifeSeconds} s`,
	);
	screen.status(`binding ${bindings.length === 0 ? "none" : bindings.join(", ")}`);
}
