// How often what happened: a long run in which a rare state never occurred has not tested it.

/** Everything that is counted. Those with a sentence must occur in each nightly run. */
export const rareStates = {
	"datagrams lost": "the weather works",
	"datagrams damaged": "the weather works",
	"datagrams too large": "an MTU was too small",
	"refused by a NAT": "a NAT filtered or forgot",
	"deduplication hit": "a request arrived twice",
	"retransmission exhausted": "an exchange was given up",
	"4.04 from the back end": "a registration was forgotten",
	"4.08 from a device": "a representation went before its blocks were fetched",
	"tick wrap": "the 32-bit tick counter wrapped",
	"tick wrap in an exchange": "it wrapped while a message was unacknowledged",
	"rebinding repaired": "an Update came from another address",
	"power cuts": "devices lost their power",
	"power cuts in the flash": "devices lost their power in the middle of a write or an erase",
	"flash failures": "a device could not store",
	"journals repaired": "a device found the traces of a power cut in its flash",
	"back-end restarts": "the back end started again with its state",
	"back-end restarts, empty": "the back end started again without its state",
	"disk failures": "the back end could not write",
	"Block2 transfers": "a response came in blocks",
	"stale notifications dropped": "a notification was overtaken",
	"CON notifications": "an observer had to acknowledge",
	"separate responses": "an answer came after its Empty ACK",
	"observations reset": "a Reset ended an observation",
	"observations renewed": "a Register ended observations, which were set up again",
	"commands resent": "a command went out again, as the same message",
	"commands unanswered": "a command waited in vain",
	"Registers refused or unanswered": "a Register had to wait",
	reboots: "a server's Execute restarted a device",
	"datagrams said again": "an enemy said again what it had heard",
} as const;

export type RareState = keyof typeof rareStates;
export type Count =
	| RareState
	| "datagrams"
	| "commands"
	| "commands answered"
	| "notifications"
	| "promises kept"
	| "crossed"
	| "token of an ended observation";

export class Counters {
	readonly #counts = new Map<string, number>();

	add(count: Count, by = 1): void {
		this.#counts.set(count, (this.#counts.get(count) ?? 0) + by);
	}

	of(count: Count): number {
		return this.#counts.get(count) ?? 0;
	}

	/** All counts in alphabetical order. */
	list(): [string, number][] {
		return [...this.#counts].sort(([left], [right]) => (left < right ? -1 : 1));
	}

	merge(other: Counters): void {
		for (const [count, by] of other.list()) this.#counts.set(count, (this.#counts.get(count) ?? 0) + by);
	}

	/** Rare states that never occurred. */
	missing(): RareState[] {
		return (Object.keys(rareStates) as RareState[]).filter((state) => this.of(state) === 0);
	}
}
