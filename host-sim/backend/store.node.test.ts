import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, suite } from "#suite";
import { Bench } from "./bench.js";
import * as operations from "./operations.js";
import { load, save } from "./store.js";
import { StoreError } from "./store-error.js";

const test = suite("backend/store");

const UNIX_MS = 1_700_000_000_000;

let directory = "";
test.before.each(() => {
	directory = mkdtempSync(join(tmpdir(), "pinhole-store-"));
});
test.after.each(() => rmSync(directory, { recursive: true, force: true }));

function saved(): ReturnType<Bench["service"]["core"]["save"]> {
	const bench = new Bench();
	bench.now = 5000;
	const device = bench.register("a", "10.0.0.1:1");
	bench.service.core.command(bench.now, "a", operations.observe("/3303/0/5700", undefined), 1000);
	bench.service.core.command(bench.now, "a", operations.observe("/3303/0/5601", 112), 1000);
	bench.exchange();
	// What is queued for a device that cannot be reached now.
	device.reachable = false;
	bench.service.core.command(bench.now, "a", operations.read("/3/0/0", undefined), 600_000);
	bench.service.queue("a", operations.write("/3/0/15", true, 0, Uint8Array.of(0, 0x80, 0xff)), 60_000);
	const composite = { paths: ["/3/0/0", "/1/0/1"], pathFormat: 112 };
	bench.service.queue("a", operations.readComposite(composite, 112), 60_000);
	return bench.service.core.save();
}

test("brings back what it saved", () => {
	const devices = saved();
	save(directory, devices, -UNIX_MS);
	const loaded = load(directory, -UNIX_MS);
	assert.is(loaded[0]?.observations.length, 2);
	assert.equal(loaded[0]?.commands?.[0]?.operation.payload, Uint8Array.of(0, 0x80, 0xff));
	assert.is(loaded[0]?.commands?.length, 2);
	assert.equal(JSON.parse(JSON.stringify(loaded)), JSON.parse(JSON.stringify(devices)));
});

test("keeps times as Unix milliseconds, since instants start anew with each process", () => {
	save(directory, saved(), -UNIX_MS);
	const text = readFileSync(join(directory, "registrations.json"), "utf8");
	assert.is(JSON.parse(text).devices[0].registration.registeredAt, UNIX_MS + 5000);
	assert.is(load(directory, -(UNIX_MS + 3000))[0]?.registration.registeredAt, 2000);
});

test("starts with nothing where nothing was saved", () => {
	assert.equal(load(join(directory, "missing"), 0), []);
});

test("makes the directory, and leaves no other file behind", () => {
	const place = join(directory, "deep", "er");
	save(place, saved(), 0);
	save(place, [], 0);
	assert.equal(readdirSync(place), ["registrations.json"]);
	assert.equal(load(place, 0), []);
});

const BAD: [title: string, spoil: (file: string) => string, says: RegExp][] = [
	["half a file", (file) => file.slice(0, file.length / 2), /it is no JSON/],
	["an empty file", () => "", /it is no JSON/],
	["another version", (file) => file.replace('"version": 1', '"version": 9'), /version should be 1/],
	["a list in place of the file", () => "[]", /the file should be an object/],
	[
		"a payload that is no hex",
		(file) => file.replace('"payload": "0080ff"', '"payload": "0080f"'),
		/devices\[0\]\.commands\[0\]\.operation\.payload should be hex/,
	],
	["no devices", () => '{"version":1}', /devices should be an array/],
	[
		"a number for a name",
		(file) => file.replace('"endpointName": "a"', '"endpointName": 1'),
		/devices\[0\]\.registration\.endpointName should be a string/,
	],
	[
		"a text for a lifetime",
		(file) => file.replace('"lifetimeSeconds": 3600', '"lifetimeSeconds": "long"'),
		/lifetimeSeconds should be a number/,
	],
	[
		"a token that is none",
		(file) => file.replace(/"token": "\w+"/, '"token": "x"'),
		/observations\[0\]\.token should be hex/,
	],
];
for (const [title, spoil, says] of BAD) {
	test(`refuses ${title} in one sentence that says what to do`, () => {
		save(directory, saved(), 0);
		const path = join(directory, "registrations.json");
		const text = readFileSync(path, "utf8");
		assert.is.not(spoil(text), text);
		writeFileSync(path, spoil(text));
		assert.throws(
			() => load(directory, 0),
			(error: unknown) =>
				error instanceof StoreError && says.test(error.message) && /repair it, or remove it/.test(error.message),
		);
	});
}

test.run();
