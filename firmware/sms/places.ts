// The places of a modem's storage that hold a message; the first of them is in work.

import { LIST_COUNT, PLACE_COUNT, READ_COUNT } from "./constants.js";

export class Places {
	readonly #places: number[] = [];
	/** The list had more messages than fit, and how many lists there were since there was nothing to do. */
	#hasMore = false;
	#lists = 0;
	/** How often the one in work was read. */
	#reads = 0;
	/** Its last look showed a message, or what the line has left of one. */
	isRead = false;
	isSpoilt = false;

	get first(): number | undefined {
		return this.#places[0];
	}

	/** What a list leaves out another one finds. */
	get wantsList(): boolean {
		return this.#hasMore && this.#lists < LIST_COUNT;
	}

	note(place: number): void {
		if (!(place >= 0) || this.#places.indexOf(place) >= 0) return;
		if (this.#places.length < PLACE_COUNT) this.#places.push(place);
		else this.#hasMore = true;
	}

	/** All of them are listed. */
	handleList(): void {
		this.#hasMore = false;
		this.#lists++;
	}

	/** The one in work is looked at. */
	handleLook(): void {
		this.isRead = false;
		this.isSpoilt = false;
	}

	/** What the look was good for; "empty": nothing stands there. */
	judge(): "read" | "again" | "spoilt" | "empty" {
		if (this.isRead && !this.isSpoilt) return "read";
		if (++this.#reads < READ_COUNT) return "again";
		return this.isSpoilt ? "spoilt" : "empty";
	}

	/** The one in work is done. */
	drop(): void {
		this.#places.shift();
		this.#reads = 0;
	}

	/** Nothing is left to do. */
	rest(): void {
		this.#lists = 0;
	}

	forget(): void {
		this.#places.length = 0;
		this.#reads = 0;
	}
}
