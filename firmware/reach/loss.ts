// How much of what is sent gets lost, estimated from what was acknowledged and from what the server counted.

/** What is taken for seen before anything was: half a per cent, worth as much as 40 datagrams. */
const PRIOR_LOST = 0.2;
const PRIOR_SENT = 40;
/** More datagrams than this are the past: they count half from then on. */
const MEMORY = 2_000;
/** No delay is measured more often than this before it is given up. */
const ENOUGH_MAX = 12;
/** Times the expected number, and one. */
const BELIEVED = 3;

export class Loss {
	private lost = 0;
	private sent = 0;
	/** Refreshes since the server was last told our address, and how often it did not know who sent them. */
	private refreshCount = 0;
	private unknownCount = 0;
	/** The last count was too bad to be believed. */
	private isDoubtful = false;

	/** The part of the datagrams, 0 to below 1, that is lost on one way. */
	get part(): number {
		return (PRIOR_LOST + this.lost) / (PRIOR_SENT + this.sent);
	}

	/** A message was answered after so many transmissions: all but the last are a loss on one of the two ways. */
	handleAnswered(tries: number): void {
		this.count(tries + 1, tries - 1);
	}

	handleRefresh(): void {
		this.refreshCount++;
	}

	handleUnknown(): void {
		this.unknownCount++;
	}

	/** The server starts to count. */
	restart(): void {
		this.refreshCount = 0;
		this.unknownCount = 0;
	}

	/**
	 * How many refreshes it heard since it was last told; below 0: it does not say. A server that was started anew forgot
	 * some: that much more than expected was lost is believed the second time, and then only in part.
	 */
	handleHeard(heardCount: number): void {
		const sent = this.refreshCount;
		const lost = sent - Math.min(sent, heardCount + this.unknownCount);
		const most = Math.ceil(BELIEVED * (1 + this.part * sent));
		this.restart();
		if (heardCount < 0) return;
		const wasDoubtful = this.isDoubtful;
		this.isDoubtful = lost > most;
		if (!this.isDoubtful || wasDoubtful) this.count(sent, Math.min(lost, most));
	}

	/**
	 * How many silences in a row are no accident but with this chance, where so many moves add their part to the losses,
	 * and so many others had hidden what lived: that was not seen either.
	 */
	enough(doubt: number, moves: number, hidden: number): number {
		const missed = 1 - (1 - this.part) * Math.exp(-moves);
		const accident = missed / (missed + (1 - this.part) * Math.exp(-moves - hidden));
		return Math.min(ENOUGH_MAX, Math.max(2, Math.ceil(Math.log(doubt) / Math.log(accident))));
	}

	/** The chance that none of so many copies of a message is answered, whichever way it gets lost. */
	unanswered(copies: number): number {
		return (1 - (1 - this.part) ** 2) ** copies;
	}

	private count(sent: number, lost: number): void {
		this.sent += sent;
		this.lost += lost;
		if (this.sent <= MEMORY) return;
		this.sent /= 2;
		this.lost /= 2;
	}
}
