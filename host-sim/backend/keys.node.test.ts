// Keys that come, go and are replaced, while the back end runs or between two lives of it.

import { assert, suite } from "#suite";
import { Code } from "../../firmware/coap/codes.js";
import type { Credential } from "./credentials.js";
import type { Keyring } from "./keyring.js";
import { Town } from "./oscore-bench.js";

const test = suite("backend/keys");

const A_HOME = "10.0.0.1:1";
const B_HOME = "10.0.0.2:1";
const MOVED = "10.0.0.1:2";
const ELSEWHERE = "192.0.2.66:6";

/** Keys that a running back end is given, and who is still registered. */
const REPLACED: readonly [title: string, change: (keyring: Keyring) => Credential[], registered: readonly string[]][] =
	[
		["one more", (ring) => [...ring.credentials, ring.newCredential("c")], ["a", "b"]],
		["one taken out", (ring) => ring.credentials.filter(({ endpointName }) => endpointName !== "a"), ["b"]],
		["one replaced", (ring) => [ring.newCredential("a"), ring.credentials[1]!], ["b"]],
		["all anew, as they were", (ring) => ring.credentials.map((one) => ({ ...one })), ["a", "b"]],
	];

for (const [title, change, registered] of REPLACED)
	test(`keys change while the back end runs, ${title}: whose are the same goes on`, () => {
		const town = new Town();
		const devices = [town.register("a", A_HOME), town.register("b", B_HOME)];
		town.replaceCredentials(change(town.keyring));
		const names = () => town.bench.service.core.registrations().map(({ endpointName }) => endpointName);
		assert.equal(names(), registered);
		for (const name of registered) assert.is(town.read(name), "response");
		for (const [i, name] of ["a", "b"].entries())
			assert.is(town.update(devices[i]!), registered.includes(name) ? Code.Changed : undefined);
	});

test("keys that were taken out and come back use no nonce twice", () => {
	const town = new Town();
	town.register("a", A_HOME);
	assert.is(town.read("a"), "response");
	const { server } = town.contexts.of("a")!;
	const before = server.oscore!.context.nextSequenceNumber;
	town.replaceCredentials([]);
	town.replaceCredentials(town.keyring.credentials);
	assert.is(town.contexts.of("a")!.server, server);
	assert.ok(server.oscore!.context.nextSequenceNumber >= before);
});

test("a device that registered without keys and is given some registers with them", () => {
	const town = new Town();
	town.keyring.noSecurity = true;
	town.bench.restart();
	const device = town.registerPlainly("c", ELSEWHERE);
	town.replaceCredentials([...town.keyring.credentials, town.keyring.newCredential("c")]);
	assert.is(town.addressOf("c"), undefined);
	assert.is(town.update(device), Code.NotFound);
});

test("keys that are taken away between two lives end the registration", () => {
	const town = new Town();
	const a = town.register("a", A_HOME);
	town.keyring.credentials.shift();
	town.keyring.noSecurity = true;
	town.bench.restart();
	assert.is(town.addressOf("a"), undefined);
	a.reachable = false;
	const enemy = town.bench.addDevice(A_HOME);
	assert.is(town.say(enemy, Code.Post, a.location), Code.NotFound);
});

test("keys that are given between two lives end the registration without any", () => {
	const town = new Town();
	town.keyring.noSecurity = true;
	town.bench.restart();
	const c = town.registerPlainly("c", A_HOME);
	assert.is(c.answers[0], Code.Created);
	town.keyring.credentials.push(town.keyring.newCredential("c"));
	town.bench.restart();
	assert.is(town.addressOf("c"), undefined);
	assert.is(town.say(c, Code.Post, c.location), Code.NotFound);
	town.register("c", MOVED);
	assert.is(town.addressOf("c"), MOVED);
});

test("keys that are replaced between two lives: the old ones open nothing", () => {
	const town = new Town();
	const a = town.register("a", A_HOME);
	town.keyring.credentials[0] = town.keyring.newCredential("a");
	town.bench.restart();
	a.send(town.bench.now, Code.Post, a.location);
	town.bench.exchange();
	assert.equal(a.answers, [Code.Created]);
	const reborn = town.register("a", MOVED);
	assert.is(reborn.answers[0], Code.Created);
	assert.is(town.read("a"), "response");
});

test.run();
