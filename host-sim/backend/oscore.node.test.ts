// Who speaks for a device: its keys alone, from whatever address, before and after a restart.

import { assert, suite } from "#suite";
import { Code } from "../../firmware/coap/codes.js";
import { RENEWAL_NUMBER } from "../../firmware/security/oscore/constants.js";
import { message } from "../../firmware/tests/hostile/message.js";
import { OBJECT_LIST } from "./bench.js";
import * as operations from "./operations.js";
import { TEMPERATURE, Town } from "./oscore-bench.js";

const test = suite("backend/oscore");

const A_HOME = "10.0.0.1:1";
const B_HOME = "10.0.0.2:1";
const MOVED = "10.0.0.1:2";
const ELSEWHERE = "192.0.2.66:6";
const A_DAY_SECONDS = 86_400;
const SENT = '[{"n":"/3303/0/5700","v":20}]';

test("a device with keys registers, and is spoken to", () => {
	const town = new Town();
	const device = town.register("a", A_HOME);
	assert.equal(device.answers, [Code.Created]);
	assert.ok(town.bench.service.core.registration("a")!.secure);
	assert.is(town.read("a"), "response");
});

test("a name that the keys tell may be left out", () => {
	const town = new Town();
	const device = town.bench.addDevice(A_HOME, town.keyring.device("a"));
	device.send(0, Code.Post, "/rd", ["lwm2m=1.2"], OBJECT_LIST);
	town.bench.exchange();
	assert.equal(device.answers, [Code.Created]);
	assert.is(town.addressOf("a"), A_HOME);
});

test("an endpoint name with another one's keys is refused", () => {
	const town = new Town();
	const device = town.bench.register("a", A_HOME, A_DAY_SECONDS, town.keyring.device("b"));
	assert.equal(device.answers, [Code.Forbidden]);
	assert.is(town.bench.service.core.registrations().length, 0);
});

test("an endpoint name that nobody has keys of is refused to whoever has some", () => {
	const town = new Town();
	const device = town.bench.register("c", A_HOME, A_DAY_SECONDS, town.keyring.device("b"));
	assert.equal(device.answers, [Code.Forbidden]);
});

test("without keys nobody registers, unless a switch says so", () => {
	const town = new Town();
	assert.equal(town.registerPlainly("c", A_HOME).answers, [Code.Unauthorized]);
	const open = new Town();
	open.keyring.noSecurity = true;
	open.bench.restart();
	assert.equal(open.registerPlainly("c", A_HOME).answers, [Code.Created]);
});

test("without keys nobody takes the name of a device that has some, switch or not", () => {
	const town = new Town();
	town.keyring.noSecurity = true;
	town.bench.restart();
	assert.equal(town.registerPlainly("a", ELSEWHERE).answers, [Code.Forbidden]);
	town.register("a", A_HOME);
	assert.equal(town.registerPlainly("a", MOVED).answers, [Code.Forbidden]);
	assert.is(town.addressOf("a"), A_HOME);
});

for (const [verb, code] of [
	["update", Code.Post],
	["de-register", Code.Delete],
] as const) {
	test(`keys of one device do not ${verb} another one`, () => {
		const town = new Town();
		const a = town.register("a", A_HOME);
		const b = town.register("b", B_HOME);
		assert.is(town.say(b, code, a.location), Code.NotFound);
		assert.is(town.addressOf("a"), A_HOME);
		assert.is(town.read("a"), "response");
	});

	test(`without keys nobody does ${verb} a device that has some`, () => {
		const town = new Town();
		town.keyring.noSecurity = true;
		town.bench.restart();
		const a = town.register("a", A_HOME);
		const enemy = town.registerPlainly("c", ELSEWHERE);
		assert.is(town.say(enemy, code, a.location), Code.NotFound);
		assert.is(town.addressOf("a"), A_HOME);
	});
}

test("what is sent under keys is the device's own, from whatever address", () => {
	const town = new Town();
	const a = town.register("a", A_HOME);
	const b = town.register("b", B_HOME);
	a.address = B_HOME;
	b.address = ELSEWHERE;
	assert.is(town.say(a, Code.Post, "/dp", SENT), Code.Changed);
	assert.equal(
		town.bench.heard("sent").map(({ endpointName }) => endpointName),
		["a"],
	);
});

test("what is sent under keys without a registration is refused", () => {
	const town = new Town();
	const device = town.bench.addDevice(A_HOME, town.keyring.device("a"));
	assert.is(town.say(device, Code.Post, "/dp", SENT), Code.NotFound);
});

test("a registration moves with a newer request, and back with one newer still", () => {
	const town = new Town();
	const a = town.register("a", A_HOME);
	for (const address of [MOVED, A_HOME, MOVED]) {
		a.address = address;
		assert.is(town.update(a), Code.Changed);
		assert.is(town.addressOf("a"), address);
		assert.is(town.read("a"), "response");
	}
});

test("a request that was overtaken moves nothing", () => {
	const town = new Town();
	const a = town.register("a", A_HOME);
	const slow = town.held(a);
	a.address = MOVED;
	a.endpoint.handlePathChanged(town.bench.now);
	town.update(a);
	town.bench.receive(ELSEWHERE, slow);
	assert.is(town.addressOf("a"), MOVED);
	assert.is(town.read("a"), "response");
});

test("the newest request, copied and sent from another address, moves nothing and is answered in the open", () => {
	const town = new Town();
	const a = town.register("a", A_HOME);
	const newest = town.held(a);
	town.bench.receive(A_HOME, newest);
	const before = town.bench.said.length;
	town.bench.receive(ELSEWHERE, newest);
	assert.is(town.addressOf("a"), A_HOME);
	const answers = town.bench.said.slice(before).filter(({ address }) => address === ELSEWHERE);
	assert.equal(
		answers.map(({ length }) => length <= newest.length),
		[true],
	);
	assert.is(town.read("a"), "response");
});

test("a device that has renewed its keys without a Register is told to register", () => {
	const town = new Town();
	const a = town.register("a", A_HOME);
	const reborn = town.bench.addDevice(MOVED, town.keyring.device("a"));
	assert.is(town.say(reborn, Code.Post, a.location), Code.NotFound);
	assert.is(town.say(reborn, Code.Post, "/dp", SENT), Code.NotFound);
	assert.is(town.addressOf("a"), A_HOME);
});

test("a device renews its keys before the order of its notifications could be mistaken", () => {
	const town = new Town();
	const keys = town.keyring.device("a");
	const device = town.bench.register("a", A_HOME, A_DAY_SECONDS, keys);
	const { context } = keys.oscore;
	while (context.nextSequenceNumber < RENEWAL_NUMBER - 1) context.takeSequenceNumber();
	assert.is(town.update(device), Code.Changed);
	assert.is(keys.oscore.context, context);
	// Under other keys, so that it is told to register.
	assert.is(town.update(device), Code.NotFound);
	assert.ok(keys.oscore.context.nextSequenceNumber < 10);
});

test("that it has is known over a restart, too", () => {
	const town = new Town();
	const a = town.register("a", A_HOME);
	const reborn = town.bench.addDevice(MOVED, town.keyring.device("a"));
	assert.is(town.say(reborn, Code.Post, a.location), Code.NotFound);
	town.bench.restart();
	assert.is(town.say(reborn, Code.Post, a.location), Code.NotFound);
});

test("observations go on after a restart with state, and the next request moves on after one round trip more", () => {
	const town = new Town();
	const a = town.register("a", A_HOME);
	town.bench.service.core.command(0, "a", operations.observe(TEMPERATURE, undefined), 5000);
	town.bench.exchange();
	town.bench.restart();
	a.notify(town.bench.now, TEMPERATURE, "22.5");
	town.bench.exchange();
	assert.is(town.bench.heard("notified").length, 1);
	assert.is(town.read("a"), "response");
	// RFC 8613, B.1.2: the endpoint gives back the Echo by itself.
	assert.is(town.update(a), Code.Changed);
});

test("an observation is asked for anew whose repetition went unanswered: it may be bound to either", () => {
	const town = new Town();
	const a = town.register("a", A_HOME);
	const observe = (): void => {
		town.bench.service.core.command(town.bench.now, "a", operations.observe(TEMPERATURE, undefined), 5000);
		town.bench.exchange();
	};
	observe();
	a.losesAnswers = true;
	observe();
	town.bench.run(6000);
	a.losesAnswers = false;
	town.update(a);
	a.notify(town.bench.now, TEMPERATURE, "22.5");
	town.bench.exchange();
	assert.is(town.bench.heard("notified").length, 1);
});

test("a restart without state: the device notices, renews its keys and registers", () => {
	const town = new Town();
	const a = town.register("a", A_HOME);
	town.keyring.saved.clear();
	const saved = town.bench.service.core.save();
	town.bench.restart();
	assert.is(saved.length, 1);
	a.send(town.bench.now, Code.Post, a.location);
	town.bench.exchange();
	town.bench.run(60_000);
	assert.is(a.answers.at(-1), Code.NotFound);
	a.send(town.bench.now, Code.Post, "/rd", ["ep=a", "lwm2m=1.2"], OBJECT_LIST);
	town.bench.exchange();
	assert.is(a.answers.at(-1), Code.Created);
	assert.is(town.read("a"), "response");
});

test("a device that the back end has lost the keys of gives up, and does not ask for ever", () => {
	const town = new Town();
	const a = town.register("a", A_HOME);
	town.keyring.credentials.length = 0;
	town.bench.restart();
	const { sent } = a.endpoint.statistics;
	a.send(town.bench.now, Code.Post, a.location);
	town.bench.run(600_000);
	assert.equal(a.failures, ["timeout"]);
	assert.ok(a.endpoint.statistics.sent - sent < 30, `${a.endpoint.statistics.sent - sent} datagrams`);
});

test("a device with keys comes to be where one without any was", () => {
	const town = new Town();
	town.keyring.noSecurity = true;
	town.bench.restart();
	town.registerPlainly("c", A_HOME).reachable = false;
	const a = town.register("a", B_HOME);
	a.address = A_HOME;
	assert.is(town.update(a), Code.Changed);
	assert.is(town.addressOf("a"), A_HOME);
	assert.is(town.read("a"), "response");
});

test("without keys nobody comes to be where a device with some is, and there it stays", () => {
	const town = new Town();
	town.keyring.noSecurity = true;
	town.bench.restart();
	const a = town.register("a", A_HOME);
	const c = town.registerPlainly("c", ELSEWHERE);
	c.address = A_HOME;
	a.reachable = false;
	assert.is.not(town.update(c), Code.Changed);
	c.reachable = false;
	a.reachable = true;
	assert.is(town.addressOf("a"), A_HOME);
	assert.is(town.read("a"), "response");
	// Once the device with keys has moved on, whoever its address belongs to now is heard.
	a.address = MOVED;
	town.update(a);
	c.reachable = true;
	assert.is(town.update(c), Code.Changed);
});

test("two devices that have swapped their mappings are told apart, and each gets its own commands", () => {
	const town = new Town();
	const a = town.register("a", A_HOME);
	const b = town.register("b", B_HOME);
	a.address = B_HOME;
	b.address = A_HOME;
	// Nobody knows yet: what comes to the wrong one is not carried out.
	assert.is(town.read("a"), "no-answer");
	assert.equal([a.asked, b.asked], [[], []]);
	assert.is(town.update(a), Code.Changed);
	assert.is(town.update(b), Code.Changed);
	assert.is(town.read("a"), "response");
	assert.is(town.read("b"), "response");
	assert.equal([a.asked.length, b.asked.length], [1, 1]);
});

test("blocks of two devices at one address are not joined", () => {
	const town = new Town();
	const a = town.register("a", A_HOME);
	const b = town.register("b", B_HOME);
	const links = OBJECT_LIST + ",</9/0>".repeat(200);
	a.send(0, Code.Post, a.location, [], links);
	const first = town.bench.hold(a);
	// The same blocks of another author, whose second one comes after the first one of `a`.
	b.send(0, Code.Post, a.location, [], `${OBJECT_LIST}${",</6/0>".repeat(200)}`);
	b.address = A_HOME;
	town.bench.receive(A_HOME, first);
	town.bench.run(10_000);
	const { links: known } = town.bench.service.core.registration("a")!;
	assert.not.ok(known.some(({ url }) => url === "/6/0"));
});

/** What anybody can write in the name of a device's address while a request of ours is under way there. */
const FORGED: readonly [string, (request: Uint8Array) => Uint8Array][] = [
	["Reset", (request) => Uint8Array.of(0x70, 0, request[2]!, request[3]!)],
	["4.01", (request) => answering(request, Code.Unauthorized)],
	["2.05", (request) => answering(request, Code.Content)],
	["separate 2.05", (request) => answering(request, Code.Content, 0x40)],
];

function answering(request: Uint8Array, code: number, type = 0x60): Uint8Array {
	const answer = request.slice(0, 4 + (request[0]! & 0x0f));
	answer[0] = type | (request[0]! & 0x0f);
	answer[1] = code;
	return answer;
}

for (const [name, forge] of FORGED) {
	test(`a forged ${name} answers no command`, () => {
		const town = new Town();
		const a = town.register("a", A_HOME);
		a.reachable = false;
		let request: Uint8Array | undefined;
		town.bench.service.listen((event) => {
			if (event.kind === "datagram" && !event.incoming) request = event.bytes.slice();
		});
		const handle = town.bench.service.core.command(0, "a", operations.execute("/3/0/4", ""), 30_000);
		town.bench.exchange();
		town.bench.receive(A_HOME, forge(request!));
		assert.is(town.bench.heard("finished").length, 0);
		a.reachable = true;
		town.bench.run(10_000);
		const [finished] = town.bench.heard("finished");
		assert.is(finished?.command, handle);
		assert.is(finished?.outcome.kind, "response");
		assert.equal(a.asked, ["POST /3/0/4"]);
	});
}

test("forged requests with the Message ID that a device is about to use do not stand for its own", () => {
	const town = new Town();
	const a = town.register("a", A_HOME);
	const next = town.held(a);
	const forged = message({ code: Code.Post, path: "/rd/x", messageId: next[2]! * 256 + next[3]! });
	const withToken = new Uint8Array(forged.length + (next[0]! & 0x0f));
	withToken.set(next.subarray(0, 4 + (next[0]! & 0x0f)));
	withToken[1] = Code.Post;
	withToken.set(forged.subarray(4 + (forged[0]! & 0x0f)), 4 + (next[0]! & 0x0f));
	// What it is told of them does not matter here.
	a.reachable = false;
	for (let i = 0; i < 20; i++) town.bench.receive(A_HOME, withToken);
	a.reachable = true;
	const before = a.answers.length;
	town.bench.receive(A_HOME, next);
	town.bench.run(10_000);
	assert.is(a.answers[before], Code.Changed);
});

test("a back end that cannot write its contexts down agrees on none", () => {
	const town = new Town();
	town.keyring.onSave = () => {
		throw new Error("the disk is full");
	};
	const device = town.register("a", A_HOME);
	town.bench.run(300_000);
	assert.equal(device.answers, []);
	assert.is(town.bench.service.core.registrations().length, 0);
});

test("a back end that can write no more uses the numbers that it has reserved, and none beyond", () => {
	const town = new Town();
	const a = town.register("a", A_HOME);
	assert.is(town.read("a"), "response");
	town.keyring.onSave = () => {
		throw new Error("the disk is full");
	};
	const outcomes = new Set<string>();
	for (let i = 0; i < 1100; i++) {
		const handle = town.bench.service.core.command(town.bench.now, "a", operations.read(TEMPERATURE, undefined), 5000);
		town.bench.exchange();
		outcomes.add(town.bench.heard("finished").find(({ command }) => command === handle)!.outcome.kind);
		town.bench.events.length = 0;
	}
	assert.equal([...outcomes], ["response", "refused"]);
	assert.is(a.asked.length, 1024);
});

test.run();
