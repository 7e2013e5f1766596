// Numbers of the keepalive and of what is learned of bindings, in one place. Times in milliseconds, sizes in bytes.

/** IPv4 and UDP headers of a datagram. */
export const DATAGRAM_OVERHEAD = 28;

/** On the wire, there and back. */
export const messageLengths = Object.freeze({
	/** One byte, one way. */
	refresh: DATAGRAM_OVERHEAD + 1,
	/** One byte, and one in return. */
	ping: 2 * (DATAGRAM_OVERHEAD + 1),
	/** An Update and its answer, without keys. */
	check: 2 * DATAGRAM_OVERHEAD + 26,
});

export const keepaliveTimes = Object.freeze({
	/** RFC 8085, 3.5: no faster than this, unless the network is known to demand it. */
	floorMs: 15_000,
	/** No network demands less than a datagram a second. */
	leastMs: 1_000,
	/** Liveness: something acknowledged at least so often, its repetitions included. */
	acknowledgedMs: 890_000,
	/** For a stock server, which does not tell that we moved: so often, or each ten intervals if that is less often. */
	untoldMs: 300_000,
	/** The server is told our address, and a protected exchange proves who it is, at least so often. */
	toldMs: 3_600_000,
	/** The part of an interval that chance takes away at most, so that fleets do not march in step. */
	jitter: 0.04,
	/** Between a lower bound and the interval: timers and datagrams are late by as much. */
	guardMs: 500,
	/** Intervals this close are one. */
	sameMs: 100,
	/** An Update that follows the word "unknown" comes no sooner after the one before. */
	unknownMs: 15_000,
	/** An exchange whose outcome never came is forgotten after this: longer than any exchange lasts. */
	outcomeMs: 300_000,
	/** Linux keeps a binding for 30 s only until it is used again more than 2 s after it began, with an answer seen. */
	promotionMs: 3_500,
	/** Shorter intervals promote by themselves. */
	promotedByMs: 25_000,
	/** Losses from here on may end a binding unnoticed, so that what begins anew is to be promoted anew. */
	promotionLoss: 0.003,
});

/** The part of time in which a binding may be dead by the loss of its keepalives. */
export const unreachableMax = 0.0008;

export const learningNumbers = Object.freeze({
	/** RFC 9308, 3.2: what a binding lives at least where nothing is known of it. */
	assumedMs: 30_000,
	/** No NAT is known that forgets an idle TCP connection sooner; RFC 5382 wants 2 h 4 min. */
	assumedStreamMs: 110_000,
	/** So many pings in a row, each unanswered on a connection while another one could be had at once, are its end. */
	deadStreams: 3,
	/** How much later than promised a server may be heard, and how much sooner by its clock. */
	promiseMs: 5_000,
	/** So many promises in a row that were not kept are believed to be the end of the connection. */
	brokenPromises: 3,
	/** The longest silence over a stream that is asked for: something is said each 890 s. */
	longestStreamMs: 880_000,
	/** At once: the server was not down. */
	reconnectedMs: 60_000,
	/** Bounds this close (upper by lower) are one value. */
	precision: 1.055,
	/** The first look at a network measures from above this to the longest silence, with equal ratios. */
	firstMs: 10_000,
	/** The longest silence that is measured, and that any interval needs. */
	longestMs: 900_000,
	/** The shortest one. */
	shortestMs: 4_000,
	/** No network forgets sooner: what is lost then is lost for other reasons. */
	deadMs: 2_000,
	/** Measured at once, by as many sockets. */
	probesAtOnce: 6,
	/** A silence is believed to be death only where losses explain it with less chance than this. */
	doubt: 0.002,
	/** How soon after the first registration in a network it is measured; chance doubles it at most. */
	firstProbeMs: 20_000,
	/** Between two rounds of one measurement. */
	nextProbeMs: 1_000,
	/** After a round that came to nothing; it doubles. */
	retryMs: 60_000,
	retryDoublingsMax: 10,
	retryJitter: 0.5,
	/** After a registration: a server that comes back for a whole fleet has other things to do at first. */
	afterStartMs: 600_000,
	afterStartMaxMs: 3_600_000,
	/** What is known is measured again so often; before, after an hour, two, four: a loss may have misled us. */
	verifyMs: 259_200_000,
	verifyFirstMs: 3_600_000,
	/** Where no server measures, an interval may be this much longer than the silence that a downlink proved. */
	growth: 1.25,
	/** 0.8^31 = 0.1 %: so many downlinks in long intervals, none of them in the last fifth, and the growth is undone. */
	youngDownlinks: 31,
	/** An interval of this part of the lifetime or more is a long one. */
	longPart: 0.9,
	/** A growth that was undone is tried again after a day, then after two, four, up to about a week. */
	regrowthMs: 86_400_000,
	regrowthMaxMs: 691_200_000,
	/** One interval in so many is a grown one: what it may cost, it costs only half of the time. */
	longInterval: 2,
	/** A server that was silent for longer than this proves nothing soon: nothing is risked for it. */
	downlinkMs: 3_600_000,
	/** So many moves, one in each interval, are no moves: the binding ends before the interval does. */
	movesInRow: 3,
	/** So many more of them, at most, before what was proven is measured again. */
	movesInRowMax: 48,
	/** Moves whose distances are averaged. */
	movesSmoothed: 32,
	/** Without a move for so long, a network is quiet. */
	quietMs: 86_400_000,
	/** What is learned goes to flash no sooner than this after the time before. */
	storeMs: 600_000,
});

/** A server that was out of reach by all transports is back: then the preferred one is tried soon. */
export const soonMs = 60_000;

/** The preferred transport is tried again after an hour on another, then after two, four, up to about a day. */
export const betterTransport = Object.freeze({ retryMs: 4_000_000, retryDoublingsMax: 4, retryJitter: 0.1 });
