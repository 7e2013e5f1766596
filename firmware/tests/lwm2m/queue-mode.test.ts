import { assert, suite } from "#suite";
import { MAX_TRANSMIT_WAIT } from "../../coap/constants.js";
import { IDLE_GRACE } from "../../lwm2m/constants.js";
import { isQueued, QueueMode } from "../../lwm2m/queue-mode.js";

const test = suite("lwm2m/queue-mode");

test("a Q among the letters of the binding asks for it", () => {
	assert.equal(["U", "UQ", "UQS", "UT"].map(isQueued), [false, true, true, false]);
});

test("it listens for MAX_TRANSMIT_WAIT after the last message, then sleeps until the next", () => {
	const queueMode = new QueueMode();
	assert.is(queueMode.windowMs, MAX_TRANSMIT_WAIT);
	assert.ok(queueMode.isAsleep);
	assert.is(queueMode.pollTimeout(), Infinity);
	assert.ok(queueMode.handleExchange(1000));
	assert.not(queueMode.handleExchange(50_000));
	assert.is(queueMode.pollTimeout(), 50_000 + MAX_TRANSMIT_WAIT);
	queueMode.handleTimeout(50_000 + MAX_TRANSMIT_WAIT - 1);
	assert.not(queueMode.isAsleep);
	queueMode.handleTimeout(50_000 + MAX_TRANSMIT_WAIT);
	assert.ok(queueMode.isAsleep);
	assert.is(queueMode.pollTimeout(), Infinity);
	assert.ok(queueMode.handleExchange(1e6));
});

test("the window can be another one", () => {
	const queueMode = new QueueMode(5000);
	queueMode.handleExchange(0);
	assert.is(queueMode.pollTimeout(), 5000);
});

test("with the server's word that nothing waits there it listens but a moment after each message", () => {
	const queueMode = new QueueMode();
	queueMode.handleExchange(0);
	queueMode.handleWord(1000, IDLE_GRACE);
	assert.is(queueMode.pollTimeout(), 1000 + IDLE_GRACE);
	queueMode.handleExchange(2000);
	assert.is(queueMode.pollTimeout(), 2000 + IDLE_GRACE);
});

test("until something else comes from the server", () => {
	const queueMode = new QueueMode();
	queueMode.handleWord(0, IDLE_GRACE);
	queueMode.handleWord(1000, undefined);
	assert.is(queueMode.pollTimeout(), 1000 + MAX_TRANSMIT_WAIT);
});

test("a window shorter than the moment stays as short", () => {
	const queueMode = new QueueMode(500);
	queueMode.handleWord(0, IDLE_GRACE);
	assert.is(queueMode.pollTimeout(), 500);
});

test("while an exchange is open it stays awake, and looks again a moment later", () => {
	const queueMode = new QueueMode(5000);
	queueMode.handleExchange(0);
	queueMode.handleTimeout(5000, true);
	assert.not(queueMode.isAsleep);
	assert.is(queueMode.pollTimeout(), 5000 + IDLE_GRACE);
	queueMode.handleTimeout(5000 + IDLE_GRACE, false);
	assert.ok(queueMode.isAsleep);
});

test.run();
