// Times of the agent's own making, in milliseconds where their names do not say otherwise.

/** After a failed name resolution, or a socket that could not be opened. */
export const wayTimes = Object.freeze({
	/** The first wait; it doubles with each failure. */
	retryMs: 2_000,
	/** The wait stops growing at 2 s * 2^7 = 256 s. */
	retryDoublingsMax: 7,
	/** Part of the wait that chance takes away. */
	retryJitter: 0.5,
	/** Then nobody answers a query any more; lwIP gives one up after 10 s. */
	resolveMs: 60_000,
	/** Then no connection comes of it any more: a SYN is repeated after 1, 3 and 7 s (RFC 6298, 2 and 5). */
	openMs: 15_000,
	/** So long a server may keep devices away that it asked to go (RFC 8323, 5.5): who says years errs, or lies. */
	holdOffMs: 86_400_000,
	/** The answer to the order to leave a way still goes by it. */
	rerouteMs: 500,
});

/** Of one server's triggers by SMS: limits.triggerCount in an hour, and none soon after another. */
export const triggerTimes = Object.freeze({ gapMs: 60_000, hourMs: 3_600_000 });

/** Of what observers hear of a binding (/33101): news, where the agent is awake anyway, and figures. */
export const reportTimes = Object.freeze({ lookMs: 60_000, figuresMs: 3_600_000 });

/** LwM2M 1.2, /1/x/5: how long a disabled server is left alone when nothing else is said. */
export const disableTimeoutSeconds = 86_400;

/** Of the measurement of a binding on fresh sockets. */
export const probeTimes = Object.freeze({
	/** The first repetition; the time doubles with each. */
	ackMs: 2_500,
	maxRetransmit: 3,
	/** Linux takes a flow for a stream when it speaks again later than 2 s after its beginning. */
	promotionMs: 3_000,
	/** What it says again within this time it takes for the same use. */
	onceMs: 1_000,
	/** How much later than asked for an answer may come. */
	lateMs: 5_000,
	/** A server that gave a ticket a moment ago gives another one then. */
	ticketRetryMs: 6_000,
	/** A server that did not know our address knows it then: the Update that tells it waits for up to 15 s. */
	strangerRetryMs: 20_000,
});
