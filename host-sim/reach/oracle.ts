// The yardstick: what the cheapest schedule costs that knows lifetime and loss, and misses at most one second in 1,000.

/** What one exchange of a schedule weighs on the wire, in bytes with IP and UDP or TCP headers. */
export interface Weight {
	readonly up: number;
	readonly down: number;
}

/** Empty datagram; Empty CON with its RST; Update with its 2.04; of CoAP over TCP an Empty message with its ACK. */
export const weights = {
	oneWay: { up: 28, down: 0 },
	ping: { up: 32, down: 32 },
	update: { up: 48, down: 34 },
	protectedUpdate: { up: 63, down: 45 },
	stream: { up: 42, down: 40 },
} as const satisfies Record<string, Weight>;

/** What is known of the line, and what is wanted of it. */
export interface Line {
	readonly lifetimeSeconds: number;
	/** Of each datagram, in each direction, between device and NAT: from 0 to 1. */
	readonly loss: number;
	/** Mean time between two rebindings; Infinity where there are none. */
	readonly rebindingSeconds: number;
	readonly isStream: boolean;
	readonly isProtected: boolean;
	/** The server asks who refreshes from an unknown address; a stock server understands Updates only. */
	readonly serverAsks: boolean;
}

export interface Schedule {
	readonly kind: "one-way" | "acknowledged";
	readonly intervalSeconds: number;
	/** How often an exchange is sent before a new one begins. */
	readonly transmissions: number;
	readonly bytesPerDay: number;
	/** Share of the time in which no downlink arrives, not counting rebindings. */
	readonly unreachable: number;
	/** How often the binding dies for want of a refresh. */
	readonly deathsPerDay: number;
}

const DAY = 86_400;
/** 99.9 % of the time a downlink arrives. */
const UNREACHABLE = 0.001;
/** One acknowledged exchange at least so often. */
const CHECK_SECONDS = 900;
/** When a datagram is sent again, from its first transmission: RFC 7252, 4.2 in the middle of its jitter. */
const COAP_AGAIN = [0, 2.5, 7.5, 17.5, 37.5] as const;
/** The same with a new exchange after two repetitions: a shorter one is repaired sooner. */
const COAP_ANEW = [0, 2.5, 7.5] as const;
/** RFC 6298: the first time-out is a second, and each next one twice as long. */
const TCP_AGAIN = [0, 1, 3, 7, 15, 31] as const;
const STEPS = 4_000;
/** Of the lifetime: what comes when it is over comes too late. */
const LONGEST = 0.999;

/** The cheapest schedule: one-way at L/n, acknowledged with retransmission, or both (RFC 7252 leaves all of them). */
export function cheapest(line: Line): Schedule {
	const { isStream, isProtected, serverAsks } = line;
	const update = isProtected ? weights.protectedUpdate : weights.update;
	const byStream: Try = (interval) => acknowledged(line, interval, weights.stream, TCP_AGAIN);
	const byUpdate: Try = (interval) => acknowledged(line, interval, update, COAP_AGAIN);
	const byUpdateAnew: Try = (interval) => acknowledged(line, interval, update, COAP_ANEW);
	const byPing: Try = (interval) => asked(line, acknowledged(line, interval, weights.ping, COAP_AGAIN));
	const byPingAnew: Try = (interval) => asked(line, acknowledged(line, interval, weights.ping, COAP_ANEW));
	const byRefresh: Try = (interval) => asked(line, oneWay(line, interval));
	if (isStream) return best(line, [byStream]);
	const moves = line.rebindingSeconds !== Number.POSITIVE_INFINITY;
	if (moves && !serverAsks) return best(line, [byUpdate, byUpdateAnew]);
	return best(line, [byRefresh, byPing, byPingAnew, ...(moves ? [byUpdate, byUpdateAnew] : [])]);
}

type Try = (intervalSeconds: number) => Schedule;

/** The cheapest that is reachable enough, or the most reachable where none is. */
function best({ lifetimeSeconds }: Line, tries: readonly Try[]): Schedule {
	let found: Schedule | undefined;
	let safest: Schedule | undefined;
	const longest = Math.min(LONGEST * lifetimeSeconds, CHECK_SECONDS);
	for (const attempt of tries)
		for (let step = 1; step <= STEPS; step++) {
			const schedule = attempt((longest * step) / STEPS);
			if (safest === undefined || schedule.unreachable < safest.unreachable) safest = schedule;
			if (schedule.unreachable > UNREACHABLE) continue;
			if (found === undefined || schedule.bytesPerDay < found.bytesPerDay) found = schedule;
		}
	// TCP's own retransmissions may be too slow for a short binding: then nobody can do better than this.
	return (found ?? safest)!;
}

/** With the price of the moves that are noticed, each by one keepalive: several within an interval cost as one. */
function asked(line: Line, schedule: Schedule): Schedule {
	const { intervalSeconds, bytesPerDay } = schedule;
	const moved = 1 - Math.exp(-intervalSeconds / line.rebindingSeconds);
	return { ...schedule, bytesPerDay: bytesPerDay + (DAY / intervalSeconds) * moved * toldCost(line) };
}

/** Refreshes that nobody answers, each `interval`; an acknowledged ping takes the place of one each 900 s. */
function oneWay(line: Line, intervalSeconds: number): Schedule {
	const { lifetimeSeconds, loss } = line;
	// The gap between two that arrive is k intervals long with probability loss^(k-1) (1-loss).
	let dead = 0;
	let deaths = 0;
	for (let k = 1, probability = 1 - loss; probability > 1e-12; k++, probability *= loss) {
		const late = k * intervalSeconds - lifetimeSeconds;
		if (late <= 0) continue;
		deaths += probability;
		// The server's question may be lost, too: then the next refresh raises it again.
		dead += probability * (late + (intervalSeconds * loss) / (1 - loss) + toldSeconds(line));
	}
	const gapsPerDay = (DAY * (1 - loss)) / intervalSeconds;
	const refreshes = Math.max(0, DAY / intervalSeconds - DAY / CHECK_SECONDS) * weights.oneWay.up;
	const checks = (DAY / CHECK_SECONDS) * costOf(weights.ping, loss);
	return {
		kind: "one-way",
		intervalSeconds,
		transmissions: COAP_AGAIN.length,
		bytesPerDay: refreshes + checks + gapsPerDay * deaths * toldCost(line),
		unreachable: (gapsPerDay * dead) / DAY,
		deathsPerDay: gapsPerDay * deaths,
	};
}

/** Most NATs give a dead binding's heir another port: the server asks who speaks there, and is told by an Update. */
function toldCost({ isProtected, loss }: Line): number {
	const update = isProtected ? weights.protectedUpdate : weights.update;
	return weights.oneWay.up * (1 - loss) + costOf(update, loss);
}

/** From the transmission that arrived until one whose answer arrives, too. */
function askedSeconds({ loss }: Line, again: readonly number[], from: number): number {
	const both = (1 - loss) ** 2;
	let seconds = 0;
	for (let i = 1, left = loss; left > 1e-9; i++, left *= 1 - both)
		seconds += left * both * (againAt(again, from + i) - againAt(again, from));
	return seconds;
}

/** How long the telling takes: an Update that is lost on its way is sent again. */
function toldSeconds({ loss }: Line): number {
	let seconds = 0;
	for (let i = 0, lost = 1; lost > 1e-9; i++, lost *= loss) seconds += lost * (1 - loss) * againAt(COAP_AGAIN, i);
	return seconds;
}

/**
 * An exchange each `interval` after the last acknowledged one, sent again as the transport does. A small Markov chain:
 * per transmission both ways succeed, or only up (the binding is refreshed, and it is sent again), or nothing does.
 */
function acknowledged(line: Line, intervalSeconds: number, weight: Weight, again: readonly number[]): Schedule {
	const { loss, lifetimeSeconds } = line;
	const both = (1 - loss) ** 2;
	const onlyUp = (1 - loss) * loss;
	/** Of having come to this transmission: with nothing arrived so far, and with something that nobody acknowledged. */
	let nothing = 1;
	let something = 0;
	let cycle = intervalSeconds;
	let dead = 0;
	let deaths = 0;
	let cost = 0;
	for (let i = 0; nothing + something > 1e-12; i++) {
		const late = againAt(again, i);
		cost += (nothing + something) * (weight.up + both * weight.down);
		if (intervalSeconds + late > lifetimeSeconds) {
			deaths += nothing * (1 - loss);
			const asked = askedSeconds(line, again, i);
			dead += nothing * (1 - loss) * (intervalSeconds + late - lifetimeSeconds + asked + toldSeconds(line));
		}
		cycle += (nothing + something) * both * late;
		something = something * (1 - both) + nothing * onlyUp;
		nothing *= loss;
	}
	return {
		kind: "acknowledged",
		intervalSeconds,
		transmissions: again.length,
		bytesPerDay: (DAY / cycle) * (cost + deaths * toldCost(line)),
		unreachable: dead / cycle,
		deathsPerDay: (DAY / cycle) * deaths,
	};
}

/** What an exchange costs until it is acknowledged; what is lost on its way down is not counted, as the world does. */
function costOf({ up, down }: Weight, loss: number): number {
	return up / (1 - loss) ** 2 + down;
}

/** After its last transmission an exchange is given as much time again before the next one begins. */
function againAt(again: readonly number[], transmission: number): number {
	const round = Math.floor(transmission / again.length);
	const last = again[again.length - 1]!;
	return round * (2 * last + 2.5) + again[transmission % again.length]!;
}
