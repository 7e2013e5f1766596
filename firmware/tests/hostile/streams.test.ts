// suite: limit=120
import { assert, suite } from "#suite";
import { attackStreams, attackWebSockets } from "./streams.js";

const test = suite("hostile/streams");

const FRAMES = 10_000;

test(`streams outlive ${FRAMES} hostile frames or end, the same way on every engine`, () => {
	const outcome = attackStreams(1, FRAMES);
	suite.record("outcome", outcome);
	// The enemy got through to the endpoint, and every way to end was gone.
	assert.ok(outcome.requests > FRAMES / 10, String(outcome.requests));
	for (const why of ["fault", "aborted", "released"]) assert.ok((outcome.ends[why] ?? 0) > 0, why);
	assert.ok(outcome.written < 100 * FRAMES, String(outcome.written));
});

test(`WebSockets outlive ${FRAMES} hostile frames or close`, () => {
	const outcome = attackWebSockets(2, FRAMES);
	suite.record("outcome", outcome);
	assert.ok(outcome.messages > FRAMES / 4 && outcome.closed > FRAMES / 100, JSON.stringify(outcome));
});

test.run();
