// Signaling of CoAP over reliable transports (RFC 8323, 5): codes of class 7, each with option numbers of its own.

export const Signal = Object.freeze({
	Csm: 0xe1,
	Ping: 0xe2,
	Pong: 0xe3,
	Release: 0xe4,
	Abort: 0xe5,
});

/** RFC 8323, 5.3 to 5.6: what a number means depends on the code of its message. */
export const SignalOption = Object.freeze({
	/** In CSM. */
	MaxMessageSize: 2,
	/** In CSM. */
	BlockWiseTransfer: 4,
	/** In Ping and Pong. */
	Custody: 2,
	/** In Release. */
	AlternativeAddress: 2,
	/** In Release, in seconds. */
	HoldOff: 4,
	/** In Abort. */
	BadCsmOption: 2,
});

/** RFC 8323, 5.3.1: what a peer takes that has not said so. */
export const BASE_MESSAGE_LENGTH = 1152;

/** The first code that is neither a request, a response, nor reserved. */
export function isSignal(code: number): boolean {
	return code >> 5 === 7;
}
