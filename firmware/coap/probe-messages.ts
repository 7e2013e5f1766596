// The layout of the messages by which a device measures how long a NAT keeps a binding (docs/reach-extension.md): POST
// /np with a ticket opens a fresh binding, and with ticket, nonce and delay it asks for one late answer through that.

export const probeMessages = Object.freeze({
	/** Uri-Path. */
	path: "np",
	/** Bytes of a ticket, and of the padding by which a request for one is no shorter than its answer. */
	ticketLength: 8,
	/** Bytes of the nonce that only whoever reads at the fresh address knows. */
	nonceLength: 4,
	/** Bytes of the delay in seconds. */
	delayLength: 2,
	delaySecondsMin: 1,
	delaySecondsMax: 900,
	/** Fresh bindings that one ticket opens. */
	ticketUses: 8,
	/** How long a ticket opens any. */
	ticketMs: 300_000,
});

/** Bytes of the payload that opens a binding. */
export const OPEN_LENGTH = probeMessages.ticketLength;

/** Bytes of the payload that asks for the late answer. */
export const ARM_LENGTH = probeMessages.ticketLength + probeMessages.nonceLength + probeMessages.delayLength;
