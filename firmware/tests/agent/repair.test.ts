import { assert, suite } from "#suite";
import { Lab } from "./lab.js";

const test = suite("agent/repair");

/** A device whose only observation is told by CON notifications. */
function observed(keepaliveMs = 20_000): Lab {
	const lab = new Lab(keepaliveMs);
	lab.model.find(1, 0)!.set("defaultNotificationMode", 1);
	lab.run(1_000);
	lab.ask({ path: "/3303/0/5700", accept: 0, observe: 0 });
	lab.run(1_000);
	return lab;
}

test("an unacknowledged notification in a dead binding does not hold up the check", () => {
	const lab = observed();
	lab.rebind();
	lab.change(22.5);
	lab.run(22_000);
	assert.equal(lab.since(2_000).slice(0, 1), ["POST /rd/1"]);
	lab.ask({ path: "/3303/0/5700", accept: 0 });
	lab.run(1_000);
	assert.is(lab.seen.at(-1)!.text, "2.5 22.5");
});

test("nor does it hold up the Register at a server that has forgotten the device", () => {
	const lab = observed();
	lab.restartServer();
	lab.change(22.5);
	lab.run(22_000);
	assert.equal(lab.since(2_000), ["POST /rd/1", "POST /rd"]);
});

test("nor the good-bye", () => {
	const lab = observed();
	lab.rebind();
	lab.change(22.5);
	lab.run(100);
	lab.stop();
	lab.run(1_000);
	assert.equal(lab.since(2_000), ["DELETE /rd/1"]);
	assert.is(lab.kinds.at(-1), "deregistered");
});

test("while its link is down it opens nothing, sends nothing, and forgets no observation", () => {
	const lab = observed();
	lab.change(22.5);
	lab.agent.handleNetwork(lab.now, undefined);
	lab.run(0);
	const commandCount = lab.commands.length;
	for (let second = 0; second < 300; second++) {
		lab.run(1_000);
		lab.agent.handleTimeout(lab.now);
	}
	assert.is(lab.commands.length, commandCount);
	lab.change(23.5);
	lab.run(100);
	const at = lab.now;
	lab.agent.handleNetwork(lab.now, "wifi:home");
	lab.run(1_000);
	assert.equal(lab.since(at).sort(), ["2.5 23.5", "POST /rd/1"]);
});

test("what waited for a way is sent once when there is one", () => {
	const lab = new Lab(20_000, "coap://backend.example");
	lab.agent.handleResolved(0, 4, ["192.0.2.1"]);
	lab.run(1_000);
	lab.silent = true;
	lab.run(40_000);
	lab.silent = false;
	lab.run(400_000);
	const query = (lab.commands.at(-1) as { query: number }).query;
	const at = lab.now;
	lab.agent.handleResolved(lab.now, query, ["192.0.2.1"]);
	lab.run(10_000);
	assert.equal(lab.since(at), ["POST /rd/1"]);
});

test("never asks for a timeout that its own handling does not move", () => {
	for (const keepaliveMs of [100, 20_000, Number.POSITIVE_INFINITY]) {
		for (const lifetime of [1, 10, 86_400, 0xffff_ffff]) {
			const lab = new Lab(keepaliveMs);
			lab.model.find(1, 0)!.set("lifetime", lifetime);
			lab.agent.handleModelChanged(0);
			for (let minute = 0; minute < 5; minute++) {
				lab.silent = minute % 2 === 1;
				lab.run(60_000);
				assert.ok(lab.agent.pollTimeout() > lab.now - 1, `${keepaliveMs} ms, ${lifetime} s`);
			}
			assert.ok(lab.seen.length < 7_000, `${lab.seen.length} messages`);
		}
	}
});

test.run();
