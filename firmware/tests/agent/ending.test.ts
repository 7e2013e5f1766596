import { assert, suite } from "#suite";
import { addServerAccount } from "../../agent/server-account.js";
import { Code } from "../../coap/codes.js";
import type { Model } from "../../lwm2m/model.js";
import { Lab } from "./lab.js";

const test = suite("agent/ending");

/** A second account, whose server's name is never resolved. */
function addSecondAccount(model: Model): void {
	const account = { serverUri: "coap://second.example", shortServerId: 2, lifetimeSeconds: 300 };
	addServerAccount(model, { ...account, server: { disable: null } });
}

test("stopped while there is no way to the server, it ends all the same", () => {
	const lab = new Lab(20_000, "coap://backend.example");
	lab.agent.handleResolved(0, 4, ["192.0.2.1"]);
	lab.run(1_000);
	lab.silent = true;
	lab.run(40_000); // the check failed, and the name is asked for again, in vain
	assert.is(lab.commands.at(-1)!.kind, "resolve");
	lab.stop();
	assert.is(lab.kinds.at(-1), "deregistered");
	assert.is(lab.agent.pollTimeout(), Number.POSITIVE_INFINITY);
});

test("stopped while its link is down, it ends all the same", () => {
	const lab = new Lab();
	lab.run(1_000);
	lab.agent.handleNetwork(lab.now, undefined);
	lab.stop();
	assert.is(lab.kinds.at(-1), "deregistered");
	assert.is(lab.agent.pollTimeout(), Number.POSITIVE_INFINITY);
});

test("stopped while it registers, updates or waits, it ends within the time of a good-bye", () => {
	for (const after of [5, 1_000, 20_005, 30_000, 45_000, 120_000, 200_000]) {
		const lab = new Lab();
		lab.run(Math.min(after, 1_000));
		lab.silent = true;
		lab.run(after - lab.now);
		lab.stop();
		lab.run(14_001);
		assert.is(lab.kinds.at(-1), "deregistered", `after ${after} ms`);
		assert.is(lab.agent.pollTimeout(), Number.POSITIVE_INFINITY, `after ${after} ms`);
	}
});

test("stopped, it stays so when the network changes", () => {
	const lab = new Lab();
	lab.run(1_000);
	lab.stop();
	lab.run(1_000);
	lab.agent.handleNetwork(lab.now, "wifi:other");
	lab.run(100_000);
	assert.equal(lab.since(1_000), ["DELETE /rd/1"]);
});

test("stopped while disabled, it does not come back", () => {
	const lab = new Lab();
	lab.run(1_000);
	lab.ask({ code: Code.Post, path: "/1/0/4" });
	lab.run(1_000);
	lab.stop();
	lab.run(700_000);
	assert.equal(lab.since(1_000), ["2.4", "DELETE /rd/1"]);
	assert.is(lab.agent.pollTimeout(), Number.POSITIVE_INFINITY);
});

test("disabled, it stays away when the network changes, until its time", () => {
	const lab = new Lab();
	lab.run(1_000);
	lab.ask({ code: Code.Post, path: "/1/0/4" });
	lab.run(1_000);
	lab.agent.handleNetwork(lab.now, "wifi:other");
	lab.run(590_000);
	assert.equal(lab.since(1_000), ["2.4", "DELETE /rd/1"]);
	lab.run(10_000);
	assert.is(lab.seen.at(-1)!.text, "POST /rd");
});

test("comes back from a Disable that is shorter than an unanswered good-bye", () => {
	for (const seconds of [0, 1, 10]) {
		const lab = new Lab();
		lab.model.find(1, 0)!.set("disableTimeout", seconds);
		lab.run(1_000);
		const know = lab.answerTo;
		lab.ask({ code: Code.Post, path: "/1/0/4" });
		lab.run(15);
		lab.silent = true;
		lab.run(20_000);
		lab.silent = false;
		lab.answerTo = know;
		lab.run(300_000);
		assert.is(lab.kinds.at(-1), "updated", `${seconds} s`);
	}
});

test("Disable of another server's account disables that one", () => {
	const lab = new Lab(20_000, "coap://192.0.2.1:5683", addSecondAccount);
	lab.run(1_000);
	lab.ask({ code: Code.Post, path: "/1/1/4" });
	lab.run(1_000);
	assert.equal(lab.since(1_000), ["2.4"]);
	const last = lab.events.at(-1)!;
	assert.equal([last.kind, last.shortServerId], ["deregistered", 2]);
});

test("Registration Update Trigger of another server's account is none of this one", () => {
	const lab = new Lab(20_000, "coap://192.0.2.1:5683", addSecondAccount);
	lab.run(1_000);
	lab.ask({ code: Code.Post, path: "/1/1/8" });
	lab.run(1_000);
	assert.equal(lab.since(1_000), ["2.4"]);
});

test("started again before its good-bye is answered, it registers and stays within reach", () => {
	for (const keepaliveMs of [20_000, undefined]) {
		const lab = new Lab(20_000, undefined, undefined, { keepaliveMs });
		lab.run(1_000);
		lab.stop();
		lab.agent.start(lab.now);
		const at = lab.now;
		lab.run(3_600_000);
		assert.ok(lab.since(at).includes("POST /rd"));
		assert.ok(lab.since(lab.now - 960_000).length > 0, "still there an hour later");
		assert.ok(lab.agent.pollTimeout() > lab.now && lab.agent.pollTimeout() < lab.now + 960_000);
	}
});

test.run();
