// What users of other clients and servers complained about, as far as it concerns presence: Queue Mode, what is told
// after an outage, and Send. Each title cites the complaint.

import { assert, suite } from "#suite";
import { Code } from "../../coap/codes.js";
import { ContentFormat } from "../../coap/options.js";
import { encodeReach, ReachFlag } from "../../coap/reach-option.js";
import type { Model } from "../../lwm2m/model.js";
import { Server } from "../../lwm2m/objects/server.js";
import { Lab } from "./lab.js";

const test = suite("agent/complaints: presence");

const SENSOR = "/3303/0/5700";
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOTHING_WAITS = encodeReach({ flags: ReachFlag.Idle, lostSeconds: -1, lostCount: 0, heardCount: -1 });

function queued(model: Model): void {
	const server = model.find(Server.objectId, 0)!;
	server.set("binding", "UQ");
	server.set("muteSend", false);
}

/** A device that sleeps, at a server that takes Sends; `observes`: it reports its temperature. */
function sleeper(observes: boolean, keepaliveMs = 20_000, awakeMs?: number): Lab {
	const lab = new Lab(keepaliveMs, undefined, queued, { awakeMs });
	const answerTo = lab.answerTo;
	lab.answerTo = (text) => (text === "POST /dp" ? { code: Code.Changed } : answerTo(text));
	lab.run(1000);
	if (observes) lab.ask({ path: SENSOR, observe: 0, accept: ContentFormat.SenmlJson });
	lab.run(200_000);
	assert.is(lab.kinds.at(-1), "asleep");
	return lab;
}

test("eclipse-leshan/leshan#948: a window of 93 s behind a NAT that forgets after 10 s", () => {
	const lab = sleeper(true, 9000);
	lab.bindingMs = 10_000;
	lab.run(HOUR);
	const wokeAt = lab.now;
	lab.change(23);
	lab.run(60_000);
	// A minute into the window, long after the binding would have ended.
	lab.ask({ path: "/3303/0/5701", accept: 0 });
	lab.run(10_000);
	assert.equal(lab.since(wokeAt).length, 3);
	assert.match(lab.since(wokeAt).at(-1)!, /^4\.4/);
	lab.run(200_000);
	assert.is(lab.kinds.at(-1), "asleep");
});

test("zephyrproject-rtos/zephyr#32610: nothing was stored while the server was out of reach", () => {
	const lab = new Lab(20_000);
	lab.run(1000);
	lab.ask({ path: SENSOR, observe: 0, accept: ContentFormat.SenmlJson, query: ["hqmax=5"] });
	lab.run(1000);
	lab.silent = true;
	// Its check stays unanswered, and it goes a new way.
	lab.run(34_500);
	for (const value of [23, 24, 25]) {
		lab.change(value);
		lab.run(1500);
	}
	lab.silent = false;
	lab.run(MINUTE);
	const told = lab.since(36_000).join(" ");
	for (const value of [23, 24, 25]) assert.match(told, new RegExp(`"v":${value}`));
});

test("the same for hours, and over a new registration: what a Send tells is kept with its times", () => {
	const lab = new Lab(20_000, undefined, (model) => model.find(Server.objectId, 0)!.set("muteSend", false));
	const payloads: string[] = [];
	lab.onRequest = (message) => {
		if (lab.seen.at(-1)?.text === "POST /dp") payloads.push(String.fromCharCode(...message.payload!));
	};
	const answerTo = lab.answerTo;
	lab.answerTo = (text) => (text === "POST /dp" ? { code: Code.Changed } : answerTo(text));
	lab.run(1000);
	lab.silent = true;
	for (const value of [23, 24, 25]) {
		lab.change(value);
		lab.send([SENSOR], { timestamps: true, format: "senml-json" });
		lab.run(HOUR);
	}
	lab.silent = false;
	lab.run(HOUR);
	const [first, rest] = payloads;
	assert.is(payloads.length, 2);
	// What had been tried goes again as it was; all that came later is one message.
	assert.match(first!, /"bt":-1\d{4},"v":23/);
	assert.match(rest!, /"bt":-\d{4},"v":24.*"t":3600,"v":25/);
});

test("zephyrproject-rtos/zephyr#71450: the device slept in the midst of a transfer of many blocks", () => {
	const lab = sleeper(false, Number.POSITIVE_INFINITY, 3000);
	const text = "x".repeat(250);
	const sentAt = lab.now;
	lab.send(Array.from({ length: 7 }, () => ({ path: "/3/0/17", value: text })));
	// The first block arrives, and nothing for a while: longer than the window, if it were not for the transfer.
	lab.run(50);
	lab.silent = true;
	lab.run(9000);
	assert.is(lab.agent.asleepUntil(), undefined);
	lab.silent = false;
	lab.run(60_000);
	assert.is(lab.since(sentAt).at(-1), "POST /dp");
	lab.run(200_000);
	assert.ok(lab.agent.asleepUntil() !== undefined);
});

test("zephyrproject-rtos/zephyr PR#93872: deaf while an acknowledgement was due", () => {
	const lab = new Lab(Number.POSITIVE_INFINITY, undefined, queued, { awakeMs: 1000 });
	lab.run(100);
	lab.ask({ path: SENSOR, observe: 0, accept: 0, query: ["con=1"] });
	lab.run(500);
	lab.silent = true;
	lab.change(23);
	lab.run(20_000);
	assert.is(lab.agent.asleepUntil(), undefined);
	lab.silent = false;
	lab.run(40_000);
	assert.match(lab.since(0).join(" "), /2\.5 23/);
	assert.ok(lab.agent.asleepUntil() !== undefined);
});

test("zephyrproject-rtos/zephyr PR#115322: an Update without an answer led to a new session at once", () => {
	const lab = sleeper(true);
	const wokeAt = lab.now;
	lab.silent = true;
	lab.change(23);
	lab.run(20_000);
	lab.silent = false;
	lab.run(MINUTE);
	assert.equal(lab.since(wokeAt).slice(0, 1), ["POST /rd/1"]);
	assert.not(lab.since(wokeAt).includes("POST /rd"));
});

test("AVSystem/Anjay#65: after a time offline a NoSec client registered anew, and lost what it had queued", () => {
	const lab = sleeper(true);
	const wokeAt = lab.now;
	lab.rebind();
	lab.change(23);
	lab.run(1000);
	assert.is(lab.since(wokeAt)[0], "POST /rd/1");
	assert.match(lab.since(wokeAt)[1]!, /"v":23/);
	assert.not(lab.since(wokeAt).includes("POST /rd"));
});

test("OpenMobileAlliance/OMA_LwM2M_for_Developers#524: no way to say that nothing more comes", () => {
	const lab = sleeper(true);
	const answerTo = lab.answerTo;
	lab.answerTo = (text) => ({ ...answerTo(text), reach: NOTHING_WAITS });
	lab.change(23);
	lab.run(3000);
	assert.is(lab.kinds.at(-1), "asleep");
});

test("OpenMobileAlliance/OMA_LwM2M_for_Developers#554, #555: does a Send open the queue? It does", () => {
	const lab = sleeper(false);
	const sentAt = lab.now;
	lab.send([SENSOR]);
	lab.run(60_000);
	assert.equal(lab.since(sentAt), ["POST /rd/1", "POST /dp"]);
	lab.ask({ path: SENSOR, accept: 0 });
	lab.run(1000);
	assert.is(lab.since(sentAt).at(-1), "2.5 21.5");
	lab.run(60_000);
	assert.is(lab.agent.asleepUntil(), undefined);
});

// OpenMobileAlliance/OMA_LwM2M_for_Developers
test("OMA#283, #410, #160, #161, #115, #98: a new address in Queue Mode, and lifetimes cut short", () => {
	const lab = sleeper(false);
	lab.bindingMs = 30_000;
	const sentAt = lab.now;
	for (let i = 0; i < 3; i++) {
		lab.run(6 * HOUR);
		lab.send([SENSOR]);
		lab.run(MINUTE);
	}
	// From another port each time, and the server hears of it before anything else; nobody registers anew.
	assert.equal(lab.since(sentAt), ["POST /rd/1", "POST /dp", "POST /rd/1", "POST /dp", "POST /rd/1", "POST /dp"]);
	assert.is(new Set(lab.seen.filter(({ at }) => at > sentAt).map(({ port }) => port)).size, 3);
	assert.is(lab.model.find(Server.objectId, 0)!.get("lifetime"), 86_400);
});

test.run();
