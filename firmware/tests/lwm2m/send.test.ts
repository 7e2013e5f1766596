import { assert, suite } from "#suite";
import { Code } from "../../coap/codes.js";
import { ContentFormat } from "../../coap/options.js";
import { limits } from "../../limits.js";
import { ascii, toHex } from "../coap/hex.js";
import { EPOCH, Sending } from "./sending.js";

const test = suite("lwm2m/send");

const TEMPERATURE = "/3303/0/5700";
const MINUTE = 60_000;

test("what paths hold now goes to /dp at once, as a CON in SenML-CBOR", () => {
	const sending = new Sending().reach();
	assert.is(sending.send([TEMPERATURE, "/3/0/0"]), 1);
	const [request] = sending.requests;
	assert.equal([request!.code, request!.path, request!.confirmable], [Code.Post, "/dp", true]);
	assert.is(request!.contentFormat, ContentFormat.SenmlCbor);
	assert.equal(sending.values(), ["/3/0/0=Pinhole", "/3303/0/5700=21.5"]);
	sending.answer(Code.Changed);
	assert.equal(sending.told(), ["sent 1 2.04 Changed"]);
	assert.is(sending.sender.pollTimeout(), Infinity);
});

test("an instance, a multiple resource and one of its instances are told as all values below them", () => {
	const sending = new Sending().reach();
	sending.send(["/3303/0", "/3/0/11", "/3/0/11/0"]);
	assert.equal(sending.values(), ["/3/0/11/0=0", "/3/0/11/0=0", "/3303/0/5700=21.5", "/3303/0/5701=Cel"]);
});

const FORMATS = [
	["senml-cbor", ContentFormat.SenmlCbor],
	["senml-json", ContentFormat.SenmlJson],
	["lwm2m-cbor", ContentFormat.LwM2mCbor],
] as const;
for (const [format, contentFormat] of FORMATS)
	test(`${format} can be asked for`, () => {
		const sending = new Sending().reach();
		sending.send([TEMPERATURE, "/3323/0/5700"], { format });
		assert.is(sending.requests[0]!.contentFormat, contentFormat);
		assert.equal(sending.values(), ["/3303/0/5700=21.5", "/3323/0/5700=7"]);
	});

const NEVER: [what: string, () => number][] = [
	["the keys of /0", () => new Sending().send(["/0/0/5"])],
	["the keys of /21", () => new Sending().send(["/21"])],
	["the root", () => new Sending().send(["/"])],
	["what is no path", () => new Sending().send(["3303"])],
	["a value of another type", () => new Sending().send([{ path: TEMPERATURE, value: "warm" }])],
	["a value for an instance", () => new Sending().send([{ path: "/3303/0", value: 21 }])],
	["times in LwM2M-CBOR", () => new Sending().send([TEMPERATURE], { format: "lwm2m-cbor", timestamps: true })],
	[
		"more values than a server takes at once",
		() => new Sending().send(Array.from({ length: limits.entryCount + 1 }, () => TEMPERATURE)),
	],
];
for (const [what, send] of NEVER) test(`never sent: ${what}`, () => assert.throws(send, RangeError));

test("what is not there is left out, and nothing at all is no Send", () => {
	const sending = new Sending().reach();
	assert.is(sending.send(["/3303/9", "/4711", { path: "/3303/9/5700", value: 1 }]), 0);
	assert.is(sending.send(["/3303/9", TEMPERATURE]), 1);
	assert.equal(sending.values(), ["/3303/0/5700=21.5"]);
});

test("a history goes with its times, since 1970 where the clock was set", () => {
	const sending = new Sending().reach();
	sending.model.handleTime(0, EPOCH);
	sending.now = 10 * MINUTE;
	const value = (at: number) => ({ path: TEMPERATURE, value: at, at: at * MINUTE });
	sending.send([value(5), value(1), value(3)]);
	assert.equal(sending.values(), [
		`/3303/0/5700=1@${EPOCH + 60}`,
		`/3303/0/5700=3@${EPOCH + 180}`,
		`/3303/0/5700=5@${EPOCH + 300}`,
	]);
});

test("each resource is named once, and each time is told as seconds after the first", () => {
	const sending = new Sending().reach();
	sending.model.handleTime(0, EPOCH);
	sending.now = 10 * MINUTE;
	const records = [1, 3, 5].map((at) => ({ path: TEMPERATURE, value: at, at: at * MINUTE }));
	const others = [
		{ path: "/3323/0/5700", value: 7, at: 5 * MINUTE },
		{ path: "/3303/0/5701", value: "Cel", at: MINUTE },
	];
	sending.send([...records, ...others], { format: "senml-json" });
	assert.is(
		String.fromCharCode(...sending.requests[0]!.payload!),
		`[{"bn":"/3303/0/","bt":${EPOCH + 60},"n":"5700","v":1},{"n":"5700","t":120,"v":3},{"n":"5700","t":240,"v":5},` +
			'{"n":"5701","vs":"Cel"},{"bn":"/3323/0/5700","t":240,"v":7}]',
	);
	sending.answer(Code.Changed);
	sending.send(records);
	assert.is(
		toHex(sending.requests[1]!.payload!),
		`83a3216c${ascii(TEMPERATURE)}221a6553f13c02fa3f800000a206187802fa40400000a20618f002fa40a00000`,
	);
});

test("without a clock the times are so long before now, also when it has to wait", () => {
	const sending = new Sending();
	sending.now = 10 * MINUTE;
	sending.send([{ path: TEMPERATURE, value: 20, at: 9 * MINUTE }]);
	sending.now = 15 * MINUTE;
	sending.reach();
	assert.equal(sending.values(), ["/3303/0/5700=20@-360"]);
});

test("values that are nearer than a second keep their milliseconds", () => {
	const sending = new Sending().reach();
	sending.model.handleTime(0, EPOCH);
	sending.now = 5000;
	sending.send([0, 250, 1500].map((at) => ({ path: TEMPERATURE, value: at, at })));
	assert.equal(sending.values(), [
		`/3303/0/5700=0@${EPOCH}`,
		`/3303/0/5700=250@${EPOCH + 0.25}`,
		`/3303/0/5700=1500@${EPOCH + 1.5}`,
	]);
});

test("what may wait goes at its deadline, all of it in one message", () => {
	const sending = new Sending().reach();
	sending.model.handleTime(0, EPOCH);
	for (let i = 0; i < 3; i++) {
		sending.run(i * 5 * MINUTE);
		sending.temperature.set("sensorValue", 20 + i);
		sending.send([TEMPERATURE], { deferrableMs: 30 * MINUTE });
	}
	sending.run(29 * MINUTE);
	assert.is(sending.requests.length, 0);
	sending.run(31 * MINUTE);
	assert.is(sending.requests.length, 1);
	assert.equal(sending.values(), [
		`/3303/0/5700=20@${EPOCH}`,
		`/3303/0/5700=21@${EPOCH + 300}`,
		`/3303/0/5700=22@${EPOCH + 600}`,
	]);
	sending.answer(Code.Changed);
	assert.equal(sending.told(), ["sent 1 2.04 Changed", "sent 2 2.04 Changed", "sent 3 2.04 Changed"]);
});

test("twelve samples of one resource take less than a third of what twelve messages would", () => {
	const sending = new Sending().reach();
	sending.model.handleTime(0, EPOCH);
	const record = (i: number) => ({ path: TEMPERATURE, value: 20 + i / 2, at: i * 5 * MINUTE });
	sending.now = 60 * MINUTE;
	sending.send([record(0)]);
	const single = sending.requests[0]!.payload!.length;
	sending.answer(Code.Changed);
	sending.send(Array.from({ length: 12 }, (_, i) => record(i)));
	const series = sending.requests[1]!.payload!.length;
	suite.record("payload of one and of twelve", [single, series]);
	assert.ok(series < (12 * single) / 2, `${series} bytes, and ${single} for one`);
});

test("what is added while one is under way waits for its own time", () => {
	const sending = new Sending().reach();
	sending.send([TEMPERATURE]);
	sending.send(["/3323/0/5700"], { deferrableMs: MINUTE });
	sending.answer(Code.Changed);
	assert.is(sending.requests.length, 1);
	sending.run(MINUTE);
	assert.is(sending.requests.length, 2);
});

test("what waits rides with another message from half of its time on, not before", () => {
	const sending = new Sending().reach();
	sending.send([TEMPERATURE], { deferrableMs: 10 * MINUTE });
	sending.run(5 * MINUTE - 1);
	assert.not(sending.sender.ride(sending.now));
	sending.run(5 * MINUTE);
	assert.ok(sending.sender.ride(sending.now));
	assert.is(sending.requests.length, 1);
});

test("an urgent Send takes with it what waits", () => {
	const sending = new Sending().reach();
	sending.send(["/3323/0/5700"], { deferrableMs: MINUTE });
	sending.send([TEMPERATURE], { timestamps: true });
	assert.is(sending.requests.length, 1);
	assert.is(sending.values().length, 2);
});

test("what says no times is a message of its own, in the order in which it was said", () => {
	const sending = new Sending().reach(false);
	sending.send([TEMPERATURE]);
	sending.send(["/3323/0/5700"]);
	sending.reach();
	assert.equal(sending.values(), ["/3303/0/5700=21.5"]);
	sending.answer(Code.Changed);
	assert.equal(sending.values(), ["/3323/0/5700=7"]);
	assert.is(sending.requests.length, 2);
});

test("what is large goes as one request, whose blocks are the endpoint's business", () => {
	const sending = new Sending().reach();
	const text = "x".repeat(300);
	sending.send([1, 2, 3, 4, 5].map(() => ({ path: "/3/0/0", value: text })));
	assert.is(sending.requests.length, 1);
	assert.ok(sending.requests[0]!.payload!.length > limits.blockLength);
});

test("what together would not fit one datagram goes in several messages", () => {
	const sending = new Sending().reach(false);
	const text = "x".repeat(300);
	for (let i = 0; i < 5; i++) sending.send([{ path: "/3/0/0", value: text }], { timestamps: true });
	sending.reach();
	sending.answer(Code.Changed);
	sending.answer(Code.Changed);
	assert.is(sending.told().length, 5);
	assert.is(sending.requests.length, 2);
});

test("nothing leaves before the server knows the device, and then all of it", () => {
	const sending = new Sending();
	sending.send([TEMPERATURE]);
	assert.is(sending.requests.length, 0);
	assert.is(sending.sender.pollTimeout(), Infinity);
	sending.reach();
	assert.is(sending.requests.length, 1);
});

test("what was under way when the path was lost goes again under the same token", () => {
	const sending = new Sending().reach();
	sending.send([TEMPERATURE]);
	sending.reach(false);
	assert.equal(sending.cancelled, [1]);
	sending.send(["/3323/0/5700"]);
	sending.reach();
	assert.is(sending.requests.length, 2);
	assert.is(sending.requests[1]!.token, sending.requests[0]!.token);
	assert.equal(sending.requests[1]!.payload, sending.requests[0]!.payload);
	sending.answer(Code.Changed);
	assert.is.not(sending.requests[2]!.token, sending.requests[0]!.token);
});

test("where another account of its server takes over, what was under way goes again from there", () => {
	const sending = new Sending().reach();
	sending.send([TEMPERATURE]);
	sending.move();
	assert.equal(sending.cancelled, [1]);
	assert.is(sending.requests.length, 1);
	sending.reach();
	assert.is(sending.requests[1]!.token, sending.requests[0]!.token);
});

test("an unanswered one asks for a look at the registration, and goes again when that stands", () => {
	const sending = new Sending().reach();
	sending.send([TEMPERATURE]);
	sending.fail("timeout");
	assert.equal(sending.told(), ["lost"]);
	sending.run(MINUTE);
	assert.is(sending.requests.length, 1);
	sending.reach();
	assert.is(sending.requests.length, 2);
});

test("a server that leaves nothing but Sends unanswered is tried ever more rarely, and not for ever", () => {
	const sending = new Sending().reach();
	sending.send([TEMPERATURE]);
	const at: number[] = [];
	for (let i = 0; i < 9 && sending.told().every((line) => !line.startsWith("unsent")); i++) {
		at.push(sending.now / MINUTE);
		sending.fail("timeout");
		sending.reach();
		if (sending.sender.pollTimeout() < Infinity) sending.run(sending.sender.pollTimeout());
	}
	assert.equal(at, [0, 0, 1, 3, 7]);
	assert.is(sending.requests.length, 5);
});

test("4.04 is not the end: the server may have forgotten the device", () => {
	const sending = new Sending().reach();
	sending.send([TEMPERATURE]);
	sending.answer(Code.NotFound);
	assert.equal(sending.told(), ["lost"]);
	sending.reach();
	sending.answer(Code.NotFound);
	assert.equal(sending.told(), ["unsent 1 4.04 Not Found"]);
});

test("another refusal is the end, and what is behind it goes on", () => {
	const sending = new Sending().reach(false);
	sending.send([TEMPERATURE]);
	sending.send(["/3323/0/5700"]);
	sending.reach();
	sending.answer(Code.BadRequest);
	assert.equal(sending.told(), ["unsent 1 4.00 Bad Request"]);
	assert.equal(sending.values(), ["/3323/0/5700=7"]);
});

test("a server in trouble gets it again after a while", () => {
	const sending = new Sending().reach();
	sending.send([TEMPERATURE]);
	sending.answer(Code.ServiceUnavailable);
	sending.run(MINUTE - 1);
	assert.is(sending.requests.length, 1);
	sending.run(MINUTE);
	assert.is(sending.requests.length, 2);
});

test("where the endpoint is full it is tried again soon", () => {
	const sending = new Sending().reach();
	sending.isFull = true;
	sending.send([TEMPERATURE]);
	sending.isFull = false;
	sending.run(2000);
	assert.is(sending.requests.length, 1);
});

const MUTED: [what: string, muteSend: boolean | "absent"][] = [
	["true", true],
	["absent", "absent"],
];
for (const [what, muteSend] of MUTED)
	test(`/1/x/23 ${what}: nothing is sent, and nothing kept`, () => {
		const sending = new Sending(muteSend).reach();
		assert.is(sending.send([TEMPERATURE]), 1);
		assert.equal(sending.told(), ["unsent 1 muted"]);
		assert.is(sending.requests.length, 0);
	});

test("what waits when the server mutes is dropped, what comes after it lets speak is sent", () => {
	const sending = new Sending().reach();
	sending.send([TEMPERATURE], { deferrableMs: MINUTE });
	sending.server.set("muteSend", true);
	sending.run(2 * MINUTE);
	assert.equal(sending.told(), ["unsent 1 muted"]);
	sending.server.set("muteSend", false);
	sending.send([TEMPERATURE]);
	assert.is(sending.requests.length, 1);
});

test("to a server of LwM2M 1.1 SenML-CBOR goes in the place of LwM2M-CBOR", () => {
	const sending = new Sending().reach();
	sending.sender.version = "1.1";
	sending.send([TEMPERATURE], { format: "lwm2m-cbor" });
	assert.is(sending.requests[0]!.contentFormat, ContentFormat.SenmlCbor);
	assert.equal(sending.values(), ["/3303/0/5700=21.5"]);
});

test("a server of LwM2M 1.0 knows no Send", () => {
	const sending = new Sending().reach();
	sending.sender.version = "1.0";
	sending.send([TEMPERATURE]);
	assert.equal(sending.told(), ["unsent 1 the server speaks LwM2M 1.0"]);
});

test("out of reach the newest are kept: the oldest make room, and are counted", () => {
	const sending = new Sending();
	for (let i = 0; i < limits.sendCount + 2; i++) sending.send([TEMPERATURE], { timestamps: true });
	assert.equal(sending.told(), ["unsent 1 newer ones needed its room", "unsent 2 newer ones needed its room"]);
	assert.is(sending.sender.droppedCount, 2);
	sending.reach();
	assert.is(sending.values().length, limits.sendCount);
});

test("what may be with the server already makes no room", () => {
	const sending = new Sending().reach();
	const text = "x".repeat(limits.sendLength - 100);
	sending.send([{ path: "/3/0/0", value: text }]);
	sending.send([{ path: "/3/0/0", value: text }]);
	assert.equal(sending.told(), ["unsent 2 no room"]);
	sending.answer(Code.Changed);
	assert.equal(sending.told(), ["sent 1 2.04 Changed"]);
});

test.run();
