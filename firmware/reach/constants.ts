// Numbers of the keepalive and of what is learned of bindings, in one place. Times in milliseconds, sizes in bytes.

/** IPv4 and UDP headers of a datagram. */
export const DATAGRAM_OVERHEAD = 28;

/** IPv4 and TCP headers of a segment without options. */
const SEGMENT_OVERHEAD = 40;

/** Of what is said over a stream, with its part in the acknowledgements: three segments carry two messages. */
export const STREAM_OVERHEAD = 1.5 * SEGMENT_OVERHEAD;

/** On the wire, there and back. */
export const messageLengths = Object.freeze({
	/** One byte, one way. */
	refresh: DATAGRAM_OVERHEAD + 1,
	/** One byte, and one in return. */
	ping: 2 * (DATAGRAM_OVERHEAD + 1),
	/** An Update and its answer, without keys. */
	check: 2 * DATAGRAM_OVERHEAD + 26,
	/** Over a stream the answer acknowledges the question, and is acknowledged in a segment of its own. */
	streamPing: 3 * SEGMENT_OVERHEAD + 8,
	streamCheck: 3 * SEGMENT_OVERHEAD + 26,
	/** What a message costs more over a stream: a longer header, and a segment that acknowledges it. */
	streamWord: 2 * SEGMENT_OVERHEAD - DATAGRAM_OVERHEAD,
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
	/** A binding that was used but once and lives for so long needs no second use: none of them is kept for 30 s only. */
	lastingMs: 45_000,
	/** So often is that asked for in a row. */
	lastingTries: 3,
	/** RFC 6888, REQ-8: a port is held for two minutes, and may be ours again then. */
	heldMs: 120_000,
	/** Shorter intervals promote by themselves. */
	promotedByMs: 25_000,
	/** While a network in which we move is measured: a move is to be told from the end of a probe's binding. */
	watchMs: 25_000,
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
	/**
	 * The part of silences on connections that is taken to end them by accident: three in a row are the end of the
	 * binding then. Where the address moves it is more, by an average over so many of them.
	 */
	endingPart: 0.1,
	endingsSmoothed: 32,
	/** How much later than promised a server may be heard, and how much sooner by its clock. */
	promiseMs: 5_000,
	/** The longest silence over a stream that is asked for: a dead one is given up 40 s later, and all within 900 s. */
	longestStreamMs: 850_000,
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
	/** No single word of an unanswered downlink is worth more: two of them are as good as a death. */
	leastAccident: 0.04,
	/** A word that is more likely an accident than this is none: there are too many of them. */
	mostAccident: 0.1,
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
	/** What was proven is measured again so often; before, after an hour, two, four: a loss may have misled us. */
	verifyMs: 86_400_000,
	/** And then every so many times what was seen dead, too: to know that it lives longer spares only bytes. */
	verifyUpper: 4,
	verifyFirstMs: 3_600_000,
	verifyJitter: 0.2,
	/** Among moves, which are watched for meanwhile, the first measurement takes no longer, the next half of that. */
	watchedMs: 14_400_000,
	/** Where no server measures, bounds this close (upper by lower) are close enough. */
	growth: 1.25,
	/** And an interval may be this much longer than the silence that a downlink proved. */
	boldness: 1.5,
	/** A downlink that comes sooner than this after our own word answers that, and says nothing of the binding. */
	reactionMs: 2_000,
	/** That a downlink comes no later than was proven is no rarer than this, whatever the interval: some come in step. */
	leastYoung: 0.5,
	/** Downlinks that come no later by accident with less chance than this: the growth is undone. */
	growthDoubt: 0.0002,
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
	/** While moves are watched for, intervals are short, and moves that come by chance are sooner in a row. */
	movesWatched: 6,
	/** So many more of them, at most, before what was proven is measured again. */
	movesInRowMax: 48,
	/** A doubt that held is taken so much further next time: what was taken for moves may be the end of bindings. */
	doubtGrowth: 1.5,
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

/** Of the choice between datagrams and a stream by what they cost. */
export const choiceNumbers = Object.freeze({
	/** A stream is tried where datagrams cost so many times as much as the best stream would. */
	worthTrying: 2,
	/** It is stayed with where they cost so many times as much as it was found to. */
	worthStaying: 1.25,
	/** So long it must have been so before, nothing of it in doubt. */
	patienceMs: 3_500_000,
	/** What the application says is counted for so long at least. */
	countedMs: 1_800_000,
	/** Nor is one tried where bindings are moved more often than this, */
	stillMs: 7_200_000,
	/** or more is lost: while TCP repeats what was lost, each try is out of reach for longer than it may be. */
	lossMost: 0.1,
	/** A connection that died was out of reach for a quarter of an hour: that counts as much as so many others. */
	deathWeight: 2,
	/** A stream that served for so long may disappoint once more as if it were the first time. */
	forgivenMs: 691_200_000,
	/** A stream that disappointed is tried again after two days, then after four, eight. */
	retryMs: 172_800_000,
	retryDoublingsMax: 2,
	retryJitter: 0.1,
});
