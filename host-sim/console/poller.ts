// A mend of npm's serialport, 13.0: its poller of a Unix port watches only the event that it was asked for last.
// A write that waits for room is forgotten when a read begins to wait, and hangs until the board speaks again.

/** Of @serialport/bindings-cpp: bits of events, and who waits for one. */
interface Poller {
	/** Begins to watch; an event that came is watched no longer. */
	poll(events?: number): void;
	on(event: "readable" | "writable" | "disconnect", listener: () => void): unknown;
}

const BITS = Object.freeze({ readable: 1, writable: 2, disconnect: 4 });

/** Lets an open port watch all that somebody waits for; one without a poller (Windows, the mock) has no need of it. */
export function watchAllEvents(binding: unknown): void {
	const poller = (binding as { readonly poller?: Poller } | undefined)?.poller;
	if (poller === undefined) return;
	let wanted = 0;
	for (const [event, bit] of Object.entries(BITS)) {
		poller.on(event as keyof typeof BITS, () => {
			wanted &= ~bit;
		});
	}
	const poll = poller.poll.bind(poller);
	poller.poll = (events = 0) => {
		wanted |= events;
		poll(wanted);
	};
}
