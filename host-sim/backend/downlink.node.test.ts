import { assert, suite } from "#suite";
import { encodeText } from "../../firmware/bytes.js";
import { Code } from "../../firmware/coap/codes.js";
import { ContentFormat } from "../../firmware/coap/options.js";
import { limits } from "../../firmware/limits.js";
import { Bench, type BenchDevice } from "./bench.js";
import type { Outcome } from "./core-event.js";
import * as operations from "./operations.js";

const test = suite("backend/downlink");

const ADDRESS = "10.0.0.1:1";
const MOVED = "10.0.0.1:2";

function registered(): { bench: Bench; device: BenchDevice } {
	const bench = new Bench();
	const device = bench.register("a", ADDRESS);
	bench.prove("a");
	return { bench, device };
}

/** Gives a command whose outcome appears in the returned list. */
function give(bench: Bench, operation: operations.Operation, timeoutMs = 5000): Outcome[] {
	const outcomes: Outcome[] = [];
	const handle = bench.service.core.command(bench.now, "a", operation, timeoutMs);
	bench.service.listen((event) => {
		if (event.kind === "finished" && event.command === handle) outcomes.push(event.outcome);
	});
	bench.exchange();
	return outcomes;
}

/** The requests that go to devices, each by its Message ID and token. */
function requests(bench: Bench): Set<string> {
	const messages = new Set<string>();
	bench.service.listen((event) => {
		if (event.kind !== "datagram" || event.incoming || event.bytes[1] === 0 || event.bytes[1]! >= 32) return;
		messages.add(Buffer.from(event.bytes.subarray(2, 4 + (event.bytes[0]! & 15))).toString("hex"));
	});
	return messages;
}

function update(bench: Bench, device: BenchDevice): void {
	device.send(bench.now, Code.Post, device.location);
	bench.exchange();
}

const OPERATIONS: [title: string, operation: operations.Operation, asked: string][] = [
	["Read", operations.read("/3303/0/5700", undefined), "GET /3303/0/5700"],
	["Write", operations.write("/3303/0/5750", true, ContentFormat.Text, encodeText("x")), "PUT /3303/0/5750"],
	["a partial Write", operations.write("/3303/0", false, ContentFormat.Tlv, new Uint8Array(0)), "POST /3303/0"],
	["Execute", operations.execute("/3/0/4", ""), "POST /3/0/4"],
	["Create", operations.create("/3303", ContentFormat.Tlv, new Uint8Array(0)), "POST /3303"],
	["Delete", operations.remove("/3303/1"), "DELETE /3303/1"],
	["Discover", operations.discover("/3"), "GET /3"],
	["Write-Attributes", operations.writeAttributes("/3303/0/5700", ["pmin=1"]), "PUT /3303/0/5700"],
	["Observe", operations.observe("/3303/0/5700", undefined), "GET /3303/0/5700"],
];
for (const [title, operation, asked] of OPERATIONS) {
	test(`carries out ${title} by ${asked}`, () => {
		const { bench, device } = registered();
		const outcomes = give(bench, operation);
		assert.equal(device.asked, [asked]);
		assert.equal(
			outcomes.map(({ kind }) => kind),
			["response"],
		);
	});
}

test("hands over code, format and payload of an answer", () => {
	const { bench } = registered();
	const [outcome] = give(bench, operations.read("/3303/0/5700", undefined));
	assert.equal(outcome, {
		kind: "response",
		code: Code.Content,
		contentFormat: ContentFormat.Text,
		payload: encodeText("21.5"),
		location: "",
		roundTripMs: 0,
	});
});

test("puts the device's alternative root before the path", () => {
	const bench = new Bench();
	const device = bench.addDevice(ADDRESS);
	device.send(0, Code.Post, "/rd", ["ep=a"], '</lwm2m>;rt="oma.lwm2m",</lwm2m/3/0>');
	bench.exchange();
	give(bench, operations.read("/3/0", undefined));
	assert.equal(device.asked, ["GET /lwm2m/3/0"]);
});

test("gives no handle for a device that is not registered", () => {
	assert.is(new Bench().service.core.command(0, "nobody", operations.read("/3", undefined), 1000), 0);
});

test("says at the time-out that there was no answer", () => {
	const { bench, device } = registered();
	device.reachable = false;
	const outcomes = give(bench, operations.read("/3/0", undefined), 5000);
	bench.run(4999);
	assert.equal(outcomes, []);
	bench.run(1);
	assert.equal(outcomes, [{ kind: "no-answer" }]);
});

test("sends nothing more of a command after its time-out", () => {
	const { bench, device } = registered();
	device.reachable = false;
	give(bench, operations.read("/3/0", undefined), 5000);
	bench.run(5000);
	device.reachable = true;
	bench.run(300_000);
	update(bench, device);
	assert.equal(device.asked, []);
});

test("repeats a command by itself while it is unanswered", () => {
	const { bench, device } = registered();
	device.reachable = false;
	const outcomes = give(bench, operations.read("/3/0", undefined), 10_000);
	bench.run(1000);
	device.reachable = true;
	bench.run(4000);
	assert.equal(
		outcomes.map(({ kind }) => kind),
		["response"],
	);
});

test("keeps a command whose repetitions went unanswered and sends it at the next Update", () => {
	const { bench, device } = registered();
	device.reachable = false;
	const outcomes = give(bench, operations.execute("/3/0/4", ""), 600_000);
	bench.run(200_000);
	device.reachable = true;
	assert.equal(device.asked, []);
	update(bench, device);
	assert.equal(device.asked, ["POST /3/0/4"]);
	assert.equal(
		outcomes.map(({ kind }) => kind),
		["response"],
	);
	assert.is(bench.heard("resent").length, 1);
});

test("sends a stalled read at once when the device speaks", () => {
	const { bench, device } = registered();
	device.reachable = false;
	const outcomes = give(bench, operations.read("/3/0", undefined), 600_000);
	bench.run(31_000); // between the fourth transmission and the fifth
	device.reachable = true;
	update(bench, device);
	assert.equal(
		outcomes.map(({ kind }) => kind),
		["response"],
	);
});

test("sends a stalled execute at once when the device speaks, as the same message", () => {
	const { bench, device } = registered();
	const messages = requests(bench);
	device.reachable = false;
	give(bench, operations.execute("/3/0/4", ""), 600_000);
	bench.run(31_000);
	device.reachable = true;
	update(bench, device);
	assert.equal(device.asked, ["POST /3/0/4"]);
	assert.is(bench.heard("resent").length, 1);
	assert.is(messages.size, 1);
});

for (const [title, operation] of OPERATIONS.filter(([title]) => title !== "Observe")) {
	test(`${title} whose answer was lost is carried out once by a device that moved, and answered`, () => {
		const { bench, device } = registered();
		const messages = requests(bench);
		device.losesAnswers = true;
		const outcomes = give(bench, operation, 600_000);
		bench.run(20_000);
		assert.is(device.asked.length, 1);
		assert.equal(outcomes, []);
		device.losesAnswers = false;
		device.address = MOVED;
		update(bench, device);
		assert.equal(
			outcomes.map(({ kind }) => kind),
			["response"],
		);
		assert.is(device.asked.length, 1);
		assert.is(messages.size, 1);
	});
}

test("an answer that comes late comes to where the device is then, though it was asked before", () => {
	const { bench, device } = registered();
	device.answer = () => undefined;
	const outcomes = give(bench, operations.execute("/3/0/4", ""), 600_000);
	bench.run(10_000);
	device.address = MOVED;
	update(bench, device);
	device.answerLate(bench.now);
	bench.exchange();
	assert.equal(device.asked, ["POST /3/0/4"]);
	assert.equal(
		outcomes.map(({ kind }) => kind),
		["response"],
	);
});

test("an execute that may have been carried out so long ago that the device forgot it is not sent again", () => {
	const { bench, device } = registered();
	device.losesAnswers = true;
	const outcomes = give(bench, operations.execute("/3/0/4", ""), 600_000);
	const write = give(bench, operations.write("/3303/0/5750", true, ContentFormat.Text, encodeText("x")), 600_000);
	bench.run(210_000);
	device.losesAnswers = false;
	update(bench, device);
	assert.equal(outcomes, [{ kind: "no-answer" }]);
	assert.equal(
		write.map(({ kind }) => kind),
		["response"],
	);
	assert.equal(device.asked, ["POST /3/0/4", "PUT /3303/0/5750"]);
});

test("a write is not sent again once a device can have forgotten it for the messages that came since", () => {
	for (const [count, outcome] of [
		[limits.deduplicatorCount - 1, "response"],
		[limits.deduplicatorCount, "no-answer"],
	] as const) {
		const { bench, device } = registered();
		device.losesAnswers = true;
		const outcomes = give(bench, operations.write("/3303/0/5750", true, ContentFormat.Text, encodeText("x")), 600_000);
		bench.run(100_000);
		device.losesAnswers = false;
		for (let i = 0; i < count; i++) give(bench, operations.read("/3/0", undefined));
		update(bench, device);
		assert.equal(
			outcomes.map(({ kind }) => kind),
			[outcome],
		);
		assert.is(device.asked.filter((asked) => asked.startsWith("PUT")).length, 1);
	}
});

test("what is sent again goes before what never was", () => {
	const { bench, device } = registered();
	device.reachable = false;
	for (const path of ["/3/0/0", "/3/0/1", "/3/0/2"]) give(bench, operations.read(path, undefined), 600_000);
	bench.run(10_000);
	device.reachable = true;
	update(bench, device);
	assert.equal(device.asked, ["GET /3/0/0", "GET /3/0/1", "GET /3/0/2"]);
});

test("does not run twice what the device acknowledged and never answered", () => {
	const { bench, device } = registered();
	device.answer = () => undefined;
	const outcomes = give(bench, operations.execute("/3/0/4", ""), 600_000);
	bench.run(300_000);
	update(bench, device);
	bench.run(300_000);
	assert.equal(device.asked, ["POST /3/0/4"]);
	assert.equal(outcomes, [{ kind: "no-answer" }]);
});

test("asks again for what the device acknowledged and never answered, where that does no harm", () => {
	const { bench, device } = registered();
	device.answer = () => undefined;
	give(bench, operations.read("/3/0", undefined), 600_000);
	bench.run(300_000);
	update(bench, device);
	assert.equal(device.asked, ["GET /3/0", "GET /3/0"]);
});

test("refuses a command when too many wait for a device", () => {
	const { bench, device } = registered();
	device.reachable = false;
	for (let i = 0; i < 256; i++) give(bench, operations.read("/3/0", undefined));
	assert.equal(give(bench, operations.read("/3/0", undefined)), [{ kind: "refused" }]);
});

test("sends commands again at a Register under the same name", () => {
	const { bench, device } = registered();
	device.reachable = false;
	const outcomes = give(bench, operations.read("/3/0", undefined), 600_000);
	bench.run(200_000);
	const reborn = bench.register("a", MOVED);
	assert.equal(reborn.asked, ["GET /3/0"]);
	assert.equal(
		outcomes.map(({ kind }) => kind),
		["response"],
	);
});

test("does not send an execute again that the device may have carried out before it registered anew", () => {
	const { bench, device } = registered();
	device.reachable = false;
	const outcomes = give(bench, operations.execute("/3/0/4", ""), 600_000);
	bench.run(200_000);
	const reborn = bench.register("a", MOVED);
	assert.equal(reborn.asked, []);
	assert.equal(
		outcomes.map(({ kind }) => kind),
		["no-answer"],
	);
});

test("sends no request before it has answered the Register", () => {
	const { bench, device } = registered();
	device.reachable = false;
	give(bench, operations.read("/3/0", undefined), 600_000);
	const order: string[] = [];
	bench.service.listen((event) => {
		if (event.kind === "datagram" && !event.incoming) order.push(event.bytes[1]! < 32 ? "request" : "answer");
	});
	bench.register("a", MOVED);
	assert.equal(order.slice(0, 2), ["answer", "request"]);
});

test("has more commands wait than one endpoint takes", () => {
	const { bench, device } = registered();
	const all = Array.from({ length: 20 }, (_, i) => give(bench, operations.read(`/3/0/${i}`, undefined)));
	assert.is(all.flat().length, 20);
	assert.is(device.asked.length, 20);
});

test("sends in blocks what fits no datagram", () => {
	const { bench, device } = registered();
	let written = 0;
	device.answer = (_path, message) => {
		written = message.payload?.length ?? 0;
		return { code: Code.Changed };
	};
	const [outcome] = give(bench, operations.write("/5/0/0", true, ContentFormat.Opaque, new Uint8Array(2000)));
	assert.is(written, 2000);
	assert.is(outcome?.kind === "response" ? outcome.code : outcome, Code.Changed);
});

test("refuses a path that fits no datagram", () => {
	const { bench } = registered();
	const query = Array.from({ length: 8 }, () => "x".repeat(200));
	const outcomes = give(bench, operations.writeAttributes("/3/0", query));
	assert.equal(outcomes, [{ kind: "refused" }]);
});

test("ends open commands when the device de-registers", () => {
	const { bench, device } = registered();
	device.reachable = false;
	const outcomes = give(bench, operations.read("/3/0", undefined), 600_000);
	device.reachable = true;
	device.send(bench.now, Code.Delete, device.location);
	bench.exchange();
	assert.is(outcomes.length, 1);
});

test.run();
