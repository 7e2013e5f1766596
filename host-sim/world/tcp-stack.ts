// How two stacks behave that a device meets: its own, lwIP as ESP-IDF configures it, and Linux at the other end or on a
// larger machine. What is here decides the bytes on the wire and the time until a dead connection is given up.

export interface TcpStack {
	/** Of a SYN, and of every later segment; an end uses of the first what its peer offered, too. */
	readonly synOptionsLength: number;
	readonly optionsLength: number;
	readonly maximumSegmentLength: number;
	/** What may be written and not acknowledged. */
	readonly bufferLength: number;
	/** RFC 6298: before anything was measured; what is at least added to the round trip after; and the bound. */
	readonly firstTimeoutMs: number;
	readonly leastMarginMs: number;
	readonly mostTimeoutMs: number;
	/** Retransmissions of a SYN, and of what follows; then the connection is given up. */
	readonly synRetries: number;
	readonly retries: number;
	/** RFC 9293, 3.8.6.3: an acknowledgement waits so long for data to ride on. */
	readonly delayedAckMs: number;
	/** What comes before it has answered for the first time is acknowledged at once, as in tcp_in_quickack_mode. */
	readonly acksFirstAtOnce: boolean;
	/** So is the peer's end, which otherwise waits for its own. */
	readonly acksEndAtOnce: boolean;
}

/** The maximum segment size alone (RFC 9293, 3.7.1): ESP-IDF has time stamps, SACK and window scaling off. */
export const MSS_OPTION_LENGTH = 4;
/** Time stamps in each segment (RFC 7323), padded. */
const TIMESTAMPS_LENGTH = 12;

/** ESP-IDF 5: CONFIG_LWIP_TCP_RTO_TIME, _SYNMAXRTX, _MAXRTX, _SND_BUF_DEFAULT, _MSS, and lwIP's fast timer. */
export const lwip: TcpStack = {
	synOptionsLength: MSS_OPTION_LENGTH,
	optionsLength: 0,
	maximumSegmentLength: 1440,
	bufferLength: 5760,
	firstTimeoutMs: 1500,
	// Its slow timer counts in 500 ms.
	leastMarginMs: 500,
	mostTimeoutMs: 192_000,
	synRetries: 12,
	retries: 12,
	// Its fast timer ticks each 250 ms: half of that on average.
	delayedAckMs: 125,
	acksFirstAtOnce: false,
	acksEndAtOnce: true,
};

/** Linux: tcp_syn_retries, tcp_retries2, TCP_RTO_MIN and _MAX, TCP_DELACK_MIN. */
export const linux: TcpStack = {
	// MSS, SACK permitted, time stamps, window scale.
	synOptionsLength: 20,
	optionsLength: TIMESTAMPS_LENGTH,
	maximumSegmentLength: 1448,
	bufferLength: 65_536,
	firstTimeoutMs: 1000,
	leastMarginMs: 200,
	mostTimeoutMs: 120_000,
	synRetries: 6,
	retries: 15,
	delayedAckMs: 40,
	acksFirstAtOnce: true,
	acksEndAtOnce: false,
};
