import { assert, suite } from "#suite";
import { encodeText } from "../../firmware/bytes.js";
import { Code } from "../../firmware/coap/codes.js";
import { MAX_TRANSMIT_WAIT } from "../../firmware/coap/constants.js";
import { ContentFormat } from "../../firmware/coap/options.js";
import { get } from "../../firmware/tests/coap/bench.js";
import { Bench, type BenchDevice, OBJECT_LIST } from "./bench.js";
import * as operations from "./operations.js";
import { renderEvent } from "./render.js";

const test = suite("backend/queue-mode");

const PATH = "/3303/0/5700";

function stage(): { bench: Bench; device: BenchDevice } {
	const bench = new Bench();
	const device = bench.addDevice("10.0.0.1:1");
	device.send(0, Code.Post, "/rd", ["ep=a", "lwm2m=1.2", "b=U", "Q"], OBJECT_LIST);
	bench.exchange();
	return { bench, device };
}

/** "awake" and "sleeping", as they were heard. */
function states(bench: Bench): string[] {
	return bench.events.map(({ kind }) => kind).filter((kind) => kind === "awake" || kind === "sleeping");
}

function update(bench: Bench, device: BenchDevice): void {
	device.send(bench.now, Code.Post, device.location);
	bench.exchange();
}

test("is awake for as long as an exchange may last after it has spoken", () => {
	const { bench, device } = stage();
	bench.run(MAX_TRANSMIT_WAIT - 1);
	assert.equal(states(bench), ["awake"]);
	assert.not(bench.service.core.isAsleep("a"));
	update(bench, device);
	bench.run(MAX_TRANSMIT_WAIT - 1);
	assert.equal(states(bench), ["awake"]);
	bench.run(1);
	assert.equal(states(bench), ["awake", "sleeping"]);
	assert.ok(bench.service.core.isAsleep("a"));
});

test("holds commands back while it sleeps, and sends them when it next speaks", () => {
	const { bench, device } = stage();
	bench.run(MAX_TRANSMIT_WAIT);
	bench.service.core.command(bench.now, "a", operations.read(PATH, undefined), 600_000);
	bench.run(60_000);
	assert.equal(device.asked, []);
	update(bench, device);
	assert.equal(device.asked, [`GET ${PATH}`]);
	assert.is(bench.heard("finished").at(-1)?.outcome.kind, "response");
	assert.equal(states(bench), ["awake", "sleeping", "awake"]);
});

test("gives a command up at its time-out, though the device still sleeps", () => {
	const { bench, device } = stage();
	bench.run(MAX_TRANSMIT_WAIT);
	bench.service.core.command(bench.now, "a", operations.read(PATH, undefined), 5000);
	bench.exchange();
	bench.run(5000);
	assert.equal(bench.heard("finished").at(-1)?.outcome, { kind: "no-answer" });
	update(bench, device);
	assert.equal(device.asked, []);
});

test("takes a device for asleep after a restart, until it speaks", () => {
	const { bench, device } = stage();
	bench.restart();
	assert.ok(bench.service.core.isAsleep("a"));
	update(bench, device);
	assert.not(bench.service.core.isAsleep("a"));
});

test("never takes a device without Queue Mode for asleep", () => {
	const bench = new Bench();
	bench.register("b", "10.0.0.2:1");
	bench.run(1_000_000);
	assert.not(bench.service.core.isAsleep("b"));
	assert.equal(states(bench), []);
});

/** The answer to a Send. */
function send(bench: Bench, device: BenchDevice, text: string, contentFormat: number): number | undefined {
	device.send(bench.now, Code.Post, "/dp", [], text, contentFormat);
	bench.exchange();
	return device.answers.at(-1);
}

test("reports what a device sends unasked: the newest value of each resource", () => {
	const { bench, device } = stage();
	const pack = '[{"bn":"/3303/0/5700","bt":1700000000,"v":20},{"t":60,"v":22},{"t":30,"v":21}]';
	assert.is(send(bench, device, pack, ContentFormat.SenmlJson), Code.Changed);
	const [sent] = bench.heard("sent");
	assert.equal(renderEvent(sent!, 0, 0), {
		name: "SEND",
		endpointName: "a",
		data: {
			ep: "a",
			val: { [PATH]: { kind: "singleResource", id: 5700, type: "FLOAT", value: "22" } },
			history: [0, 30, 60].map((time, i) => ({ time: 1_700_000_000 + time, val: { [PATH]: single(20 + i) } })),
		},
		onRequest: false,
	});
});

function single(value: number): unknown {
	return { kind: "singleResource", id: 5700, type: "FLOAT", value: String(value) };
}

/** A Send as a device makes it: a repetition has the token of the first try. */
function sendAs(bench: Bench, device: BenchDevice, token: string, text: string): void {
	const content = { contentFormat: ContentFormat.SenmlJson, payload: encodeText(text) };
	device.endpoint.request(bench.now, get({ code: Code.Post, path: "/dp", ...content, token }));
	bench.exchange();
}

test("a Send that comes again, from elsewhere and with other times, is answered and told once", () => {
	const { bench, device } = stage();
	device.losesAnswers = false;
	sendAs(bench, device, "0a0b", '[{"n":"/3303/0/5700","v":20,"t":-5}]');
	update(bench, device);
	sendAs(bench, device, "0a0b", '[{"n":"/3303/0/5700","v":20,"t":-90}]');
	assert.equal(device.answers.slice(-3), [Code.Changed, Code.Changed, Code.Changed]);
	assert.is(bench.heard("sent").length, 1);
});

test("the same values under another token are another Send, and so are other values under the same", () => {
	const { bench, device } = stage();
	sendAs(bench, device, "0a0b", '[{"n":"/3303/0/5700","v":20}]');
	sendAs(bench, device, "0a0c", '[{"n":"/3303/0/5700","v":20}]');
	sendAs(bench, device, "0a0c", '[{"n":"/3303/0/5700","v":21}]');
	assert.is(bench.heard("sent").length, 3);
});

const REFUSED: [what: string, text: string, contentFormat: number, code: number][] = [
	["a pack that is malformed", "[", ContentFormat.SenmlJson, Code.BadRequest],
	["a format without paths", "21.5", ContentFormat.Text, Code.UnsupportedContentFormat],
];
for (const [what, text, contentFormat, code] of REFUSED) {
	test(`refuses to be sent ${what}`, () => {
		const { bench, device } = stage();
		assert.is(send(bench, device, text, contentFormat), code);
		assert.is(bench.heard("sent").length, 0);
	});
}

test("takes nothing from an address without a registration", () => {
	const bench = new Bench();
	assert.is(send(bench, bench.addDevice("10.0.0.9:1"), "[]", ContentFormat.SenmlJson), Code.NotFound);
});

test.run();
