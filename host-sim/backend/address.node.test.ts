// What goes to an address that nobody has proved to be at: at most three times what came from there (RFC 9175, 2.4).

import { assert, suite } from "#suite";
import { encodeText } from "../../firmware/bytes.js";
import { Code } from "../../firmware/coap/codes.js";
import { ContentFormat } from "../../firmware/coap/options.js";
import { nodePrimitives } from "../crypto/node-primitives.js";
import { Bench, type BenchDevice } from "./bench.js";
import { Keyring } from "./keyring.js";
import * as operations from "./operations.js";

const test = suite("backend/address");

const HOME = "10.0.0.1:1";
const VICTIM = "203.0.113.9:5683";
const NAT_MOVED = "10.0.0.1:2";
const LARGE = encodeText("x".repeat(1000));
const A_MINUTE = 60_000;

/** A registered device, and what it says at a given address. */
interface Scene {
	readonly bench: Bench;
	readonly device: BenchDevice;
}

function scene(secure: boolean): Scene {
	const keyring = new Keyring(nodePrimitives, ["a"]);
	const bench = new Bench(1, secure ? () => keyring.security() : undefined);
	const device = bench.register("a", HOME, 86_400, secure ? keyring.device("a") : undefined);
	bench.prove("a");
	return { bench, device };
}

function give(bench: Bench, operation: operations.Operation, timeoutMs = 10 * A_MINUTE): void {
	bench.service.core.command(bench.now, "a", operation, timeoutMs);
	bench.exchange();
}

function largeWrite(): operations.Operation {
	return operations.write("/3303/0/5750", true, ContentFormat.Text, LARGE);
}

function bytesTo(bench: Bench, address: string): number {
	return bench.said.filter((one) => one.address === address).reduce((sum, { length }) => sum + length, 0);
}

/** The Update that a device is about to send, taken from the way. */
function heldUpdate({ bench, device }: Scene): Uint8Array {
	device.send(bench.now, Code.Post, device.location);
	return bench.hold(device);
}

for (const secure of [false, true]) {
	const name = secure ? "with keys" : "without keys";

	test(`${name}: ten large commands do not follow an Update from a forged address`, () => {
		const its = scene(secure);
		const { bench, device } = its;
		device.reachable = false;
		for (let i = 0; i < 10; i++) give(bench, largeWrite());
		bench.run(A_MINUTE);
		const update = heldUpdate(its);
		bench.receive(VICTIM, update);
		bench.run(5 * A_MINUTE);
		const sent = bytesTo(bench, VICTIM);
		assert.ok(sent > update.length / 2 && sent <= 3 * update.length, `${sent} bytes for ${update.length}`);
	});

	test(`${name}: a notification proves no address, as it answers nothing that was sent there`, () => {
		const its = scene(secure);
		const { bench, device } = its;
		give(bench, operations.observe("/3303/0/5700", undefined));
		device.notify(bench.now, "/3303/0/5700", "20");
		const notification = bench.hold(device);
		const update = heldUpdate(its);
		device.reachable = false;
		for (let i = 0; i < 10; i++) give(bench, largeWrite());
		bench.run(A_MINUTE);
		bench.receive(VICTIM, update);
		bench.receive(VICTIM, notification);
		bench.run(5 * A_MINUTE);
		const received = update.length + notification.length;
		const sent = bytesTo(bench, VICTIM);
		assert.ok(sent > 0 && sent <= 3 * received, `${sent} bytes for ${received}`);
	});

	test(`${name}: a device that has moved gets them, once it has answered a ping`, () => {
		const its = scene(secure);
		const { bench, device } = its;
		device.reachable = false;
		for (let i = 0; i < 10; i++) give(bench, largeWrite());
		bench.run(A_MINUTE);
		device.reachable = true;
		device.address = NAT_MOVED;
		const before = device.asked.length;
		device.send(bench.now, Code.Post, device.location);
		const pings = bench.said.length;
		bench.exchange();
		assert.is(device.asked.length - before, 10);
		assert.ok(bench.said.slice(pings).some(({ address, length }) => address === NAT_MOVED && length === 4));
	});

	test(`${name}: a small command that waits for a device that has moved goes at once`, () => {
		const its = scene(secure);
		const { bench, device } = its;
		device.reachable = false;
		give(bench, operations.read("/3303/0/5700", undefined));
		bench.run(A_MINUTE);
		device.reachable = true;
		device.address = NAT_MOVED;
		const before = device.asked.length;
		device.send(bench.now, Code.Post, device.location);
		bench.exchange();
		assert.is(device.asked.length - before, 1);
		const there = bench.said.filter(({ address }) => address === NAT_MOVED);
		// The answer to the Update, and the command.
		assert.is(there.length, 2);
	});

	test(`${name}: a small command that is lost at a new address is sent again`, () => {
		const its = scene(secure);
		const { bench, device } = its;
		device.address = NAT_MOVED;
		device.send(bench.now, Code.Post, device.location);
		bench.exchange();
		device.reachable = false;
		give(bench, operations.read("/3303/0/5700", undefined));
		device.reachable = true;
		const before = device.asked.length;
		bench.run(A_MINUTE);
		assert.is(device.asked.length - before, 1);
	});

	test(`${name}: an address at which nobody answers is asked no more until something comes from there`, () => {
		const its = scene(secure);
		const { bench, device } = its;
		device.address = NAT_MOVED;
		device.send(bench.now, Code.Post, device.location);
		bench.exchange();
		device.reachable = false;
		give(bench, largeWrite(), 60 * A_MINUTE);
		bench.run(5 * A_MINUTE);
		const sent = bench.said.length;
		bench.run(5 * A_MINUTE);
		assert.is(bench.said.length, sent);
		device.reachable = true;
		const before = device.asked.length;
		device.send(bench.now, Code.Post, device.location);
		bench.exchange();
		assert.is(device.asked.length - before, 1);
	});

	test(`${name}: a restart takes nothing away from an address that is known`, () => {
		const its = scene(secure);
		const { bench, device } = its;
		bench.restart();
		const before = device.asked.length;
		give(bench, largeWrite());
		assert.is(device.asked.length - before, 1);
	});
}

test("a forged Register of an unknown name draws no more than three times its bytes", () => {
	const bench = new Bench();
	const device = bench.addDevice(HOME);
	device.send(0, Code.Post, "/rd", ["ep=b"]);
	const register = bench.hold(device);
	bench.receive(VICTIM, register);
	for (let i = 0; i < 10; i++) bench.service.core.command(bench.now, "b", largeWrite(), A_MINUTE);
	bench.run(A_MINUTE);
	const sent = bytesTo(bench, VICTIM);
	assert.ok(sent <= 3 * register.length, `${sent} bytes for ${register.length}`);
});

test("one device's proof does not serve another one that pretends to be there", () => {
	const keyring = new Keyring(nodePrimitives, ["a", "b"]);
	const bench = new Bench(1, () => keyring.security());
	const victim = bench.register("a", HOME, 86_400, keyring.device("a"));
	bench.prove("a");
	// It would answer a ping, as each CoAP endpoint does, and so say that it is there.
	victim.reachable = false;
	const enemy = bench.register("b", VICTIM, 86_400, keyring.device("b"));
	for (let i = 0; i < 10; i++) bench.service.core.command(bench.now, "b", largeWrite(), 10 * A_MINUTE);
	enemy.reachable = false;
	bench.run(A_MINUTE);
	enemy.send(bench.now, Code.Post, enemy.location);
	const update = bench.hold(enemy);
	const before = bytesTo(bench, HOME);
	bench.receive(HOME, update);
	bench.run(A_MINUTE);
	const sent = bytesTo(bench, HOME) - before;
	assert.ok(sent <= 3 * update.length, `${sent} bytes for ${update.length}`);
});

test.run();
