// The mend of serialport's poller, on one that forgets as its native part does.

import { EventEmitter } from "node:events";
import { assert, suite } from "#suite";
import { watchAllEvents } from "./poller.js";

const test = suite("console/poller");

const READABLE = 1;
const WRITABLE = 2;

/** Watches what it was asked for last, and tells each event once. */
class ForgetfulPoller extends EventEmitter {
	watched = 0;

	poll(events = 0): void {
		this.watched = events;
	}

	/** The port became ready; true when somebody was told. */
	happens(bit: number, event: string): boolean {
		if ((this.watched & bit) === 0) return false;
		this.watched &= ~bit;
		return this.emit(event);
	}
}

test("a write that waits for room goes on after the board has spoken", () => {
	const poller = new ForgetfulPoller();
	watchAllEvents({ poller });
	poller.poll(WRITABLE);
	poller.poll(READABLE);
	assert.is(poller.watched, READABLE | WRITABLE);
	assert.is(poller.happens(READABLE, "readable"), true);
	poller.poll(READABLE);
	assert.is(poller.happens(WRITABLE, "writable"), true);
	assert.is(poller.watched, READABLE);
});

test("an event that came is watched no longer", () => {
	const poller = new ForgetfulPoller();
	watchAllEvents({ poller });
	poller.poll(READABLE);
	poller.happens(READABLE, "readable");
	poller.poll(WRITABLE);
	assert.is(poller.watched, WRITABLE);
});

test("a port without a poller is left alone", () => {
	watchAllEvents({});
	watchAllEvents(undefined);
});

test.run();
