// What users of other clients and servers complained about, as far as one device with one server shows it. Each title
// cites the complaint; docs/complaints.md has all of them.

import { assert, suite } from "#suite";
import { Code } from "../../coap/codes.js";
import { Lab } from "./lab.js";

const test = suite("agent/complaints");

const TEMPERATURE = "/3303/0/5700";
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const KEEPALIVE_MS = 20 * SECOND;
/** An Update from a new socket. */
const REPAIR_MS = 5 * SECOND;

/** Of notifications, by /1/x/26. */
const MODES = ["NON", "CON"] as const;

/** A device whose temperature is observed; 1: told by CON. */
function observed(notificationMode: number, keepaliveMs = KEEPALIVE_MS): Lab {
	const lab = new Lab(keepaliveMs);
	lab.model.find(1, 0)!.set("defaultNotificationMode", notificationMode);
	lab.run(SECOND);
	lab.ask({ path: TEMPERATURE, accept: 0, observe: 0 });
	lab.run(SECOND);
	return lab;
}

/** How often the device asked for something since an instant. */
function count(lab: Lab, since: number, text: RegExp): number {
	return lab.since(since).filter((one) => text.test(one)).length;
}

/** The newest value is told now. */
function tells(lab: Lab, value: number): void {
	const at = lab.now;
	lab.change(value);
	lab.run(SECOND);
	assert.ok(lab.since(at).includes(`2.5 ${value}`), `${value} was not told: ${lab.since(at).join()}`);
}

test("eclipse-wakaama/wakaama#479: one lost Update, and the client is stuck", () => {
	const lab = new Lab(KEEPALIVE_MS);
	for (let turn = 0; turn < 5; turn++) {
		lab.run(10 * MINUTE);
		// The next Update and all its repetitions are lost.
		const { length } = lab.events;
		lab.silent = true;
		while (lab.events.length === length) lab.run(SECOND);
		assert.is(lab.kinds.at(-1), "suspect");
		lab.silent = false;
		lab.run(REPAIR_MS);
		lab.ask({ path: TEMPERATURE, accept: 0 });
		lab.run(SECOND);
		assert.is(lab.seen.at(-1)!.text, "2.5 21.5", `turn ${turn}`);
	}
	assert.is(count(lab, 0, /^POST \/rd$/), 1, "and it did not register anew");
});

test("eclipse-wakaama/wakaama#663: what belonged to the old link was not reset when it was lost", () => {
	const lab = observed(1);
	for (let turn = 0; turn < 5; turn++) {
		// A notification and its repetitions are under way.
		lab.silent = true;
		lab.change(30 + turn);
		lab.run(SECOND);
		lab.agent.handleNetwork(lab.now, undefined);
		lab.run(HOUR);
		lab.silent = false;
		lab.rebind();
		const at = lab.now;
		lab.agent.handleNetwork(lab.now, "wifi:home");
		lab.run(5 * SECOND);
		assert.is(lab.since(at)[0], "POST /rd/1");
		assert.ok(lab.since(at).includes(`2.5 ${30 + turn}`), lab.since(at).join());
		tells(lab, 40 + turn);
	}
});

/** Answers to an Update, and to each Register after it. */
const REFUSALS: readonly (readonly [title: string, code: number])[] = [
	["4.00 Bad Request", Code.BadRequest],
	["4.04 Not Found", Code.NotFound],
	["5.00 Internal Server Error", Code.InternalServerError],
	["5.03 Service Unavailable", Code.ServiceUnavailable],
];

for (const [title, code] of REFUSALS)
	test(`eclipse-wakaama/wakaama#724: an Update was answered by ${title}, and off it went to bootstrap`, () => {
		const lab = new Lab(KEEPALIVE_MS);
		lab.run(MINUTE);
		const at = lab.now;
		const answerTo = lab.answerTo;
		lab.answerTo = (text) => (/^POST \/rd\/?/.test(text) ? { code } : answerTo(text));
		lab.run(HOUR);
		assert.is(count(lab, at, /\/bs/), 0);
		// Neither silence nor a storm.
		const requests = count(lab, at, /^POST/);
		assert.ok(requests >= 4 && requests <= 200, `${requests} requests in an hour`);
		lab.answerTo = answerTo;
		lab.run(20 * MINUTE);
		lab.ask({ path: TEMPERATURE, accept: 0 });
		lab.run(SECOND);
		assert.is(lab.seen.at(-1)!.text, "2.5 21.5");
	});

test("zephyrproject-rtos/zephyr#51566: after a pause nothing worked any more", () => {
	const lab = observed(0);
	for (let turn = 0; turn < 5; turn++) {
		lab.agent.handleNetwork(lab.now, undefined);
		lab.run(turn * 10 * HOUR);
		const at = lab.now;
		lab.agent.handleNetwork(lab.now, "wifi:home");
		lab.run(SECOND);
		assert.equal(lab.since(at), ["POST /rd/1"]);
		lab.ask({ path: TEMPERATURE, accept: 0 });
		lab.run(SECOND);
		assert.match(lab.seen.at(-1)!.text, /^2\.5 /);
		tells(lab, 30 + turn);
	}
	assert.is(count(lab, 0, /^POST \/rd$/), 1);
});

test("obgm/libcoap#1690, #1568, PR#1962: a ping without an answer was waited for for ever", () => {
	const lab = new Lab(undefined, undefined, undefined, { keepaliveMs: undefined });
	lab.keeper = true;
	lab.run(3 * HOUR);
	lab.silent = true;
	const { length } = lab.commands;
	// A question is due each quarter of an hour, and is asked four times within half a minute.
	lab.run(16 * MINUTE);
	assert.ok(lab.kinds.includes("suspect"), lab.kinds.join());
	assert.ok(
		lab.commands.slice(length).some(({ kind }) => kind === "open"),
		"and goes a new way",
	);
	lab.silent = false;
	lab.run(20 * MINUTE);
	assert.is(lab.kinds.at(-1), "repaired");
});

test("the same of observations: a registration that is gone takes them along", () => {
	const lab = observed(1);
	lab.restartServer();
	lab.rejects = true;
	lab.run(MINUTE);
	const at = lab.now;
	lab.change(30);
	lab.run(MINUTE);
	assert.equal(
		lab.since(at).filter((text) => text.startsWith("2.")),
		[],
	);
	assert.is(lab.rejected.filter((one) => one.at >= at).length, 0);
});

const MOVED =
	"eclipse-leshan/leshan#1636, eclipse-wakaama/wakaama#454: rejected from a new address, and the observation lost";

for (const notificationMode of [0, 1])
	test(`${MOVED}: ${MODES[notificationMode]}`, () => {
		const lab = observed(notificationMode, Number.POSITIVE_INFINITY);
		lab.rejects = true;
		for (let turn = 0; turn < 5; turn++) {
			lab.run(MINUTE);
			const at = lab.now;
			lab.rebind();
			lab.change(30 + turn);
			lab.run(SECOND);
			assert.equal(lab.since(at), ["POST /rd/1", `2.5 ${30 + turn}`], "an Update at once, and then what was rejected");
			tells(lab, 40 + turn);
		}
	});

for (const notificationMode of [0, 1])
	test(`who ends an observation by a Reset to a ${MODES[notificationMode]} is told once more, and no more`, () => {
		const lab = observed(notificationMode, Number.POSITIVE_INFINITY);
		lab.run(MINUTE);
		const at = lab.now;
		lab.forget();
		for (let value = 30; value < 60; value++) {
			lab.change(value);
			lab.run(10 * SECOND);
		}
		assert.equal(lab.since(at), ["POST /rd/1"]);
		assert.is(lab.agent.statuses()[0]!.statistics.resetsReceived, 2);
	});

test("a server that rejects a notification as it was started anew is registered with at once", () => {
	const lab = observed(0, Number.POSITIVE_INFINITY);
	lab.run(MINUTE);
	lab.restartServer();
	lab.rejects = true;
	const at = lab.now;
	lab.change(30);
	lab.run(SECOND);
	assert.equal(lab.since(at), ["POST /rd/1", "POST /rd"]);
});

test("a Reset soon after such an Update is believed: whoever rejects every NON draws one Update", () => {
	const lab = observed(0, Number.POSITIVE_INFINITY);
	lab.run(MINUTE);
	const at = lab.now;
	lab.rejectsNon = true;
	for (let value = 30; value < 60; value++) {
		lab.change(value);
		lab.run(SECOND);
	}
	assert.equal(lab.since(at), ["POST /rd/1", "2.5 30"]);
	assert.is(lab.rejected.length, 2);
});

test("what was rejected together is told again together", () => {
	const lab = observed(0, Number.POSITIVE_INFINITY);
	lab.ask({ path: "/3303/0", accept: 11_542, observe: 0 });
	lab.run(MINUTE);
	lab.rejects = true;
	lab.rebind();
	const at = lab.now;
	lab.change(30);
	lab.run(SECOND);
	assert.is(lab.rejected.length, 2);
	const [update, ...told] = lab.since(at);
	assert.equal([update, told.length], ["POST /rd/1", 2], lab.since(at).join());
});

test("golioth-firmware-sdk 0.13.1: an observation that was refused was tried again in an endless loop", () => {
	// By a server that knows nothing of it, and by one that in addition refuses every registration.
	for (const refuses of [false, true]) {
		const lab = observed(0, Number.POSITIVE_INFINITY);
		lab.restartServer();
		lab.rejects = true;
		const answerTo = lab.answerTo;
		if (refuses) lab.answerTo = () => ({ code: Code.InternalServerError });
		for (let minute = 0; minute < 60; minute++) {
			lab.change(30 + minute);
			lab.run(MINUTE);
		}
		assert.ok(lab.rejected.length >= 1 && lab.rejected.length <= 5, `${lab.rejected.length} were rejected`);
		const asked = count(lab, 0, /^POST/);
		assert.ok(asked <= 30, `${asked} requests`);
		lab.answerTo = answerTo;
	}
});

test.run();
