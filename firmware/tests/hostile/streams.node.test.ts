// suite: limit=240
import { assert, suite } from "#suite";
import { attackStreams, attackWebSockets } from "./streams.js";

const test = suite("hostile/streams, many");

const FRAMES = 100_000;

test(`streams and WebSockets outlive ${FRAMES} hostile frames each`, () => {
	const outcome = attackStreams(11, FRAMES);
	const webSockets = attackWebSockets(12, FRAMES);
	suite.record("outcome", { ...outcome, webSockets });
	assert.ok(outcome.requests > FRAMES / 10 && outcome.connections > 10);
	assert.ok(webSockets.messages > FRAMES / 4);
});

test.run();
