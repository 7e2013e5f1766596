// Queue Mode beyond the Enabler: a window that both sides agree on, the hint that ends it early, a queue that lasts.

import { assert, suite } from "#suite";
import { encodeText } from "../../firmware/bytes.js";
import { Code } from "../../firmware/coap/codes.js";
import { MAX_TRANSMIT_WAIT } from "../../firmware/coap/constants.js";
import { ContentFormat } from "../../firmware/coap/options.js";
import { encodeWindow, REACH_UNDERSTOOD, ReachFlag, readReach } from "../../firmware/coap/reach-option.js";
import { Bench, type BenchDevice, OBJECT_LIST } from "./bench.js";
import { plain } from "./messages.js";
import * as operations from "./operations.js";
import { renderEvent } from "./render.js";

const test = suite("backend/presence");

const PATH = "/3303/0/5700";
const HOUR = 3_600_000;

interface Stage {
	readonly bench: Bench;
	readonly device: BenchDevice;
	/** Of each request that came: whether it said that it was the last. */
	readonly words: boolean[];
	/** Of each answer likewise. */
	readonly told: boolean[];
	update(): void;
}

/** A device in Queue Mode; `reach` is the value of the option in its Register, "stock" where it has none. */
function stage(reach: Uint8Array | "stock" = REACH_UNDERSTOOD, awakeMs?: number): Stage {
	const bench = new Bench(1, undefined, { awakeMs });
	const device = bench.addDevice("10.0.0.1:1");
	const words: boolean[] = [];
	const told: boolean[] = [];
	device.answer = (_path, message) => {
		words.push(isIdle(message));
		return { code: Code.Changed };
	};
	let location = "/rd";
	const ask = (path: string, query: readonly string[], value?: Uint8Array): void => {
		const request = {
			code: Code.Post,
			confirmable: true,
			path,
			query,
			contentFormat: query.length === 0 ? undefined : ContentFormat.LinkFormat,
			accept: undefined,
			observe: undefined,
			payload: query.length === 0 ? undefined : encodeText(OBJECT_LIST),
			maxRetransmit: undefined,
			urgent: undefined,
			reach: value,
		};
		device.endpoint.request(bench.now, request);
		bench.exchange();
		location = device.location;
	};
	const drain = device.drain.bind(device);
	device.drain = (now) => {
		const poll = device.endpoint.pollEvent.bind(device.endpoint);
		device.endpoint.pollEvent = () => {
			const event = poll();
			if (event?.kind === "response") told.push(isIdle(event.message));
			return event;
		};
		drain(now);
		device.endpoint.pollEvent = poll;
	};
	ask("/rd", ["ep=a", "lwm2m=1.2", "b=U", "Q"], reach === "stock" ? undefined : reach);
	return { bench, device, words, told, update: () => ask(location, []) };
}

function isIdle(message: Parameters<typeof readReach>[0]): boolean {
	return ((readReach(message)?.flags ?? 0) & ReachFlag.Idle) !== 0;
}

function write(text: string): operations.Operation {
	return operations.write("/3303/0/5701", true, ContentFormat.Text, encodeText(text));
}

/** Whether the device is taken for asleep at an instant. */
function sleepsAt(bench: Bench, ms: number): boolean {
	bench.run(ms - bench.now);
	return bench.service.core.isAsleep("a");
}

test("a device for which nothing waits is told so, and is taken for asleep a moment later", () => {
	const { bench, told, update } = stage();
	assert.equal(told, [true]);
	assert.not(sleepsAt(bench, 900));
	assert.ok(sleepsAt(bench, 1000));
	bench.run(HOUR);
	update();
	assert.equal(told, [true, true]);
	assert.ok(sleepsAt(bench, bench.now + 1000));
});

test("one that does not understand the extension is told nothing, and its window is a whole one", () => {
	const { bench, told } = stage("stock");
	assert.equal(told, [false]);
	assert.not(sleepsAt(bench, MAX_TRANSMIT_WAIT - 1));
	assert.ok(sleepsAt(bench, MAX_TRANSMIT_WAIT));
});

test("where commands wait nothing is said, and the window is a whole one", () => {
	const { bench, device, told, update } = stage();
	bench.run(HOUR);
	bench.service.core.command(bench.now, "a", operations.read(PATH, undefined), HOUR);
	update();
	assert.equal(told, [true, false]);
	assert.equal(device.asked, [`GET ${PATH}`]);
	assert.not(sleepsAt(bench, bench.now + MAX_TRANSMIT_WAIT - 1));
	assert.ok(sleepsAt(bench, bench.now + 1));
});

test("the queue goes in order, its last command says that it is the last, and the window ends soon after", () => {
	const { bench, device, words, update } = stage();
	bench.run(HOUR);
	for (const text of ["A", "B", "C"]) bench.service.queue("a", write(text), HOUR);
	bench.service.queue("a", operations.execute("/3303/0/5605", ""), HOUR);
	update();
	assert.equal(device.asked, ["PUT /3303/0/5701", "PUT /3303/0/5701", "PUT /3303/0/5701", "POST /3303/0/5605"]);
	assert.equal(words, [false, false, false, true]);
	assert.not(sleepsAt(bench, bench.now + 6999));
	assert.ok(sleepsAt(bench, bench.now + 1));
});

test("where somebody waits for the answer the device listens on, as that one may ask again", () => {
	const { bench, words, update } = stage();
	bench.run(HOUR);
	bench.service.queue("a", write("A"), HOUR);
	bench.service.core.command(bench.now, "a", operations.read(PATH, undefined), HOUR);
	update();
	assert.equal(words, [false, false]);
	assert.not(sleepsAt(bench, bench.now + MAX_TRANSMIT_WAIT - 1));
});

test("the device says how long it listens, and is believed", () => {
	const { bench, update } = stage(encodeWindow(20));
	bench.run(HOUR);
	bench.service.core.command(bench.now, "a", operations.read(PATH, undefined), HOUR);
	update();
	assert.not(sleepsAt(bench, bench.now + 19_999));
	assert.ok(sleepsAt(bench, bench.now + 1));
});

test("of those that say nothing the operator says it", () => {
	const { bench, update } = stage(REACH_UNDERSTOOD, 30_000);
	bench.run(HOUR);
	bench.service.core.command(bench.now, "a", operations.read(PATH, undefined), HOUR);
	update();
	assert.not(sleepsAt(bench, bench.now + 29_999));
	assert.ok(sleepsAt(bench, bench.now + 1));
});

test("a Send is answered by the same word, and opens the window for what waits (OMA#554)", () => {
	const { bench, device, told } = stage();
	bench.run(HOUR);
	device.send(bench.now, Code.Post, "/dp", [], "[]", ContentFormat.SenmlJson);
	bench.exchange();
	assert.equal(told, [true, true]);
	bench.run(HOUR);
	bench.service.queue("a", write("A"), HOUR);
	device.send(bench.now, Code.Post, "/dp", [], "[]", ContentFormat.SenmlJson);
	bench.exchange();
	assert.equal(told, [true, true, false]);
	assert.equal(device.asked, ["PUT /3303/0/5701"]);
});

/** The queue's events: number, state. */
function queueOf(bench: Bench): string[] {
	return bench.heard("queue").map((event) => {
		const { command, asked, status } = renderEvent(event, 0, 0)!.data as Readonly<Record<string, unknown>>;
		return `${command} ${asked} ${status}`;
	});
}

test("a queued command is told of when it is taken up and when it ends", () => {
	const { bench, update } = stage();
	bench.run(HOUR);
	const command = bench.service.queue("a", write("A"), HOUR);
	assert.is(bench.service.core.waitingCount("a"), 1);
	update();
	assert.is(bench.service.core.waitingCount("a"), 0);
	const states = ["WAITING", "SENT", "CHANGED(204)"];
	assert.equal(
		queueOf(bench),
		states.map((state) => `${command} PUT /3303/0/5701 ${state}`),
	);
});

test("and likewise when its time is over before the device speaks", () => {
	const { bench, device, update } = stage();
	bench.run(HOUR);
	bench.service.queue("a", write("A"), 60_000);
	bench.run(60_000);
	update();
	assert.equal(device.asked, []);
	assert.match(queueOf(bench).at(-1)!, / NO_ANSWER$/);
});

test("what is queued survives a restart of the back end, in order, and under its number", () => {
	const { bench, device, update } = stage();
	bench.run(HOUR);
	const commands = ["A", "B"].map((text) => bench.service.queue("a", write(text), HOUR));
	bench.restart();
	const bodies: string[] = [];
	device.answer = (path, message) => {
		bodies.push(`${path} ${String.fromCharCode(...(message.payload ?? []))}`);
		return { ...plain(Code.Changed) };
	};
	update();
	assert.equal(bodies, ["/3303/0/5701 A", "/3303/0/5701 B"]);
	assert.equal(
		queueOf(bench)
			.slice(-2)
			.map((line) => line.split(" ")[0]),
		commands.map(String),
	);
	assert.ok(bench.service.queue("a", write("C"), HOUR) > Math.max(...commands), "numbers go on");
});

test("what was under way at the restart is not carried out twice", () => {
	const { bench, device, update } = stage();
	bench.run(HOUR);
	bench.service.queue("a", operations.execute("/3303/0/5605", ""), HOUR);
	device.losesAnswers = true;
	update();
	assert.equal(device.asked, ["POST /3303/0/5605"]);
	bench.restart();
	device.losesAnswers = false;
	update();
	assert.equal(device.asked, ["POST /3303/0/5605"]);
});

test.run();
