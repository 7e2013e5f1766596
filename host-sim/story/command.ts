// `pinhole story`: back end, NAT and device together, live or as a fixed play.

import { type Cli, choiceOption, EXIT, Failure } from "../cli/shared.js";
import type { CastSettings, Engine, Role } from "./cast.js";
import { StoryFailure } from "./failure.js";
import { live } from "./live.js";
import { play, SHORT } from "./play.js";
import { Screen } from "./screen.js";

/** Times of the live story: what devices meet behind many carriers, and a care with room for two lost datagrams. */
const LIVE = Object.freeze({ udpTimeoutSeconds: 30, keepaliveSeconds: "learned", lifetimeSeconds: 300 });

const ENGINES: readonly Engine[] = ["node", "xs"];
const EXIT_FAILED = 1;

/** Adds `pinhole story`. */
export function registerStory(cli: Cli): void {
	cli
		.command("story", "Watch a device behind a NAT be registered and controlled")
		.option("--once", "Play a fixed story, report, and end")
		.option("--engine <ENGINE>", "What the device runs on: node, or xs as on a board", { default: "node" })
		.option("--nosec", "Do without the keys that device and back end otherwise get for this story")
		.option("--no-keepalive", "Leave the NAT's binding to its fate: commands will be lost")
		.option("--json", "With --once: the last line on stdout is the report, as JSON")
		.example("  $ pinhole story")
		.example("  $ pinhole story --once --json")
		.action(run);
}

async function run(options: Readonly<Record<string, unknown>>): Promise<number> {
	const engine = choiceOption(options.engine, "--engine", ENGINES);
	const once = options.once === true;
	const json = options.json === true;
	const screen = new Screen(json ? process.stderr : process.stdout);
	const times = once ? SHORT : LIVE;
	const settings: CastSettings = {
		...times,
		engine,
		nosec: options.nosec === true,
		keepaliveSeconds: options.keepalive === false ? undefined : times.keepaliveSeconds,
		// Live, the device is to say goodbye before its NAT ends: so Ctrl-C must reach the story alone.
		ownGroups: !once,
		onLog: (role: Role, line: string) => screen.say(role, line),
	};
	try {
		if (!once) {
			await live(settings, screen);
			return EXIT.success;
		}
		endOnSignal();
		const report = await play(settings, (line) => screen.say("story", line));
		if (json)
			process.stdout.write(`${JSON.stringify({ ...report, engine, security: settings.nosec ? "none" : "oscore" })}\n`);
		return EXIT.success;
	} catch (error) {
		if (error instanceof StoryFailure) throw new Failure(error.message, EXIT_FAILED);
		throw error;
	}
}

/** A signal ends a process without its "exit" event; by this the players are ended too. */
function endOnSignal(): void {
	for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(EXIT_FAILED));
}
