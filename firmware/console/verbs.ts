// The verbs: what they are called, and how each is carried out on the target.

import { parseSettings } from "../boot/settings.js";
import { parsePath } from "../lwm2m/path.js";
import type { LogLevel } from "./log-ring.js";
import type { Request } from "./request.js";
import type { Answer, ConsoleTarget, Refusal } from "./target.js";

/** In the order of the help. */
export const VERBS = Object.freeze([
	{ name: "help", words: "", text: "lists the verbs" },
	{ name: "status", words: "", text: "provisioned or not, accounts, uptime" },
	{ name: "identity", words: "", text: "board, version, commit, build, endpoint" },
	{ name: "provision", words: "{...}", text: "stores settings, used from the next start" },
	{ name: "network", words: "", text: "kind, address, link" },
	{ name: "objects read", words: "PATH", text: "a resource, an instance or an object" },
	{ name: "objects write", words: "PATH VALUE", text: "one resource" },
	{ name: "log", words: "[LEVEL]", text: "tells or sets the level: error, warn, info, debug" },
	{ name: "statistics", words: "", text: "counters" },
	{ name: "time advance", words: "TIME", text: "the clock jumps: 500ms, 90s, 5m, 2h, 1d" },
	{ name: "restart", words: "", text: "starts anew" },
	{ name: "factory-reset", words: "", text: "forgets settings and state, and starts anew" },
] as const);

export type VerbName = (typeof VERBS)[number]["name"];

/** What the verbs work on: the device, and the console's own state. */
export interface VerbContext {
	readonly target: ConsoleTarget;
	level: LogLevel;
	/** Lines that were neither a request nor a person's. */
	readonly noiseCount: number;
	/** Log lines that made room for newer ones. */
	readonly droppedCount: number;
}

/** A year and a bit; longer jumps are made in steps. */
const LONGEST_ADVANCE_MS = 400 * 86_400_000;

/** Carries out a request: puts into the answer what it tells, or gives the sentence why not. */
export function carryOut(request: Request, context: VerbContext, answer: Answer): Refusal {
	const { target } = context;
	switch (request.verb) {
		case "help":
			return help(target, answer);
		case "status":
			target.status(answer);
			return undefined;
		case "identity":
			target.identity(answer);
			return undefined;
		case "provision":
			return provision(request, target);
		case "network":
			target.network(answer);
			return undefined;
		case "objects read":
			return refusalOfPath(request) ?? target.objectsRead(request.path!, answer);
		case "objects write":
			return writeObject(request, target);
		case "log":
			return log(request, context, answer);
		case "statistics":
			return statistics(context, answer);
		case "time advance":
			return advance(request, target);
		case "restart":
			target.restart();
			return undefined;
		case "factory-reset":
			return target.factoryReset();
		default:
			return request.verb satisfies never;
	}
}

function help(target: ConsoleTarget, answer: Answer): Refusal {
	for (let i = 0; i < VERBS.length; i++) {
		const { name, words, text } = VERBS[i]!;
		if (name !== "time advance" || target.isTestBuild) answer.text(words === "" ? name : `${name} ${words}`, text);
	}
	return undefined;
}

function provision({ settings }: Request, target: ConsoleTarget): Refusal {
	if (settings === undefined) return "provision needs settings";
	const parsed = parseSettings(settings);
	if (typeof parsed === "string") return `the settings are refused: ${parsed}`;
	if (settings.peek() !== -1) return "the settings are refused: something stands behind them";
	return target.provision(parsed);
}

/** Why this path cannot be asked for; objects 0 and 21 hold keys (LwM2M Core, E.1 and E.11). */
function refusalOfPath({ verb, path }: Request): Refusal {
	const parsed = path === undefined ? undefined : parsePath(path);
	if (parsed === undefined || parsed.depth === 0) return `${verb} needs a path, such as /3/0/0`;
	return parsed.objectId === 0 || parsed.objectId === 21
		? "objects 0 and 21 hold keys, which never come out"
		: undefined;
}

function writeObject(request: Request, target: ConsoleTarget): Refusal {
	const refusal = refusalOfPath(request);
	if (refusal !== undefined) return refusal;
	if (request.value === undefined) return "objects write needs a value: a text, a number, true or false";
	return target.objectsWrite(request.path!, request.value);
}

function log({ level }: Request, context: VerbContext, answer: Answer): Refusal {
	if (level === "error" || level === "warn" || level === "info" || level === "debug") context.level = level;
	else if (level !== undefined) return "the level must be error, warn, info or debug";
	answer.text("level", context.level);
	return undefined;
}

function statistics(context: VerbContext, answer: Answer): Refusal {
	context.target.statistics(answer);
	answer.open("console");
	answer.number("noiseLines", context.noiseCount);
	answer.number("droppedLogLines", context.droppedCount);
	answer.close();
	return undefined;
}

function advance({ ms }: Request, target: ConsoleTarget): Refusal {
	if (!target.isTestBuild) return "there is no such verb, help lists them";
	if (ms === undefined || !(ms >= 0 && ms <= LONGEST_ADVANCE_MS)) return "time advance needs a time up to 400 days";
	return target.advance(ms);
}
