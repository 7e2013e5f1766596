// suite: limit=120
// Attacks on what a device under OSCORE tells by itself: notifications said again, observations half forgotten.

import { assert, suite } from "#suite";
import * as operations from "../backend/operations.js";
import { KEEPALIVE_MS, type Siege } from "./siege.js";
import { AT_ONCE_MS, Case, HOME, MOVED, REBOUND_MS, SERVER, TEMPERATURE } from "./siege-case.js";

const test = suite("world/siege-observation");

/** Longer than any rule of RFC 7252 or 7641 remembers. */
const A_SILENCE_MS = 300_000;

test("rebinding between notifications: they go on, in order, each once", () => {
	const its = new Case();
	const device = its.device();
	its.siege.command(device, operations.observe(TEMPERATURE, undefined));
	its.siege.run(1000);
	for (let i = 0; i < 6; i++) {
		device.address = i % 2 === 0 ? MOVED : HOME;
		its.siege.run(REBOUND_MS);
		its.warm(device, 30 + i);
		its.siege.run(5000);
	}
	const values = its.siege.events.filter(({ kind }) => kind === "notified");
	assert.is(values.length, 6);
	its.judge(device, AT_ONCE_MS);
});

/** What is between a notification and its replay; each lasts longer than a Message ID is remembered. */
const BETWEEN: readonly (readonly [name: string, pass: (siege: Siege) => void])[] = [
	["a silence", (siege) => siege.run(A_SILENCE_MS)],
	["a restart of the back end with state", (siege) => siege.startServer(true)],
	[
		"a restart of the back end, and a silence",
		(siege) => {
			siege.startServer(true);
			siege.run(A_SILENCE_MS);
		},
	],
];

for (const [name, pass] of BETWEEN)
	test(`notifications that are said again after ${name}: nobody is told the past`, () => {
		const its = new Case();
		const { siege } = its;
		const device = its.device();
		siege.command(device, operations.observe(TEMPERATURE, undefined));
		siege.run(1000);
		const told = () => siege.events.filter(({ kind }) => kind === "notified").length;
		const since = siege.recorded.length;
		for (let value = 30; value < 33; value++) {
			its.warm(device, value);
			siege.run(KEEPALIVE_MS);
		}
		assert.is(told(), 3);
		pass(siege);
		for (const said of its.said(since, HOME)) {
			siege.inject(said);
			// Its Message ID is not protected.
			const bytes = said.bytes.slice();
			bytes[2]! ^= 0x55;
			siege.inject({ ...said, bytes });
			siege.run(100);
		}
		assert.is(told(), 3);
		its.warm(device, 40);
		siege.run(KEEPALIVE_MS);
		assert.is(told(), 4);
		its.judge(device, AT_ONCE_MS);
	});

test("a notification that is said again does not make the back end repeat a command at once", () => {
	const its = new Case();
	const { siege } = its;
	const device = its.device();
	siege.command(device, operations.observe(TEMPERATURE, undefined));
	siege.run(1000);
	const since = siege.recorded.length;
	its.warm(device, 30);
	siege.run(KEEPALIVE_MS);
	const [notification] = its.said(since, HOME);
	siege.startServer(true);
	siege.run(KEEPALIVE_MS);
	siege.lets = ({ from }) => from !== SERVER;
	its.read(device);
	// Past the shortest time between two transmissions, and before the first repetition is due.
	siege.run(2_010);
	const said = siege.recorded.length;
	siege.inject(notification!);
	siege.run(30);
	assert.equal(
		its.said(said, SERVER).filter(({ bytes }) => bytes[1] !== 0),
		[],
	);
	siege.lets = () => true;
	its.judge(device, REBOUND_MS);
});

test("an observation that the back end forgot ends with its next notifications, and the others go on", () => {
	const its = new Case();
	const device = its.device();
	its.siege.command(device, operations.observe(TEMPERATURE, undefined));
	its.siege.command(device, operations.observe("/3303/0", undefined));
	its.siege.run(1000);
	its.siege.core.forget(its.siege.now, device.name, TEMPERATURE);
	// One that draws a Reset, one that draws two, a Register; and then nothing of what was forgotten.
	const since: number[] = [];
	for (let i = 0; i < 5; i++) {
		since.push(its.siege.recorded.length);
		its.warm(device, 30 + i);
		its.siege.run(5000);
	}
	const resets = since.map((from, i) => {
		const said = its.siege.recorded.slice(from, since[i + 1]);
		return said.filter(({ from: sender, bytes }) => sender === SERVER && bytes[0] === 0x70).length;
	});
	assert.equal(resets, [1, 2, 0, 0, 0]);
	const told = its.siege.events.filter((event) => event.kind === "notified").map(({ path }) => path);
	assert.equal(told, Array(5).fill("/3303/0"));
	its.judge(device, AT_ONCE_MS);
});

test.run();
