import { assert, suite } from "#suite";
import { Server } from "../../lwm2m/objects/server.js";
import { Lab } from "./lab.js";

const test = suite("agent/queue-mode");

/** A device in Queue Mode that would check its binding each 20 s if it were not. */
function queued(): Lab {
	const lab = new Lab(20_000, undefined, (model) => model.find(Server.objectId, 0)!.set("binding", "UQ"));
	lab.run(1000);
	return lab;
}

test("it sleeps when its window is over, without a word: there is no keepalive", () => {
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

test.run();
