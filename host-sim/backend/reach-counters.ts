// What the extension Reach had to do, since the start.

export class ReachCounters {
	/** Keeper bytes and pings from where nobody is registered. */
	strangersAnswered = 0;
	/** Answers that were not given, as there were too many. */
	limited = 0;
	/** Tickets to measure a binding with. */
	tickets = 0;
	/** Fresh sockets that began. */
	opened = 0;
	/** Fresh sockets that showed that they read what they are sent, and wait for their answer. */
	armed = 0;
	/** Answers that went out after their delay. */
	delayed = 0;
	/** What came without a valid ticket, or asked for too much. */
	refused = 0;
}
