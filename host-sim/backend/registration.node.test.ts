import { assert, suite } from "#suite";
import { Code } from "../../firmware/coap/codes.js";
import { Bench, OBJECT_LIST } from "./bench.js";

const test = suite("backend/registration");

const REGISTERS: [title: string, query: string[], payload: string | undefined, code: number][] = [
	["all that LwM2M 1.2 says", ["ep=a", "lt=60", "lwm2m=1.2", "b=U", "Q"], OBJECT_LIST, Code.Created],
	["LwM2M 1.1", ["ep=a", "lwm2m=1.1", "b=UTS"], OBJECT_LIST, Code.Created],
	["LwM2M 1.0 with Q among the letters", ["ep=a", "lwm2m=1.0", "b=UQ"], OBJECT_LIST, Code.Created],
	["no version, which is 1.0", ["ep=a"], OBJECT_LIST, Code.Created],
	["a parameter that we do not know", ["ep=a", "color=red"], OBJECT_LIST, Code.Created],
	["no endpoint name", ["lt=60"], OBJECT_LIST, Code.BadRequest],
	["an empty endpoint name", ["ep="], OBJECT_LIST, Code.BadRequest],
	["a version that we do not know", ["ep=a", "lwm2m=2.0"], OBJECT_LIST, Code.PreconditionFailed],
	["a lifetime that is none", ["ep=a", "lt=soon"], OBJECT_LIST, Code.BadRequest],
	["a lifetime below nothing", ["ep=a", "lt=-1"], OBJECT_LIST, Code.BadRequest],
	["a binding that is none", ["ep=a", "b=X"], OBJECT_LIST, Code.BadRequest],
	["an object list that is none", ["ep=a"], "3/0", Code.BadRequest],
];
for (const [title, query, payload, code] of REGISTERS) {
	test(`answers a Register with ${title} by ${code.toString(16)}`, () => {
		const bench = new Bench();
		const device = bench.addDevice("10.0.0.1:1");
		device.send(0, Code.Post, "/rd", query, payload);
		bench.exchange();
		assert.equal(device.answers, [code]);
		assert.is(bench.heard("registered").length, code === Code.Created ? 1 : 0);
	});
}

test("keeps what a Register says", () => {
	const bench = new Bench();
	const device = bench.addDevice("10.0.0.1:1");
	bench.now = 5;
	device.send(5, Code.Post, "/rd", ["ep=a", "lt=60", "lwm2m=1.2", "b=U", "Q", "sms=123", "color=red"], OBJECT_LIST);
	bench.exchange();
	const { id, links, ...rest } = bench.service.core.registration("a")!;
	assert.is(device.location, `/rd/${id}`);
	assert.match(id, /^[\w-]{10}$/);
	assert.is(links.length, 5);
	assert.equal(rest, {
		endpointName: "a",
		registeredAt: 5,
		updatedAt: 5,
		address: "10.0.0.1:1",
		version: "1.2",
		lifetimeSeconds: 60,
		binding: "U",
		queueMode: true,
		secure: false,
		smsNumber: "123",
		reach: undefined,
		windowSeconds: undefined,
		additional: { color: "red" },
	});
});

test("replaces a registration of the same name", () => {
	const bench = new Bench();
	const first = bench.register("a", "10.0.0.1:1");
	const old = bench.service.core.registration("a")!;
	bench.register("a", "10.0.0.1:2");
	assert.equal(
		bench.service.core.registrations().map(({ address }) => address),
		["10.0.0.1:2"],
	);
	assert.is(bench.heard("registered")[1]?.replaced, old);
	first.send(0, Code.Post, first.location);
	bench.exchange();
	assert.is(first.answers.at(-1), Code.NotFound);
});

test("takes lifetime, binding and object list from an Update", () => {
	const bench = new Bench();
	const device = bench.register("a", "10.0.0.1:1", 60);
	bench.run(30_000);
	device.send(bench.now, Code.Post, device.location, ["lt=90", "b=UT"], "</3/0>");
	bench.exchange();
	const { lifetimeSeconds, binding, links, updatedAt, version } = bench.service.core.registration("a")!;
	assert.is(device.answers.at(-1), Code.Changed);
	assert.equal(
		[lifetimeSeconds, binding, links, updatedAt, version],
		[90, "UT", [{ url: "/3/0", attributes: {} }], 30_000, "1.2"],
	);
});

test("leaves with an Update what it does not say", () => {
	const bench = new Bench();
	const device = bench.register("a", "10.0.0.1:1", 60);
	const { links } = bench.service.core.registration("a")!;
	device.send(0, Code.Post, device.location);
	bench.exchange();
	const registration = bench.service.core.registration("a")!;
	assert.equal([registration.lifetimeSeconds, registration.links], [60, links]);
});

const MISSES: [method: string, code: number, path: string, answer: number][] = [
	["an Update of an unknown registration", Code.Post, "/rd/unknown", Code.NotFound],
	["a De-register of an unknown registration", Code.Delete, "/rd/unknown", Code.NotFound],
	["GET on a registration", Code.Get, "/rd/unknown", Code.MethodNotAllowed],
	["GET on the registration interface", Code.Get, "/rd", Code.MethodNotAllowed],
	["bootstrap", Code.Post, "/bs", Code.NotFound],
	["the root", Code.Get, "", Code.NotFound],
	["a path too long", Code.Post, "/rd/a/b", Code.NotFound],
	["PUT on the list of resources", Code.Put, "/.well-known/core", Code.MethodNotAllowed],
	["the list of resources", Code.Get, "/.well-known/core", Code.Content],
];
for (const [title, code, path, answer] of MISSES) {
	test(`answers ${title} by ${answer.toString(16)}`, () => {
		const bench = new Bench();
		const device = bench.addDevice("10.0.0.1:1");
		device.send(0, code, path);
		bench.exchange();
		assert.equal(device.answers, [answer]);
	});
}

test("forgets a device that de-registers", () => {
	const bench = new Bench();
	const device = bench.register("a", "10.0.0.1:1");
	device.send(0, Code.Delete, device.location);
	bench.exchange();
	assert.is(device.answers.at(-1), Code.Deleted);
	assert.equal(bench.service.core.registrations(), []);
	assert.equal(
		bench.heard("deregistered").map(({ why }) => why),
		["asked"],
	);
});

test("forgets a device whose lifetime ends", () => {
	const bench = new Bench();
	bench.register("a", "10.0.0.1:1", 60);
	bench.run(59_999);
	assert.is(bench.service.core.registrations().length, 1);
	bench.run(1);
	assert.is(bench.service.core.registrations().length, 0);
	assert.equal(
		bench.heard("deregistered").map(({ why }) => why),
		["expired"],
	);
});

test("counts the lifetime from the last Update", () => {
	const bench = new Bench();
	const device = bench.register("a", "10.0.0.1:1", 60);
	bench.run(50_000);
	device.send(bench.now, Code.Post, device.location);
	bench.exchange();
	bench.run(59_999);
	assert.is(bench.service.core.registrations().length, 1);
});

test("serves many devices side by side", () => {
	const bench = new Bench();
	for (let i = 0; i < 300; i++) bench.register(`device-${i}`, `10.0.${i >> 8}.${i & 255}:5683`);
	assert.is(bench.service.core.registrations().length, 300);
});

test("lets a crowd of strangers displace strangers only", () => {
	const bench = new Bench();
	const device = bench.register("a", "10.0.0.1:1");
	const ping = new Uint8Array([0x40, 0, 0, 1]);
	for (let i = 0; i < 1000; i++) bench.receive(`10.1.${i >> 8}.${i & 255}:1`, ping);
	assert.is(bench.service.core.endpointNameAt("10.0.0.1:1"), "a");
	device.send(0, Code.Post, device.location);
	bench.exchange();
	assert.is(device.answers.at(-1), Code.Changed);
});

test("survives what is no CoAP", () => {
	const bench = new Bench();
	for (const bytes of [
		[],
		[0],
		[0xff, 0xff, 0xff, 0xff],
		[0x40, 2, 0, 1, 0xff],
		[0x4f, 2, 0, 1],
		[0x40, 2, 0, 1, 0xd1],
	]) {
		bench.receive("10.0.0.9:1", new Uint8Array(bytes));
	}
	assert.equal(bench.service.core.registrations(), []);
});

test("a lifetime of 0 has no end, until an Update gives it one", () => {
	const bench = new Bench();
	const device = bench.register("a", "10.0.0.1:1", 0);
	bench.run(1e12);
	assert.ok(bench.service.core.registration("a"));
	device.send(bench.now, Code.Post, device.location, ["lt=60"]);
	bench.exchange();
	bench.run(60_000);
	assert.is(bench.service.core.registration("a"), undefined);
});

test.run();
