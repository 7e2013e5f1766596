// What can go wrong between us and a board's console: a kind for programs, one sentence for people.

/** Why a port or a board is of no use. */
export type ConsoleFailureKind =
	| "no-such-port"
	| "port-busy"
	| "port-denied"
	| "port-closed"
	| "no-answer"
	| "wrong-board"
	| "wrong-image"
	| "refused"
	| "tool-missing"
	| "flash-failed";

/** A failure whose message is one sentence. */
export class ConsoleFailure extends Error {
	readonly kind: ConsoleFailureKind;

	constructor(kind: ConsoleFailureKind, message: string) {
		super(message);
		this.kind = kind;
	}
}
