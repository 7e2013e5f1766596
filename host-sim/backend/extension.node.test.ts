// What the back end says beyond LwM2M: keeper bytes, pings, and the word in its answers.

import { assert, suite } from "#suite";
import { Code } from "../../firmware/coap/codes.js";
import { REACH_UNDERSTOOD } from "../../firmware/coap/reach-option.js";
import { Bench, type BenchDevice } from "./bench.js";
import { hex } from "./hex.js";
import * as operations from "./operations.js";

const test = suite("backend/extension");

const HOME = "10.0.0.1:1";
const ELSEWHERE = "10.0.0.1:2";
const KEEPER = Uint8Array.of(0);
const PING = Uint8Array.of(0x40, 0, 0x12, 0x34);

/** A device that has registered, and has shown that it reads what it is sent. */
class Stage {
	readonly bench = new Bench();
	readonly device: BenchDevice;

	constructor(reach: Uint8Array | "unknown" = REACH_UNDERSTOOD, query: readonly string[] = []) {
		this.device = this.bench.addDevice(HOME);
		this.device.reach = reach === "unknown" ? undefined : reach;
		this.device.send(0, Code.Post, "/rd", ["ep=a", "lwm2m=1.2", "b=U", ...query]);
		this.bench.exchange();
		this.bench.prove("a");
	}

	/** The word in the answer to an Update from where the device is now. */
	update(): string {
		this.device.send(this.bench.now, Code.Post, this.device.location);
		this.bench.exchange();
		return this.device.words.at(-1)!;
	}

	/** Lets the device be silent so long, and asks it for something that it does not hear. */
	ask(ageMs: number, forMs: number): void {
		this.bench.run(ageMs);
		this.device.reachable = false;
		this.bench.service.core.command(this.bench.now, "a", operations.read("/3/0", undefined), 600_000);
		this.bench.exchange();
		this.bench.run(forMs);
		this.device.reachable = true;
	}

	/** What is said to whoever sends this from there. */
	provoke(address: string, bytes: Uint8Array): string[] {
		const before = this.bench.spoken.length;
		this.bench.receive(address, bytes);
		return this.bench.spoken.slice(before).map((said) => `${said.address} ${hex(said.bytes)}`);
	}
}

/* the offer */

test("a device that understands the option is told what this server offers, when it registers", () => {
	assert.equal(new Stage().device.words, ["03"]);
});

test("a device that does not say so is told nothing, ever", () => {
	const stage = new Stage("unknown");
	stage.ask(60_000, 100_000);
	stage.provoke(HOME, KEEPER);
	stage.device.address = ELSEWHERE;
	stage.update();
	assert.equal(stage.device.words, ["", ""]);
});

test("an Update with nothing to say has no option", () => assert.is(new Stage().update(), ""));

test("that a device understands it outlives a restart", () => {
	const stage = new Stage();
	stage.bench.restart();
	stage.device.address = ELSEWHERE;
	assert.is(stage.update(), "04");
});

/* keeper bytes */

test("a keeper byte from where a device is registered is not answered", () => {
	assert.equal(new Stage().provoke(HOME, KEEPER), []);
});

test("a keeper byte from anywhere else is answered by as much", () => {
	assert.equal(new Stage().provoke(ELSEWHERE, KEEPER), [`${ELSEWHERE} 01`]);
});

test("a question of one byte is answered by one byte, whether a device is registered there or not", () => {
	const stage = new Stage();
	assert.equal(stage.provoke(HOME, Uint8Array.of(0x25)), [`${HOME} 35`]);
	assert.equal(stage.provoke(ELSEWHERE, Uint8Array.of(0x25)), [`${ELSEWHERE} 01`]);
	assert.is(stage.update(), "200001", "it was heard as a keeper byte");
});

test("other bytes that are no CoAP are nobody's keeper byte", () => {
	const stage = new Stage();
	for (const bytes of [[], [1], [0x1f], [0x30], [0x3f], [0x20, 0x20], [0, 0], [0xff]])
		assert.equal(stage.provoke(ELSEWHERE, Uint8Array.from(bytes)), [], `${bytes}`);
});

test("the keeper bytes that came are told with the next Update, once", () => {
	const stage = new Stage();
	for (let i = 0; i < 3; i++) stage.provoke(HOME, KEEPER);
	stage.provoke(ELSEWHERE, KEEPER);
	assert.is(stage.update(), "200003");
	assert.is(stage.update(), "");
});

test("keeper bytes are not told where not all of them were counted, as after a restart", () => {
	const stage = new Stage();
	stage.provoke(HOME, KEEPER);
	stage.bench.restart();
	stage.provoke(HOME, KEEPER);
	assert.is(stage.update(), "");
	stage.provoke(HOME, KEEPER);
	assert.is(stage.update(), "200001");
});

test("a keeper byte does not wake a device in Queue Mode", () => {
	const stage = new Stage(REACH_UNDERSTOOD, ["Q"]);
	stage.bench.run(100_000);
	assert.ok(stage.bench.service.core.isAsleep("a"));
	stage.provoke(HOME, KEEPER);
	assert.ok(stage.bench.service.core.isAsleep("a"));
});

test("two servers that hear each other's answers fall silent", () => {
	const left = new Bench(1);
	const right = new Bench(2);
	for (const bytes of [KEEPER, Uint8Array.of(0x25), PING, Uint8Array.of(0x25)]) left.receive("right:1", bytes);
	for (const { bytes } of left.spoken) right.receive("left:1", bytes);
	assert.is(left.spoken.length, 4);
	assert.equal(right.spoken, []);
});

/* pings */

test("a ping from where a device is registered gets its Reset (RFC 7252, 4.3)", () => {
	assert.equal(new Stage().provoke(HOME, PING), [`${HOME} 70001234`]);
});

test("a ping from anywhere else gets an Empty ACK", () => {
	assert.equal(new Stage().provoke(ELSEWHERE, PING), [`${ELSEWHERE} 60001234`]);
});

test("where a device was before it moved, nobody is registered", () => {
	const stage = new Stage();
	stage.device.address = ELSEWHERE;
	stage.update();
	assert.equal(stage.provoke(HOME, KEEPER), [`${HOME} 01`]);
	assert.equal(stage.provoke(HOME, PING), [`${HOME} 60001234`]);
	assert.equal(stage.provoke(ELSEWHERE, PING), [`${ELSEWHERE} 70001234`]);
});

test("a server that lost its registrations answers as if it had never had any", () => {
	const bench = new Bench();
	bench.receive(HOME, KEEPER);
	assert.equal(
		bench.spoken.map(({ bytes }) => hex(bytes)),
		["01"],
	);
});

test("nothing is kept of those whom it answers: they take no device's place", () => {
	const stage = new Stage();
	for (let i = 0; i < 2000; i++) {
		stage.bench.run(1);
		stage.provoke(`10.${i >> 8}.${i & 0xff}.9:${i}`, i % 2 === 0 ? KEEPER : PING);
	}
	assert.is(stage.bench.service.core.registrations().length, 1);
	assert.equal(stage.provoke(HOME, PING), [`${HOME} 70001234`]);
});

test("of too many strangers some stay without an answer, and are counted", () => {
	const stage = new Stage();
	const { bench } = stage;
	let answers = 0;
	for (let i = 0; i < 1000; i++) answers += stage.provoke(`10.0.0.9:${i}`, KEEPER).length;
	assert.is(answers, 200, "two seconds of one host");
	assert.is(bench.service.core.reachCounters?.strangersAnswered, 200);
	assert.is(bench.service.core.reachCounters?.limited, 800);
	bench.run(1000);
	for (let i = 0; i < 1000; i++) answers += stage.provoke(`10.0.0.9:${i}`, KEEPER).length;
	assert.is(answers, 300, "another second's");
	assert.is(stage.provoke("10.0.0.10:1", KEEPER).length, 1, "another host has its own share");
});

/* moves */

test("an Update from another address is told that it moved, and the next one from there is not", () => {
	const stage = new Stage();
	stage.device.address = ELSEWHERE;
	assert.is(stage.update(), "04");
	assert.is(stage.update(), "");
});

test("so is a Register in place of an older one", () => {
	const stage = new Stage();
	stage.device.address = ELSEWHERE;
	stage.device.send(0, Code.Post, "/rd", ["ep=a", "lwm2m=1.2", "b=U"]);
	stage.bench.exchange();
	assert.is(stage.device.words.at(-1), "07");
});

/* what was lost */

test("what went unanswered is told with its age and its copies, once", () => {
	const stage = new Stage();
	stage.ask(65_500, 100_000);
	// 65 s after the Register; CON and four repetitions.
	assert.is(stage.update(), "10004105");
	assert.is(stage.update(), "");
});

test("it is told with the move, if the device speaks from elsewhere", () => {
	const stage = new Stage();
	stage.ask(300_000, 100_000);
	stage.device.address = ELSEWHERE;
	assert.is(stage.update(), "14012c05");
});

test("a copy that was lost before another one was answered is not told", () => {
	const stage = new Stage();
	stage.ask(65_000, 8000);
	stage.bench.run(60_000);
	assert.equal(stage.device.asked, ["GET /3/0"]);
	assert.is(stage.update(), "");
});

test("a single copy is not told", () => {
	const stage = new Stage();
	stage.ask(65_000, 1500);
	assert.is(stage.update(), "");
});

test("a copy that may yet be answered does not count", () => {
	const stage = new Stage();
	stage.bench.run(65_000);
	stage.device.reachable = false;
	stage.bench.service.core.command(stage.bench.now, "a", operations.read("/3/0", undefined), 600_000);
	stage.bench.exchange();
	const sentAt = stage.bench.now;
	stage.bench.run(3000);
	assert.is(stage.bench.said.filter(({ address }) => address === HOME).length > 1, true);
	stage.device.reachable = true;
	assert.is(stage.update(), "", `two copies, the second less than 2 s before ${stage.bench.now - sentAt} ms`);
});

test("an age counts from the last keeper byte, as from any other datagram", () => {
	const stage = new Stage();
	stage.bench.run(60_000);
	stage.provoke(HOME, KEEPER);
	stage.ask(30_000, 100_000);
	assert.is(stage.update(), "30001e050001");
});

test("a keeper byte ends the silence, but what it found lost is told later", () => {
	const stage = new Stage();
	stage.ask(65_000, 100_000);
	stage.provoke(HOME, KEEPER);
	stage.bench.run(10_000);
	assert.is(stage.update(), "300041050001");
});

test("of several silences the one with the most copies is told, of equals the youngest", () => {
	const stage = new Stage();
	for (const [ageMs, forMs] of [
		[300_000, 100_000],
		[65_000, 100_000],
		[120_000, 100_000],
		[10_000, 6000],
	] as const) {
		stage.ask(ageMs, forMs);
		stage.provoke(HOME, KEEPER);
	}
	assert.match(stage.update(), /^30004105/);
});

test("a server without the extension says nothing of it", () => {
	const bench = new Bench(1, undefined, { reach: false });
	const device = bench.addDevice(HOME);
	device.reach = REACH_UNDERSTOOD;
	device.send(0, Code.Post, "/rd", ["ep=a", "lwm2m=1.2", "b=U"]);
	bench.exchange();
	assert.equal(device.words, [""]);
	bench.receive(ELSEWHERE, KEEPER);
	bench.receive(ELSEWHERE, PING);
	assert.equal(
		bench.spoken.slice(1).map(({ bytes }) => hex(bytes)),
		["70001234"],
	);
	device.send(0, Code.Post, "/np", [], "12345678");
	bench.exchange();
	assert.is(device.answers.at(-1), Code.NotFound);
});

test.run();
