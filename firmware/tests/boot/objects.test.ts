import { assert, suite } from "#suite";
import { Objects } from "../../boot/objects.js";
import type { Answer } from "../../console/target.js";
import { Model } from "../../lwm2m/model.js";
import { defineObject, type Later, type Status } from "../../lwm2m/object.js";
import { Security } from "../../lwm2m/objects/security.js";

const test = suite("boot/objects");

const Thing = defineObject(33_001, "1.0", {
	name: { id: 0, operations: "RW", type: "string", mandatory: true },
	level: { id: 1, operations: "RW", type: "integer", range: [0, 10] },
	isOn: { id: 2, operations: "RW", type: "boolean" },
	bytes: { id: 3, operations: "RW", type: "opaque" },
	serial: { id: 4, operations: "R", type: "string" },
	pin: { id: 5, operations: "W", type: "string" },
	lamps: { id: 6, operations: "RW", type: "integer", multiple: true },
	go: { id: 7, operations: "E" },
	slow: { id: 8, operations: "RW", type: "integer" },
	broken: { id: 9, operations: "RW", type: "integer" },
	none: { id: 10, operations: "R", type: "string" },
	isOff: { id: 12, operations: "RW", type: "boolean" },
	absent: { id: 11, operations: "R", type: "string" },
});

function write(_instanceId: number, name: string, _value: unknown): Status | Later | undefined {
	if (name === "slow") return { later: 1 };
	if (name === "broken") throw new Error("no contact");
	return name === "name" ? "unauthorized" : undefined;
}

function read(_instanceId: number, name: string): Later | undefined {
	if (name === "slow") return { later: 1 };
	if (name === "broken") throw new Error("no contact");
	return undefined;
}

function setUp() {
	const model = new Model();
	model.add(Security, 0, {
		serverUri: "coap://192.0.2.1",
		bootstrapServer: false,
		securityMode: 3,
		publicKeyOrIdentity: null,
		serverPublicKey: null,
		secretKey: Uint8Array.from([1, 2, 3]),
		shortServerId: 1,
	});
	const values = {
		level: 3,
		isOn: true,
		isOff: false,
		bytes: Uint8Array.from([1, 2]),
		serial: "S",
		pin: "1234",
		lamps: [4, 5],
	};
	const thing = model.add(
		Thing,
		0,
		{ name: "a", ...values, go: null, slow: 1, broken: 1, none: null },
		{ read, write },
	);
	const objects = new Objects(model);
	return { model, thing, objects };
}

/** An answer as a flat record. */
function collect(): { readonly members: Record<string, unknown>; readonly answer: Answer } {
	const members: Record<string, unknown> = {};
	const put = (name: string, value: unknown): void => {
		members[name] = value;
	};
	const answer = { text: put, number: put, flag: put, open() {}, openList() {}, close() {} };
	return { members, answer };
}

const READS: readonly [path: string, members: Record<string, unknown> | string][] = [
	["/33001/0/0", { "/33001/0/0": "a" }],
	["/33001/0/1", { "/33001/0/1": 3 }],
	["/33001/0/2", { "/33001/0/2": true }],
	["/33001/0/3", { "/33001/0/3": "AQI=" }],
	["/33001/0/6", { "/33001/0/6/0": 4, "/33001/0/6/1": 5 }],
	["/33001/0/6/1", { "/33001/0/6/1": 5 }],
	["/33001/0/6/2", "/33001/0/6/2 is not there"],
	["/33001/0/0/0", "/33001/0/0/0 is not there"],
	["/33001/0/5", "/33001/0/5 cannot be read"],
	["/33001/0/7", "/33001/0/7 cannot be read"],
	["/33001/0/8", "/33001/0/8 is not known at once"],
	["/33001/0/9", "/33001/0/9: Error: no contact"],
	["/33001/0/10", "/33001/0/10 has no value"],
	["/33001/0/11", "/33001/0/11 is not there"],
	["/33001/1", "/33001/1 is not there"],
	["/4711", "/4711 is not there"],
	["/0/0/5", "this object holds secrets"],
	["/0", "this object holds secrets"],
	["/", "a path is needed, such as /3/0/0"],
	["33001", "a path is needed, such as /3/0/0"],
	["/33001/0/0/0/0", "a path is needed, such as /3/0/0"],
];

for (const [path, expected] of READS)
	test(`reads ${path}`, () => {
		const { members, answer } = collect();
		const refusal = setUp().objects.read(0, path, answer);
		assert.equal(refusal ?? members, expected);
	});

test("reads an instance, or an object, as far as it can be read", () => {
	const { objects } = setUp();
	for (const path of ["/33001/0", "/33001"]) {
		const { members, answer } = collect();
		assert.is(objects.read(0, path, answer), undefined);
		assert.equal(Object.keys(members), [
			...["0", "1", "2", "3", "4", "6/0", "6/1", "12"].map((id) => `/33001/0/${id}`),
		]);
	}
});

test("a fault of one read is not told with the next", () => {
	const { objects } = setUp();
	const { answer } = collect();
	objects.read(0, "/33001/0", answer);
	assert.is(objects.write(0, "/33001/0/0", "b"), "/33001/0/0 was refused with 4.01 Unauthorized");
});

const WRITES: readonly [path: string, value: string | number | boolean, expected: unknown][] = [
	["/33001/0/1", 7, 7],
	["/33001/0/1", "8", 8],
	["/33001/0/2", false, false],
	["/33001/0/12", "true", true],
	["/33001/0/12", true, true],
	["/33001/0/2", "0", false],
	["/33001/0/6/1", 9, [4, 9]],
];

for (const [path, value, expected] of WRITES)
	test(`writes ${JSON.stringify(value)} to ${path}`, () => {
		const { objects, model } = setUp();
		assert.is(objects.write(0, path, value), undefined);
		const instance = model.find(33_001, 0)!;
		assert.equal(instance.values[instance.indexOf(Number(path.split("/")[3]))], expected);
		assert.is.not(instance.changes, 0);
	});

test("writes bytes as base64", () => {
	const { objects, thing } = setUp();
	assert.is(objects.write(0, "/33001/0/3", "/wA="), undefined);
	assert.equal([...(thing.get("bytes") ?? [])], [255, 0]);
});

const REFUSED_WRITES: readonly [path: string, value: string | number | boolean, refusal: string][] = [
	["/33001/0/0", "b", "/33001/0/0 was refused with 4.01 Unauthorized"],
	["/33001/0/1", 11, "/33001/0/1 cannot hold that"],
	["/33001/0/1", "x", "/33001/0/1 cannot hold that"],
	["/33001/0/1", true, "/33001/0/1 cannot hold that"],
	["/33001/0/2", "maybe", "/33001/0/2 cannot hold that"],
	["/33001/0/4", "x", "/33001/0/4 cannot be written"],
	["/33001/0/7", "", "/33001/0/7 cannot be written"],
	["/33001/0/6", 1, "a path is needed, such as /3/0/0"],
	["/33001/0/6/16", 1, "/33001/0/6/16 cannot hold that"],
	["/33001/0/8", 1, "/33001/0/8 is not written at once"],
	["/33001/0/9", 1, "/33001/0/9: Error: no contact"],
	["/33001/0/99", 1, "/33001/0/99 is not there"],
	["/33001/0", "", "a path is needed, such as /3/0/0"],
	["/0/0/0", "coap://evil.example", "this object holds secrets"],
];

for (const [path, value, refusal] of REFUSED_WRITES)
	test(`does not write ${JSON.stringify(value)} to ${path}`, () => {
		const { objects, model } = setUp();
		assert.is(objects.write(0, path, value), refusal);
		assert.is(model.find(33_001, 0)!.changes, 0);
	});

test.run();
