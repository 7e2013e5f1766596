// The story without an end: everything runs until Ctrl-C, and now and then the back end asks something after a silence
// that the binding would not have outlived.

import { runUntilStopped } from "../cli/shared.js";
import { Cast, type CastSettings, ENDPOINT } from "./cast.js";
import { StoryFailure, step } from "./failure.js";
import type { Screen } from "./screen.js";

const STATUS_MS = 1000;
/** Longer than the binding lives by itself. */
const ASK_FACTOR = 1.5;
const ASK_TIMEOUT_MS = 10_000;
const PRESSURE = "/3323/0/5700";

/** Runs until SIGINT or SIGTERM; throws a StoryFailure should a player end by itself. */
export async function live(settings: CastSettings, screen: Screen): Promise<number> {
	const cast = await step("start", () => Cast.open(settings));
	const timers: NodeJS.Timeout[] = [];
	let stopping = false;
	const close = async (): Promise<void> => {
		stopping = true;
		for (const timer of timers) clearInterval(timer);
		screen.status("");
		await cast.close();
	};
	const stopped = runUntilStopped(close);
	try {
		await step("start", () => cast.startDevice());
		screen.print(howTo(cast));
		timers.push(setInterval(() => void show(cast, screen), STATUS_MS));
		timers.push(setInterval(() => void ask(cast, screen), settings.udpTimeoutSeconds * 1000 * ASK_FACTOR));
		const code = await Promise.race([stopped, cast.someoneEnded()]);
		if (typeof code === "number") return code;
		if (stopping) return await stopped;
		throw new StoryFailure(`The ${code} ended by itself.`);
	} catch (error) {
		if (stopping) return await stopped;
		throw error;
	} finally {
		if (!stopping) await close();
	}
}

function howTo(cast: Cast): string {
	const option = `--backend ${cast.backend.place("http")}`;
	const commands = [
		`npx pinhole devices ${option}`,
		`npx pinhole read ${ENDPOINT} ${PRESSURE} ${option}`,
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

async function ask(cast: Cast, screen: Screen): Promise<void> {
	const startedAt = performance.now();
	try {
		const value = await cast.operator.read(PRESSURE, ASK_TIMEOUT_MS);
		const ms = Math.round(performance.now() - startedAt);
		screen.say(
			"story",
			value === undefined ? `read ${PRESSURE}: no answer` : `read ${PRESSURE}: ${value}, in ${ms} ms`,
		);
	} catch (error) {
		screen.say("story", `read ${PRESSURE}: ${error instanceof Error ? error.message : String(error)}`);
	}
}
