import { assert, suite } from "#suite";
import { Code } from "../../coap/codes.js";
import { encodeReach, ReachFlag } from "../../coap/reach-option.js";
import type { Model } from "../../lwm2m/model.js";
import { Server } from "../../lwm2m/objects/server.js";
import { Lab } from "./lab.js";
import { addReserve } from "./reserve.js";

const test = suite("agent/send");

const TEMPERATURE = "/3303/0/5700";
const MINUTE = 60_000;

function speaking(model: Model): void {
	model.find(Server.objectId, 0)!.set("muteSend", false);
}

/** A device at a server that takes what it sends, and of which it notes the tokens. */
function labOf(keepaliveMs = Number.POSITIVE_INFINITY, binding = "U"): Lab & { readonly tokens: string[] } {
	const tokens: string[] = [];
	const lab = new Lab(keepaliveMs, undefined, (model) => {
		speaking(model);
		model.find(Server.objectId, 0)!.set("binding", binding);
	});
	const answerTo = lab.answerTo;
	lab.answerTo = (text) => (text === "POST /dp" ? { code: Code.Changed } : answerTo(text));
	let isSend = false;
	lab.onRequest = (message) => {
		isSend = message.payload !== undefined && lab.seen.at(-1)?.text === "POST /dp";
		if (isSend) tokens.push(message.token);
	};
	return Object.assign(lab, { tokens });
}

/** What became of Sends: "sent 1". */
function ends(lab: Lab): string[] {
	return lab.events.filter(({ handle }) => handle !== undefined).map(({ kind, handle }) => `${kind} ${handle}`);
}

test("what is sent before the device is registered goes as soon as it is", () => {
	const lab = labOf();
	assert.is(lab.send([TEMPERATURE]), 1);
	lab.run(1000);
	assert.equal(lab.since(0), ["POST /rd", "POST /dp"]);
	assert.equal(ends(lab), ["sent 1"]);
	assert.is(lab.agent.send(lab.now, ["/3303/7"], {}), 0);
});

test("a Send that stays unanswered leads to an Update, and goes again as the same one, once", () => {
	const lab = labOf();
	lab.run(1000);
	lab.rebind();
	lab.silent = true;
	lab.send([TEMPERATURE]);
	lab.run(12_000);
	lab.silent = false;
	lab.run(60_000);
	assert.equal(lab.since(1000), ["POST /rd/1", "POST /dp"]);
	assert.equal(ends(lab), ["sent 1"]);
});

test("where only its answer was lost the repetition is known by its token", () => {
	const lab = labOf();
	lab.run(1000);
	const answerTo = lab.answerTo;
	lab.answerTo = (text) => {
		// It was heard, and from here on nobody answers for a while.
		if (text === "POST /dp" && lab.tokens.length === 1) lab.silent = true;
		return answerTo(text);
	};
	lab.send([TEMPERATURE]);
	lab.run(5);
	lab.rebind();
	lab.run(15_000);
	lab.silent = false;
	lab.run(60_000);
	assert.is(lab.tokens.length, 2);
	assert.is(lab.tokens[0], lab.tokens[1]);
	assert.equal(ends(lab), ["sent 1"]);
});

test("out of reach for hours it is kept, and told once the way is repaired", () => {
	const lab = labOf(20_000);
	lab.run(1000);
	lab.silent = true;
	lab.send([TEMPERATURE]);
	lab.run(3 * 60 * MINUTE);
	assert.equal(ends(lab), []);
	lab.silent = false;
	lab.run(60 * MINUTE);
	assert.equal(ends(lab), ["sent 1"]);
	assert.is(lab.since(0).filter((text) => text === "POST /dp").length, 1);
});

test("a server that has forgotten the device and says 4.04 gets it after the new Register", () => {
	const lab = labOf();
	lab.run(1000);
	lab.restartServer();
	const answerTo = lab.answerTo;
	lab.answerTo = (text) =>
		text === "POST /dp" && !lab.since(1001).includes("POST /rd") ? { code: Code.NotFound } : answerTo(text);
	lab.send([TEMPERATURE]);
	lab.run(5000);
	assert.equal(lab.since(1000), ["POST /dp", "POST /rd/1", "POST /rd", "POST /dp"]);
	assert.equal(ends(lab), ["sent 1"]);
});

test("muted by the server it is not sent; the device says so at once", () => {
	const lab = new Lab(Number.POSITIVE_INFINITY);
	lab.run(1000);
	lab.send([TEMPERATURE]);
	lab.run(1000);
	assert.equal(lab.since(0), ["POST /rd"]);
	assert.equal(lab.events.at(-1), { kind: "unsent", shortServerId: 1, detail: "muted", handle: 1 });
});

test("an account that stands behind another one of its server tells nothing, and listens for nothing", () => {
	const lab = new Lab(Number.POSITIVE_INFINITY, undefined, (model) => {
		model.find(Server.objectId, 0)!.set("binding", "UQ");
		addReserve(model);
	});
	lab.run(1000);
	lab.send([TEMPERATURE]);
	assert.equal(ends(lab), ["unsent 1"]);
	lab.run(100_000);
	assert.ok(lab.agent.asleepUntil() !== undefined);
});

test("to another server than the one named nothing is sent", () => {
	const lab = labOf();
	lab.run(1000);
	lab.send([TEMPERATURE], { shortServerId: 7 });
	lab.run(1000);
	assert.equal(lab.since(0), ["POST /rd"]);
});

test("what may wait goes with a notification from half of its time on", () => {
	const lab = labOf();
	lab.run(1000);
	lab.ask({ path: TEMPERATURE, observe: 0, accept: 0 });
	lab.run(1000);
	lab.send(["/3303/0"], { deferrableMs: 60 * MINUTE });
	lab.run(20 * MINUTE);
	lab.change(22);
	lab.run(15 * MINUTE);
	assert.not(lab.since(0).includes("POST /dp"));
	lab.change(23);
	lab.run(1000);
	assert.equal(lab.since(30 * MINUTE), ["2.5 23", "POST /dp"]);
});

test("asleep, what is due goes behind the Update; what may wait does not wake the device before its time", () => {
	const lab = labOf(Number.POSITIVE_INFINITY, "UQ");
	lab.run(200_000);
	lab.send([TEMPERATURE], { deferrableMs: 10 * MINUTE });
	lab.run(9 * MINUTE);
	assert.equal(lab.since(0), ["POST /rd"]);
	lab.rebind();
	lab.run(2 * MINUTE);
	assert.equal(lab.since(1000), ["POST /rd/1", "POST /dp"]);
	lab.run(5 * MINUTE);
	lab.send([TEMPERATURE]);
	lab.run(1000);
	assert.equal(lab.since(15 * MINUTE), ["POST /rd/1", "POST /dp"]);
	assert.equal(ends(lab), ["sent 1", "sent 2"]);
});

test("told by the answer to it that nothing waits, the device sleeps at once (OMA#554, OMA#555)", () => {
	const lab = labOf(Number.POSITIVE_INFINITY, "UQ");
	const answerTo = lab.answerTo;
	const reach = encodeReach({ flags: ReachFlag.Idle, lostSeconds: -1, lostCount: 0, heardCount: -1 });
	lab.answerTo = (text) => (text === "POST /dp" ? { ...answerTo(text), reach } : answerTo(text));
	lab.run(200_000);
	lab.send([TEMPERATURE]);
	lab.run(1500);
	assert.is(lab.agent.asleepUntil(), undefined);
	lab.run(1000);
	assert.ok(lab.agent.asleepUntil() !== undefined);
});

test.run();
