import { assert, suite } from "#suite";
import { findNetwork, type NetworkRecord, networkCount, networkId, putNetwork } from "../../reach/networks.js";

const test = suite("reach/networks");

function record(lowerSeconds: number): NetworkRecord {
	return {
		udp: { lowerSeconds, upperSeconds: lowerSeconds + 5 },
		stream: { lowerSeconds: 0, upperSeconds: 0 },
		moveCount: 7,
		transport: 1,
		isChosen: lowerSeconds > 60,
	};
}

test("gives back what was put", () => {
	const bytes = putNetwork(undefined, networkId("wifi:home coap.example:5683"), record(118));
	assert.is(bytes.length, 16);
	assert.equal(findNetwork(bytes, networkId("wifi:home coap.example:5683")), record(118));
	assert.is(findNetwork(bytes, networkId("wifi:work coap.example:5683")), undefined);
});

test("a newer record takes the place of the older one of its network", () => {
	let bytes = putNetwork(undefined, 1, record(30));
	bytes = putNetwork(bytes, 2, record(60));
	bytes = putNetwork(bytes, 1, record(90));
	assert.is(bytes.length, 31);
	assert.equal(findNetwork(bytes, 1), record(90));
	assert.equal(findNetwork(bytes, 2), record(60));
});

test("the network not used for longest makes room", () => {
	let bytes: Uint8Array | undefined;
	for (let id = 0; id <= networkCount; id++) bytes = putNetwork(bytes, id, record(id));
	assert.is(bytes!.length, 1 + 15 * networkCount);
	assert.is(findNetwork(bytes, 0), undefined);
	assert.equal(findNetwork(bytes, 1), record(1));
	assert.equal(findNetwork(bytes, networkCount), record(networkCount));
});

test("numbers beyond their fields are cut, not wrapped", () => {
	const bytes = putNetwork(undefined, 1, { ...record(100_000), moveCount: 1e9, transport: 400 });
	const found = findNetwork(bytes, 1)!;
	assert.equal([found.udp.lowerSeconds, found.moveCount, found.transport], [65_535, 65_535, 127]);
});

const hostile: readonly (readonly [string, Uint8Array | undefined])[] = [
	["nothing", undefined],
	["no bytes", new Uint8Array(0)],
	["another version", Uint8Array.of(2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)],
	["half a record", Uint8Array.of(1, 0, 0, 0, 1, 0, 30)],
	["much too long", new Uint8Array(4096).fill(1)],
];

for (const [name, bytes] of hostile) {
	test(`${name} in flash is survived, and written over`, () => {
		findNetwork(bytes, 1);
		const next = putNetwork(bytes, 1, record(42));
		assert.ok(next.length <= 1 + 15 * networkCount);
		assert.equal(findNetwork(next, 1), record(42));
	});
}

test.run();
