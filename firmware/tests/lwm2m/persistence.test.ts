import { assert, suite } from "#suite";
import { addServerAccount } from "../../agent/server-account.js";
import { Code, codeText } from "../../coap/codes.js";
import type { Store } from "../../contract.js";
import { limits } from "../../limits.js";
import { defineObject, type ObjectHandler } from "../../lwm2m/object.js";
import { SetPoint } from "../../lwm2m/objects/set-point.js";
import { Persistence } from "../../lwm2m/persistence.js";
import { fromHex } from "../coap/hex.js";
import { TestStore } from "../test-store.js";
import { Bench } from "./bench.js";

const test = suite("lwm2m/persistence");

const TLV = 11542;

/** An object of no registry: a persistent resource of each kind, and one that is not. */
const Settings = defineObject(42, "1.0", {
	text: { id: 0, operations: "RW", type: "string", persistent: true },
	number: { id: 1, operations: "RW", type: "integer", range: [-1000, 1000], mandatory: true, persistent: true },
	float: { id: 2, operations: "RW", type: "float", persistent: true },
	isOn: { id: 3, operations: "RW", type: "boolean", persistent: true },
	blob: { id: 4, operations: "RW", type: "opaque", persistent: true },
	link: { id: 5, operations: "RW", type: "objectLink", persistent: true },
	list: { id: 6, operations: "RW", type: "string", multiple: true, persistent: true },
	fleeting: { id: 7, operations: "RW", type: "integer" },
});

type Handler = ObjectHandler<(typeof Settings)["resources"]>;

interface Start {
	readonly handler?: Handler;
	readonly lifetimeSeconds?: number;
	readonly serverUri?: string;
}

/** One life of a device: what its application makes, then what servers did before. */
function start(store: Store, { handler, lifetimeSeconds = 300, serverUri = "coap://192.0.2.1" }: Start = {}): Bench {
	const bench = new Bench();
	const { model } = bench;
	addServerAccount(model, { serverUri, shortServerId: 1, lifetimeSeconds, server: { defaultMinimumPeriod: 0 } });
	model.add(
		Settings,
		0,
		{
			text: "made",
			number: 1,
			float: 0.5,
			isOn: false,
			blob: new Uint8Array([1]),
			link: "3303:0",
			list: ["a"],
			fleeting: 1,
		},
		handler,
	);
	model.add(SetPoint, 0, { setPointValue: 20 });
	model.allowCreate(SetPoint, 3, { sensorUnits: "Cel" });
	new Persistence(model, store).restore();
	bench.drain();
	return bench;
}

function code(bench: Bench, method: number, path: string, hex?: string): string {
	const ask = hex === undefined ? {} : { payload: fromHex(hex), contentFormat: TLV };
	return codeText(bench.ask(method, path, ask).code).slice(0, 4);
}

for (const [path, payload] of [
	["/42/0/0", "Grüße"],
	["/42/0/0", ""],
	["/42/0/1", "-300"],
	["/42/0/2", "0.1"],
	["/42/0/3", "1"],
	["/42/0/5", "3:0"],
	["/1/0/1", "86400"],
	["/1/0/2", "5"],
	["/1/0/7", "UQ"],
	["/3308/0/5900", "21.5"],
] as const)
	test(`a Write of "${payload}" to ${path} is there after the next start`, () => {
		const store = new TestStore();
		assert.is(start(store).put(path, payload), "2.04");
		assert.is(start(store).get(path), `2.05 0 ${payload}`);
		assert.is(start(store).get(path), `2.05 0 ${payload}`);
	});

test("opaque bytes and resources of several instances, with gaps, are there after the next start", () => {
	const store = new TestStore();
	const first = start(store);
	assert.is(code(first, Code.Put, "/42/0/4", "c40400ff01fe"), "2.04");
	assert.is(code(first, Code.Put, "/42/0/6", "8606410178410379"), "2.04");
	const second = start(store);
	assert.is(second.get("/42/0/4", { accept: TLV }), "2.05 11542 c40400ff01fe");
	assert.is(second.get("/42/0/6", { accept: TLV }), "2.05 11542 8606410178410379");
});

test("a multiple resource without instances stays without them", () => {
	const store = new TestStore();
	assert.is(code(start(store), Code.Put, "/42/0/6", ""), "2.04");
	assert.is(start(store).get("/42/0/6", { accept: TLV }), "2.05 11542 8006");
});

test("more values than could be read again are not acknowledged", () => {
	const store = new TestStore();
	const bench = start(store);
	const { model } = bench;
	model.find(42, 0)!.values[6] = new Array(limits.entryCount).fill("x");
	assert.is(bench.put("/42/0/0", "x"), "5.00");
	assert.is(store.values.size, 0);
});

test("what is not persistent starts anew, and so does what only the application set", () => {
	const store = new TestStore();
	const first = start(store);
	assert.is(first.put("/42/0/7", "9"), "2.04");
	first.model.find(42, 0)!.set("number", 9);
	const second = start(store);
	assert.is(second.get("/42/0/7"), "2.05 0 1");
	assert.is(second.get("/42/0/1"), "2.05 0 1");
});

test("what a replacement took away stays away", () => {
	const store = new TestStore();
	assert.is(code(start(store), Code.Put, "/42/0", "c10105c10041"), "2.04");
	const second = start(store);
	assert.is(second.get("/42/0/0"), "2.05 0 A");
	assert.is(second.get("/42/0/1"), "2.05 0 5");
	assert.is(second.get("/42/0/2"), "4.04");
	assert.is(second.get("/42/0/7"), "2.05 0 1");
});

test("the application hears of what was written before as of a Write, and may refuse it", () => {
	const store = new TestStore();
	const heard: string[] = [];
	const handler: Handler = {
		write: (instanceId, name, value) => {
			heard.push(`${instanceId} ${name} ${String(value)}`);
			return name === "number" ? "bad-request" : undefined;
		},
	};
	const first = start(store);
	first.put("/42/0/0", "x");
	first.put("/42/0/1", "7");
	const second = start(store, { handler });
	assert.ok(heard.includes("0 text x"));
	assert.ok(heard.includes("0 number 7"));
	assert.is(second.get("/42/0/0"), "2.05 0 x");
	assert.is(second.get("/42/0/1"), "2.05 0 1");
});

test("a value put off is stored when it is completed", () => {
	const store = new TestStore();
	const first = start(store, { handler: { write: () => ({ later: 1 }) } });
	const exchange = first.send(Code.Put, "/42/0/0", { payload: "x", contentFormat: 0 });
	assert.is(store.values.size, 0);
	first.service.complete(0, { later: 1 }, "changed");
	assert.equal(first.answersTo(exchange), ["0 2.04"]);
	assert.is(start(store).get("/42/0/0"), "2.05 0 x");
});

test("a store that fails gives 5.00, and the old value to the model and to the application", () => {
	const store = new TestStore();
	const heard: string[] = [];
	const handler: Handler = {
		write: (_instanceId, _name, value) => {
			heard.push(String(value));
			return "changed";
		},
	};
	const bench = start(store, { handler });
	store.room = 0;
	assert.is(bench.put("/42/0/0", "x"), "5.00");
	assert.equal(heard, ["x", "made"]);
	assert.is(bench.get("/42/0/0"), "2.05 0 made");
	assert.is(bench.put("/42/0/7", "3"), "2.04", "what is not persistent needs no store");
	assert.is(code(bench, Code.Put, "/42/0", "c10105"), "5.00");
	assert.is(bench.get("/42/0/0"), "2.05 0 made");
	assert.is(code(bench, Code.Post, "/3308", "e4170c41a80000"), "5.00");
	assert.is(bench.get("/3308/1/5900"), "4.04");
	assert.is(code(bench, Code.Delete, "/3308/0"), "5.00");
	assert.is(bench.get("/3308/0/5900"), "2.05 0 20");
});

test("a value put off that cannot be stored gives 5.00", () => {
	const store = new TestStore();
	const bench = start(store, { handler: { write: () => ({ later: 1 }) } });
	const exchange = bench.send(Code.Put, "/42/0/0", { payload: "x", contentFormat: 0 });
	store.room = 0;
	bench.service.complete(0, { later: 1 }, "changed");
	assert.equal(bench.answersTo(exchange), ["0 5.00"]);
	assert.is(bench.get("/42/0/0"), "2.05 0 made");
});

test("an instance that a server created is there after the next start, until the server deletes it", () => {
	const store = new TestStore();
	assert.is(code(start(store), Code.Post, "/3308", "e4170c41a80000"), "2.01");
	const second = start(store);
	assert.is(second.get("/3308/1/5900"), "2.05 0 21");
	assert.is(second.get("/3308/1/5701"), "2.05 0 Cel");
	assert.is(second.put("/3308/1/5900", "22"), "2.04");
	const third = start(store);
	assert.is(third.get("/3308/1/5900"), "2.05 0 22");
	assert.is(code(third, Code.Delete, "/3308/1"), "2.02");
	assert.is(start(store).get("/3308/1/5900"), "4.04");
	assert.is(store.values.size, 0);
});

test("an instance that a server deleted stays deleted, until a server creates it anew", () => {
	const store = new TestStore();
	assert.is(code(start(store), Code.Delete, "/3308/0"), "2.02");
	const second = start(store);
	assert.is(second.get("/3308/0/5900"), "4.04");
	assert.is(code(second, Code.Post, "/3308/0", "e4170c41a80000"), "2.01");
	const third = start(store);
	assert.is(third.get("/3308/0/5900"), "2.05 0 21");
	assert.is(code(third, Code.Delete, "/3308/0"), "2.02");
	assert.is(start(store).get("/3308/0/5900"), "4.04");
});

for (const [what, provisioned] of [
	["another lifetime", { lifetimeSeconds: 60 }],
	["another server", { serverUri: "coap://192.0.2.2" }],
] as const)
	test(`an account provisioned anew with ${what} is as provisioned`, () => {
		const store = new TestStore();
		const first = start(store);
		assert.is(first.put("/1/0/2", "5"), "2.04");
		assert.is(first.put("/1/0/1", "400"), "2.04");
		const second = start(store, provisioned);
		assert.is(second.get("/1/0/2"), "2.05 0 0");
		assert.is(second.put("/1/0/2", "6"), "2.04");
		assert.is(start(store, provisioned).get("/1/0/2"), "2.05 0 6");
	});

test("records that are damaged, or of objects that are gone, are passed over", () => {
	const store = new TestStore();
	start(store).put("/42/0/0", "x");
	const record = store.values.get("/42/0")!;
	for (let length = 0; length < record.length; length++) {
		store.values.set("/42/0", record.subarray(0, length));
		assert.ok(["2.05 0 made", "2.05 0 x", "4.04"].includes(start(store).get("/42/0/0")));
	}
	store.values.set("/77/0", record);
	store.values.set("settings", record);
	store.values.set("/42/0", record);
	assert.is(start(store).get("/42/0/0"), "2.05 0 x");
});

test("after clear the next start finds what the application makes", () => {
	const store = new TestStore();
	const first = start(store);
	first.put("/42/0/0", "x");
	store.write("settings", new Uint8Array(1));
	first.model.persistence!.clear();
	assert.equal(store.keys(), ["settings"]);
	assert.is(start(store).get("/42/0/0"), "2.05 0 made");
});

test("an account provisioned anew keeps what is written to it, though its old record could not be deleted", () => {
	const store = new TestStore();
	assert.is(start(store).put("/1/0/1", "600"), "2.04");
	store.room = 0;
	const bench = start(store, { lifetimeSeconds: 60 });
	store.room = Number.POSITIVE_INFINITY;
	assert.is(bench.get("/1/0/1"), "2.05 0 60");
	assert.is(bench.put("/1/0/1", "900"), "2.04");
	assert.is(bench.put("/1/0/2", "5"), "2.04");
	assert.is(start(store, { lifetimeSeconds: 60 }).get("/1/0/1"), "2.05 0 900");
	assert.is(start(store, { lifetimeSeconds: 60 }).get("/1/0/2"), "2.05 0 5");
});

test.run();
