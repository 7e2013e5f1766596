// What users of other clients and servers complained about, as far as waking up and telling how it went concern it.
// Each title cites the complaint.

import { assert, suite } from "#suite";
import { NAME, NUMBER, Site } from "./site.js";

const test = suite("machines/complaints");

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

test("eclipse-californium/californium#774: unreachable until its next Update, a day away", () => {
	const site = new Site({ secure: true, seed: 11 });
	site.time.pass(6 * HOUR);
	site.ask(HOUR);
	site.time.pass(5 * MINUTE);
	assert.is(site.answer, undefined);
	const at = site.time.now;
	site.trigger();
	while (site.answer === undefined && site.time.now - at < HOUR) site.time.pass(100);
	assert.is(site.answer, "Pinhole");
	assert.ok(site.time.now - at < 5_000, `${site.time.now - at} ms`);
});

test("zephyrproject-rtos/zephyr#25935: a NAT of less than 60 s, and low power impossible", () => {
	const site = new Site({ secure: false, seed: 12, binding: "UQ" });
	site.time.pass(10 * MINUTE);
	const { sentCount } = site;
	site.time.pass(20 * HOUR);
	assert.is(site.sentCount, sentCount, "nothing is sent to keep anything open");
	site.ask(HOUR);
	site.trigger();
	site.time.pass(5_000);
	assert.is(site.answer, "Pinhole");
	assert.ok(site.sentCount - sentCount <= 3, `${site.sentCount - sentCount} datagrams`);
});

test("eclipse-wakaama/wakaama#479: one lost Update, and the client is stuck", () => {
	const site = new Site({ secure: false, seed: 13 });
	site.time.pass(HOUR);
	const first = site.sentCount + 1;
	site.isLost = (number) => number >= first && number < first + 3;
	site.ask(HOUR);
	site.trigger();
	site.time.pass(MINUTE);
	assert.is(site.answer, "Pinhole");
});

function how(secure: boolean): string {
	return secure ? "with" : "without";
}

for (const secure of [false, true])
	test(`eclipse-californium/californium#1928: devices silent for days after a new start, ${how(secure)} keys`, () => {
		const site = new Site({ secure, seed: 14 });
		site.time.pass(HOUR);
		site.restartBackEnd();
		assert.is(site.core.registration(NAME), undefined);
		// Where its number is kept elsewhere, it need not be waited for.
		site.trigger();
		site.time.pass(10_000);
		assert.is(site.core.registration(NAME)?.smsNumber, NUMBER);
		site.ask(MINUTE);
		site.time.pass(MINUTE);
		assert.is(site.answer, "Pinhole");
	});

test("256dpi/arduino-mqtt#177: it failed silently, nobody could say how it stood: what it knows can be read", () => {
	const site = new Site({ secure: false, seed: 15, keepalive: "learned" });
	site.time.pass(DAY);
	const value = (resource: number): string => {
		site.ask(MINUTE, `/33101/0/${resource}`);
		// Not a multiple of the keepalive's interval, so that the next question comes into a silence.
		site.time.pass(70_000);
		return String(site.answer);
	};
	const [interval, bytes] = [3, 7].map((resource) => Number(value(resource)));
	assert.ok(interval! > 0 && interval! <= 31, `every ${interval} s keeps no binding of 30 s open`);
	assert.ok(bytes! > 0);
	assert.match(value(4), /^(refresh|ping|check)$/);
	// By now a question has arrived after a silence, and so it is known that the binding lives that long.
	const lower = Number(value(1));
	assert.ok(lower > 0 && lower <= 30, `${lower} s is no lower bound of 30 s`);
});

test("the same: whoever observes it hears what it learns, and its figures once an hour", () => {
	const site = new Site({ secure: false, seed: 16, keepalive: "learned" });
	site.time.pass(HOUR);
	site.observe("/33101/0/3");
	site.observe("/33101/0/7");
	site.time.pass(5 * MINUTE);
	assert.is(site.count("observation"), 2);
	site.time.pass(DAY);
	const told = (path: string): number =>
		site.events.filter((event) => event.kind === "notified" && event.path === path).length;
	assert.ok(told("/33101/0/3") <= 24, `the interval ${told("/33101/0/3")} times`);
	assert.ok(told("/33101/0/7") >= 20 && told("/33101/0/7") <= 25, `the bytes ${told("/33101/0/7")} times`);
});

test.run();
