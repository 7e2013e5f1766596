// The extension Reach where devices have keys: what is said of a registration is said by its keys, and to nobody else.

import { assert, suite } from "#suite";
import { Code } from "../../firmware/coap/codes.js";
import { REACH_UNDERSTOOD } from "../../firmware/coap/reach-option.js";
import { isProtected } from "../../firmware/security/oscore/envelope.js";
import type { BenchDevice } from "./bench.js";
import { hex } from "./hex.js";
import * as operations from "./operations.js";
import { TEMPERATURE, Town } from "./oscore-bench.js";

const test = suite("backend/extension: with keys");

const HOME = "10.0.0.1:1";
const ELSEWHERE = "10.0.0.1:2";
const FRESH = "10.0.0.1:3";
/** A plain CON POST /np with Message ID 1234 and token 77, up to its payload. */
const POST = "4102123477b26e70ff";

/** A registered device that understands the option. */
function stage(): { readonly town: Town; readonly device: BenchDevice } {
	const town = new Town();
	const device = town.register("a", HOME);
	device.reach = REACH_UNDERSTOOD;
	device.send(0, Code.Post, "/rd", ["lwm2m=1.2", "b=U"]);
	town.bench.exchange();
	return { town, device };
}

function provoke({ bench }: Town, from: string, bytes: Uint8Array): string[] {
	const before = bench.spoken.length;
	bench.receive(from, bytes);
	return bench.spoken.slice(before).map((said) => `${said.address} ${hex(said.bytes)}`);
}

test("the word is inside: nobody on the way reads or writes it", () => {
	const { town, device } = stage();
	assert.is(device.words.at(-1), "03");
	assert.ok(isProtected(town.bench.spoken.at(-1)!.bytes));
	device.address = ELSEWHERE;
	town.update(device);
	assert.is(device.words.at(-1), "04");
	const answer = town.bench.spoken.at(-1)!.bytes;
	assert.ok(isProtected(answer));
	assert.not(hex(answer).includes("e4fcef"), "no trace of the option outside");
});

test("what was lost is told with the next Update", () => {
	const { town, device } = stage();
	town.read("a");
	town.bench.run(65_000);
	device.reachable = false;
	town.bench.service.core.command(town.bench.now, "a", operations.read(TEMPERATURE, undefined), 600_000);
	town.bench.exchange();
	town.bench.run(100_000);
	device.reachable = true;
	town.update(device);
	assert.match(device.words.at(-1)!, /^10004[5-9a-f]05$/);
});

test("keeper bytes and pings are answered as without keys: only a device's address is known", () => {
	const { town } = stage();
	assert.equal(provoke(town, HOME, Uint8Array.of(0)), []);
	assert.equal(provoke(town, HOME, Uint8Array.of(0x21)), [`${HOME} 31`]);
	assert.equal(provoke(town, HOME, Uint8Array.of(0x40, 0, 1, 2)), [`${HOME} 70000102`]);
	assert.equal(provoke(town, ELSEWHERE, Uint8Array.of(0)), [`${ELSEWHERE} 01`]);
	assert.equal(provoke(town, ELSEWHERE, Uint8Array.of(0x40, 0, 1, 2)), [`${ELSEWHERE} 60000102`]);
});

test("a ticket comes under the keys, and the fresh sockets need none", () => {
	const { town, device } = stage();
	assert.is(town.say(device, Code.Post, "/np", "12345678"), Code.Changed);
	const ticket = device.payloads.at(-1)!;
	assert.ok(isProtected(town.bench.spoken.at(-1)!.bytes));
	const [answer = ""] = provoke(town, FRESH, Buffer.from(POST + ticket, "hex"));
	const nonce = answer.slice(-8);
	const request = `4102123577b26e70ff${ticket}${nonce}003c`;
	assert.equal(provoke(town, FRESH, Buffer.from(request, "hex")), [`${FRESH} 60001235`]);
	town.bench.run(60_000);
	assert.match(`${town.bench.spoken.at(-1)!.address} ${hex(town.bench.spoken.at(-1)!.bytes)}`, /^10.0.0.1:3 5144/);
	assert.is(town.addressOf("a"), HOME, "the measurement moved nobody");
	assert.is(town.read("a"), "response");
});

test("whoever speaks from the device's address without its keys gets no ticket", () => {
	const { town } = stage();
	const [answer = ""] = provoke(town, HOME, Buffer.from(`${POST}3132333435363738`, "hex"));
	assert.match(answer, /^10.0.0.1:1 6181123477/);
	assert.is(town.bench.service.core.reachCounters?.tickets, 0);
});

test("a device that asks from another address gets its ticket by its keys", () => {
	const { town, device } = stage();
	device.address = ELSEWHERE;
	assert.is(town.say(device, Code.Post, "/np", "12345678"), Code.Changed);
});

test("keys that were taken away leave no ticket behind", () => {
	const { town, device } = stage();
	town.say(device, Code.Post, "/np", "12345678");
	const ticket = device.payloads.at(-1)!;
	device.send(town.bench.now, Code.Delete, device.location);
	town.bench.exchange();
	assert.equal(provoke(town, FRESH, Buffer.from(POST + ticket, "hex")), [`${FRESH} 6181123477`]);
});

test.run();
