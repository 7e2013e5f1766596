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
});

/** LwM2M 1.2, /1/x/5: how long a disabled server is left alone when nothing else is said. */
export const disableTimeoutSeconds = 86_400;
