import { assert, suite } from "#suite";
import { encodeReach, ReachFlag, readWindow } from "../../coap/reach-option.js";
import type { Model } from "../../lwm2m/model.js";
import { Server } from "../../lwm2m/objects/server.js";
import { Temperature } from "../../lwm2m/objects/temperature.js";
import { Lab } from "./lab.js";

const test = suite("agent/queue-mode");

/** A device in Queue Mode that would check its binding each 20 s if it were not. */
function queued(): Lab {
	const lab = new Lab(20_000, undefined, queue);
	lab.run(1000);
	return lab;
}

function queue(model: Model): void {
	model.find(Server.objectId, 0)!.set("binding", "UQ");
}

test("it sleeps when its window is over, without a word: nothing keeps the binding open from then on", () => {
	const lab = queued();
	lab.run(92_000);
	assert.equal(lab.kinds, ["registered"]);
	lab.run(1000);
	assert.equal(lab.kinds, ["registered", "asleep"]);
	lab.run(3_600_000);
	assert.equal(lab.since(0), ["POST /rd"]);
});

test("what the server asks meanwhile is answered, and the window begins anew", () => {
	const lab = queued();
	lab.run(80_000);
	lab.ask({ path: "/3303/0/5700", accept: 0 });
	lab.run(90_000);
	assert.not(lab.kinds.includes("asleep"));
	lab.run(4000);
	assert.ok(lab.kinds.includes("asleep"));
});

test("a notification wakes it: an Update goes first, from wherever it is now", () => {
	const lab = queued();
	lab.ask({ path: "/3303/0/5700", observe: 0, accept: 0 });
	lab.run(200_000);
	lab.rebind();
	lab.change(23);
	lab.run(1000);
	assert.equal(lab.since(100_000), ["POST /rd/1", "2.5 23"]);
	assert.equal(lab.kinds.slice(-4), ["asleep", "awake", "updated", "operation"]);
	lab.change(24);
	lab.run(1000);
	assert.equal(lab.since(100_000), ["POST /rd/1", "2.5 23", "2.5 24"]);
});

test("the notification waits for the Update that wakes it, however often that has to be repeated", () => {
	const lab = queued();
	lab.ask({ path: "/3303/0/5700", observe: 0, accept: 0 });
	lab.run(200_000);
	lab.silent = true;
	lab.change(23);
	lab.run(10_000);
	lab.silent = false;
	lab.change(24);
	lab.run(20_000);
	assert.equal(lab.since(200_000), ["POST /rd/1", "2.5 24"]);
});

test("where nobody answers the way is repaired as without Queue Mode", () => {
	const lab = queued();
	lab.ask({ path: "/3303/0/5700", observe: 0, accept: 0 });
	lab.run(200_000);
	lab.silent = true;
	lab.change(23);
	lab.run(100_000);
	lab.silent = false;
	lab.run(100_000);
	assert.equal(lab.since(200_000), ["POST /rd"]);
	assert.equal(lab.kinds.slice(-4), ["suspect", "registered", "repaired", "asleep"]);
});

test("the lifetime wakes it for an Update", () => {
	const lab = queued();
	lab.run(86_400_000 - 93_000);
	assert.equal(lab.since(1000), ["POST /rd/1"]);
	assert.equal(lab.kinds.slice(0, 4), ["registered", "asleep", "awake", "updated"]);
});

/** What a server says that has nothing more for the device. */
const NOTHING_WAITS = encodeReach({ flags: ReachFlag.Idle, lostSeconds: -1, lostCount: 0, heardCount: -1 });

/** The same device at a server that knows the extension. */
function released(): Lab {
	const lab = queued();
	const answerTo = lab.answerTo;
	lab.answerTo = (text) => ({ ...answerTo(text), reach: NOTHING_WAITS });
	lab.run(200_000);
	return lab;
}

test("told by the answer to its Update that nothing waits, it sleeps two seconds later (OMA#524)", () => {
	const lab = released();
	lab.ask({ path: "/3303/0/5700", observe: 0, accept: 0 });
	lab.run(200_000);
	const wokeAt = lab.now;
	lab.change(23);
	lab.run(1900);
	assert.equal(lab.since(wokeAt), ["POST /rd/1", "2.5 23"]);
	assert.is(lab.agent.asleepUntil(), undefined);
	lab.run(200);
	assert.is(lab.kinds.at(-1), "asleep");
});

test("what the server asks all the same opens a whole window again", () => {
	const lab = released();
	lab.ask({ path: "/3303/0/5700", observe: 0, accept: 0 });
	lab.run(200_000);
	lab.change(23);
	lab.run(1000);
	lab.ask({ path: "/3303/0/5700", accept: 0 });
	lab.run(92_000);
	assert.is(lab.agent.asleepUntil(), undefined);
	lab.run(3000);
	assert.ok(lab.agent.asleepUntil() !== undefined);
});

test("a request that says that it is the last one leaves time for its repetitions, and no more", () => {
	const lab = queued();
	lab.ask({ path: "/3303/0/5700", accept: 0, reach: NOTHING_WAITS });
	lab.run(8900);
	assert.is(lab.agent.asleepUntil(), undefined);
	lab.run(200);
	assert.ok(lab.agent.asleepUntil() !== undefined);
});

test("the window can be set, and is told at Register", () => {
	const lab = new Lab(20_000, undefined, queue, { awakeMs: 10_000 });
	const words: string[] = [];
	lab.onRequest = (message) => words.push(`${readWindow(message)}`);
	lab.run(9900);
	assert.equal(words, ["10"]);
	assert.not(lab.kinds.includes("asleep"));
	lab.run(200);
	assert.ok(lab.kinds.includes("asleep"));
});

test("an answer that is put off keeps it awake", () => {
	const lab = new Lab(20_000, undefined, (model) => {
		queue(model);
		model.add(Temperature, 1, { sensorValue: 0 }, { read: () => ({ later: 1 }) });
	});
	lab.run(1000);
	lab.ask({ path: "/3303/1/5700", accept: 0 });
	lab.run(200_000);
	assert.not(lab.kinds.includes("asleep"));
	lab.agent.complete(lab.now, { later: 1 }, { value: 30 });
	lab.run(92_000);
	assert.not(lab.kinds.includes("asleep"));
	lab.run(3000);
	assert.ok(lab.kinds.includes("asleep"));
});

test("a CON notification that is not acknowledged yet keeps it awake (zephyr PR#93872)", () => {
	const lab = new Lab(Number.POSITIVE_INFINITY, undefined, queue, { awakeMs: 1000 });
	lab.run(100);
	lab.ask({ path: "/3303/0/5700", observe: 0, accept: 0, query: ["con=1"] });
	lab.run(5000);
	const told = lab.events.length;
	lab.change(23);
	lab.run(100);
	lab.silent = true;
	lab.change(24);
	lab.run(20_000);
	assert.not(kindsSince(lab, told).includes("asleep"));
	lab.silent = false;
	lab.run(40_000);
	assert.ok(kindsSince(lab, told).includes("asleep"));
});

test("it tells its board until when the radio may be off", () => {
	const lab = queued();
	assert.is(lab.agent.asleepUntil(), undefined);
	lab.run(100_000);
	assert.is(lab.agent.asleepUntil(), lab.agent.pollTimeout());
	assert.ok(lab.agent.pollTimeout() > 86_000_000);
});

function kindsSince(lab: Lab, count: number): string[] {
	return lab.kinds.slice(count);
}

test.run();
