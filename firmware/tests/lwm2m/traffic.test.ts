import { assert, suite } from "#suite";
import { Code } from "../../coap/codes.js";
import { ConnectivityMonitoring } from "../../lwm2m/objects/connectivity-monitoring.js";
import { Traffic } from "../../lwm2m/traffic.js";
import { machine } from "./machine.js";

const test = suite("lwm2m/traffic");

function counting() {
	const { bench } = machine();
	const traffic = new Traffic(bench.model);
	bench.drain();
	const figures = () => [2, 3, 4, 5].map((id) => bench.get(`/7/0/${id}`).slice("2.05 0 ".length));
	return { bench, traffic, figures };
}

test("LightweightM2M-1.1-int-901: nothing is counted before Start", () => {
	const { traffic, figures } = counting();
	traffic.handleSent(0, 5000);
	assert.equal(figures(), ["0", "0", "0", "0"]);
});

test("after Start kilobytes are counted with 28 bytes of IP and UDP headers, messages without", () => {
	const { bench, traffic, figures } = counting();
	bench.line(Code.Post, "/7/0/6");
	for (let i = 0; i < 10; i++) traffic.handleSent(i, 72);
	traffic.handleReceived(20, 1971);
	traffic.handleReceived(21, 1000);
	assert.equal(figures(), ["1", "3", "1971", String(Math.round((720 + 2971) / 12))]);
	traffic.handleReceived(22, 1000 - 27 - 28);
	assert.is(figures()[1], "4");
});

test("Stop keeps the figures, Start begins anew", () => {
	const { bench, traffic, figures } = counting();
	bench.line(Code.Post, "/7/0/6");
	traffic.handleSent(0, 972);
	bench.line(Code.Post, "/7/0/7");
	traffic.handleSent(1, 972);
	assert.equal(figures(), ["1", "0", "972", "972"]);
	bench.line(Code.Post, "/7/0/6");
	assert.equal(figures(), ["0", "0", "0", "0"]);
});

test("LightweightM2M-1.1-int-905: the collection period ends the counting", () => {
	const { bench, traffic, figures } = counting();
	assert.is(bench.put("/7/0/8", "60"), "2.04");
	traffic.handleReceived(10_000, 30);
	bench.line(Code.Post, "/7/0/6");
	traffic.handleSent(69_999, 972);
	traffic.handleSent(70_000, 972);
	assert.is(figures()[0], "1");
});

test("LightweightM2M-1.1-int-910: who observes a counter is told by pmax", () => {
	const { bench, traffic } = counting();
	bench.line(Code.Post, "/7/0/6");
	const exchange = bench.send(Code.Get, "/7/0/2", { observe: 0, query: ["pmax=60"] });
	traffic.handleSent(1, 1972);
	bench.run(70_000);
	assert.equal(bench.answersTo(exchange), ["0 2.05 0 0", "60000 2.05 0 2"]);
});

for (const [name, code, path] of [
	["int-930: create", Code.Post, "/7"],
	["int-935: delete", Code.Delete, "/7/0"],
] as const)
	test(`LightweightM2M-1.1-${name}`, () => assert.is(counting().bench.line(code, path), "4.05"));

test("LightweightM2M-1.1-int-920: discover", () =>
	assert.is(
		counting().bench.get("/7/0", { accept: 40 }),
		"2.05 40 </7/0>,</7/0/2>,</7/0/3>,</7/0/4>,</7/0/5>,</7/0/6>,</7/0/7>,</7/0/8>",
	));

test("LightweightM2M-1.1-int-701: Connectivity Monitoring holds what the application sets", () => {
	const { bench } = machine();
	const network = bench.model.add(ConnectivityMonitoring, 0, {
		networkBearer: 21,
		availableNetworkBearer: [21],
		radioSignalStrength: -60,
		ipAddresses: ["192.0.2.7"],
	});
	bench.drain();
	const exchange = bench.send(Code.Get, "/4/0/2", { observe: 0 });
	network.set("radioSignalStrength", -71);
	bench.run(0);
	assert.equal(bench.answersTo(exchange), ["0 2.05 0 -60", "0 2.05 0 -71"]);
	assert.is(bench.get("/4/0/4/0"), "2.05 0 192.0.2.7");
	for (const [method, path] of [
		[Code.Post, "/4"],
		[Code.Delete, "/4/0"],
	] as const)
		assert.is(bench.line(method, path), "4.05");
});

test.run();
