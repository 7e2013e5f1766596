// One policy in one cell: days of virtual time, and what came of them.

import type { ReachStatus } from "../../firmware/reach/reach.js";
import type { NatBehaviour } from "../nat/behaviour.js";
import { natProfiles, plainNat } from "../nat/profiles.js";
import { FirmwareParty } from "../world/reach-device.js";
import type { Figures, ReachOptions } from "../world/reach-types.js";
import { ReachWorld } from "../world/reach-world.js";
import { linux } from "../world/tcp-stack.js";
import { type Cell, cellId } from "./cell.js";
import type { Policy } from "./policies.js";
import { commandsOf, type Learned, type Result, recoveryOf, silenceOf } from "./result.js";

/** How long a run is: days to learn in, silent days that are measured, days on which commands come. */
export interface Span {
	readonly learning: number;
	readonly silent: number;
	readonly commanded: number;
}

export const WEEK: Span = Object.freeze({ learning: 1, silent: 3, commanded: 3 });
export const THREE_DAYS: Span = Object.freeze({ learning: 1, silent: 1, commanded: 1 });
export const ONE_DAY: Span = Object.freeze({ learning: 0.25, silent: 0.25, commanded: 0.5 });

const COMMANDS_PER_DAY = 72;
const DAY_MS = 86_400_000;
const HOURS = 24;
/** With all headers, under OSCORE: an Update that tells all there is to tell is shorter. */
const REGISTER_LENGTH = 150;

export interface Trial {
	readonly cell: Cell;
	readonly policy: Policy;
	readonly seed: number;
	readonly span: Span;
	/** The real OSCORE in place of its stand-in. */
	readonly isReal?: boolean;
}

/** Carries a trial out; what breaks in it becomes the result's `error`. */
export function carryOut(trial: Trial, commit: string): Result {
	const { cell, policy, seed, span } = trial;
	const head = {
		cell: cellId(cell),
		policy: policy.name,
		seed,
		days: span.learning + span.silent + span.commanded,
		commit,
	};
	const sentAt: number[] = [];
	const registersAt: number[] = [];
	const outages: Figures["outages"][number][] = [];
	const rebindingsAt: number[] = [];
	const downs: Figures["downs"][number][] = [];
	const keep = (figures: Figures): void => {
		outages.push(...figures.outages);
		rebindingsAt.push(...figures.rebindingsAt);
		downs.push(...figures.downs);
	};
	const handleTraffic = (now: number, isUp: boolean, length: number): void => {
		if (!isUp) return;
		sentAt.push(now);
		if (length >= REGISTER_LENGTH) registersAt.push(now);
	};
	const world = new ReachWorld(optionsOf(trial, handleTraffic));
	const log = new LearningLog(world);
	log.run(span.learning);
	const curve = [...log.curve];
	// Whoever was never registered is not missed by the world, but it is here.
	const wasKnown = world.figures(0).moves > 0;
	world.resetFigures();
	log.run(span.silent);
	const quiet = world.figures(0);
	const silence = silenceOf(quiet, span.silent * DAY_MS, wasKnown || quiet.moves > 0);
	keep(quiet);
	const learned = policy.isOurs ? log.learned : undefined;
	world.resetFigures();
	world.commandsPerDay = COMMANDS_PER_DAY;
	log.run(span.commanded);
	const busy = world.figures(0);
	keep(busy);
	return {
		...head,
		silence,
		commands: commandsOf(busy, span.commanded * DAY_MS, wasKnown || busy.moves > 0),
		recovery: recoveryOf({ rebindingsAt, outages, downs, sentAt, registersAt }),
		longestOutageSeconds: Math.round(Math.max(0, ...outages.map(({ ms }) => ms)) / 1000),
		lastOutageSeconds: world.sites[0]!.isReachable ? 0 : lastOf(busy.outages, wasKnown ? span.commanded : head.days),
		...(learned === undefined ? {} : { learned }),
		...(log.learned === undefined ? {} : { learnedAtEnd: log.learned }),
		...(policy.isOurs ? { curve } : {}),
	};
}

/** Seconds of the outage under way; who was never known is missing for all the days. */
function lastOf(outages: Figures["outages"], days: number): number {
	const last = outages[outages.length - 1];
	return Math.round((last === undefined ? days * DAY_MS : last.ms) / 1000);
}

/** Asks the device each hour what it has learned. */
class LearningLog {
	learned: Learned | undefined;
	readonly curve: [hour: number, lower: number][] = [];
	readonly #world: ReachWorld;
	#hour = 0;
	#longest = 0;

	constructor(world: ReachWorld) {
		this.#world = world;
	}

	run(days: number): void {
		for (let i = 0; i < days * HOURS; i++) {
			this.#world.run(1 / HOURS);
			this.#hour++;
			const learned = learnedOf(this.#world);
			if (learned === undefined) continue;
			if (this.#hour > CURVE_FROM) this.#longest = Math.max(this.#longest, learned.interval);
			if (learned.lower !== this.learned?.lower) this.curve.push([this.#hour, learned.lower]);
			this.learned = { ...learned, longest: this.#longest };
		}
	}
}

/** The intervals of the first hours are those of one who does not know yet. */
const CURVE_FROM = 24;

function learnedOf(world: ReachWorld): Learned | undefined {
	const party = world.parties[0];
	if (!(party instanceof FirmwareParty)) return undefined;
	const status = (party.device as unknown as { reachStatuses?(): readonly ReachStatus[] }).reachStatuses?.()[0];
	if (status === undefined) return undefined;
	const { lowerSeconds, upperSeconds, intervalSeconds, kind } = status;
	return {
		lower: Math.round(lowerSeconds),
		upper: upperSeconds === Number.POSITIVE_INFINITY ? null : Math.round(upperSeconds),
		interval: Math.round(intervalSeconds),
		longest: 0,
		kind,
	};
}

function optionsOf(
	{ cell, policy, seed, isReal }: Trial,
	onTraffic: (now: number, isUp: boolean, length: number) => void,
): ReachOptions {
	const backEnds = {
		stable: "stable",
		restarts: "restarts-with-state",
		forgets: "restarts-without-state",
	} as const;
	const { party, service } = policy;
	return {
		seed: (seed ^ hash(cellId(cell))) >>> 0,
		nat: natOf(cell),
		loss: cell.lossPercent / 100,
		rebinding: cell.rebinding === "5min" ? "5-minutes" : cell.rebinding,
		backend: backEnds[cell.backEnd],
		security: cell.security === "plain" ? "plain" : isReal === true ? "oscore" : "stand-in",
		commandsPerDay: 0,
		onTraffic: (now, _host, isUp, length) => onTraffic(now, isUp, length),
		...(policy.isLinux === true ? { tcpStack: linux } : {}),
		...(policy.isElective === undefined ? {} : { elective: policy.isElective }),
		...(party === undefined ? {} : { party: (host) => party(cell, host) }),
		...(service === undefined ? {} : { service: (network) => service(cell, network) }),
	};
}

/** A Linux NAT keeps what is no stream yet for so long at most. */
const FRESH_MS = 30_000;

/**
 * The NAT of a cell. One lifetime for UDP and TCP, as many clouds have it, if the cell does not say otherwise; nothing
 * but outbound traffic refreshes.
 */
export function natOf({ lifetimeSeconds, nat, udp, tcpSeconds }: Cell): NatBehaviour {
	const lifetimeMs = 1000 * lifetimeSeconds;
	const plain = plainNat(lifetimeMs);
	const linux = natProfiles["linux-30-120"];
	const establishedMs = 1000 * (tcpSeconds ?? lifetimeSeconds);
	const tcp = {
		establishedMs,
		transitoryMs: Math.min(establishedMs, plain.tcp.transitoryMs),
		whenForgotten: nat === "linux" ? linux.tcp.whenForgotten : plain.tcp.whenForgotten,
	};
	const common = { blocksUdp: udp === "blocked", tcp };
	if (nat === "linux") {
		const stream = { ...linux.stream!, timeoutMs: lifetimeMs };
		return { ...linux, ...common, udpTimeoutMs: Math.min(FRESH_MS, lifetimeMs), stream, inboundRefresh: false };
	}
	const mapping = nat === "symmetric" ? "address-and-port-dependent" : plain.mapping;
	return { ...plain, ...common, mapping };
}

function hash(text: string): number {
	let sum = 0x811c9dc5;
	for (let i = 0; i < text.length; i++) sum = Math.imul(sum ^ text.charCodeAt(i), 0x01000193);
	return sum >>> 0;
}
