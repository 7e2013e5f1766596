import { assert, suite } from "#suite";
import { encodeText } from "../../firmware/bytes.js";
import { Code } from "../../firmware/coap/codes.js";
import * as operations from "../backend/operations.js";
import { Board } from "./board.js";
import { Chance } from "./chance.js";
import { Counters } from "./counters.js";
import { SimulatedDevice } from "./device.js";
import { Digest } from "./digest.js";
import { Disk } from "./disk.js";
import { Internet, SERVER_PEER } from "./internet.js";
import { Ledger } from "./ledger.js";
import { Link } from "./link.js";
import { isLongText, longText, paths } from "./machine.js";
import { EventQueue } from "./queue.js";
import { CALM } from "./storm.js";
import { Violation } from "./violation.js";
import { WireMonitor } from "./wire-monitor.js";

const test = suite("world/watchers");

function violates(what: RegExp, body: () => void): void {
	assert.throws(body, (error: unknown) => error instanceof Violation && what.test(error.message));
}

/** A CON GET with a token of two bytes; with `observe` it registers. */
function get(messageId: number, token: number, observe = false): Uint8Array {
	const header = [0x42, Code.Get, messageId >> 8, messageId & 0xff, token >> 8, token & 0xff];
	return new Uint8Array(observe ? [...header, 0x60] : header);
}

const WIRE_FAULTS: [title: string, what: RegExp, sent: [at: number, bytes: Uint8Array][]][] = [
	["a message too long", /1153 bytes/, [[0, new Uint8Array(1153).fill(0x40)]]],
	["a malformed message", /malformed/, [[0, new Uint8Array([0x4f, 1, 0, 0])]]],
	[
		"a token used twice",
		/token 0007 twice/,
		[
			[0, get(1, 7)],
			[1_000, get(2, 7)],
		],
	],
	["a CON repeated five times", /more than 4 times/, [0, 1, 2, 3, 4, 5].map((at) => [at * 1_000, get(1, 7)])],
	[
		"a storm of messages",
		/more than \d+ datagrams/,
		Array.from({ length: 200 }, (_, i): [number, Uint8Array] => [i, get(i, i)]),
	],
];
for (const [title, what, sent] of WIRE_FAULTS) {
	test(`the wire monitor sees ${title}`, () => {
		const monitor = new WireMonitor(new Counters(), false);
		violates(what, () => {
			for (const [at, bytes] of sent) monitor.handleSent(at, "a device", true, bytes);
		});
	});
}

test("the wire monitor lets an observation be asked for again with its token", () => {
	const monitor = new WireMonitor(new Counters(), false);
	monitor.handleSent(0, "a server", false, get(1, 7, true));
	monitor.handleSent(1_000, "a server", false, get(2, 7, true));
	monitor.handleSent(300_000, "a server", false, get(3, 7));
});

/** What the back end says to a device that registers anew from where it is, after the first message. */
function saidOverRegister(...later: readonly [at: number, isHeard: boolean][]): () => void {
	const peer = "198.18.0.3:62130";
	const monitor = new WireMonitor(new Counters(), false);
	let now = 0;
	const internet = new Internet({
		queue: new EventQueue(),
		now: () => now,
		serverPeer: SERVER_PEER,
		counters: new Counters(),
		digest: new Digest(),
		monitor,
		capture: undefined,
		noisy: false,
		arrive() {},
	});
	return () => {
		internet.sendDown(peer, get(1, 7));
		internet.handleMoved(peer, peer);
		for (const [at, isHeard] of later) {
			now = at;
			if (isHeard) monitor.handleArrived(at, `back end 0, ${peer}, 0`, get(9, 9));
			internet.sendDown(peer, get(1, 7));
		}
	};
}

test("the wire monitor knows a repetition over a Register: with the device heard it may come at once", () => {
	assert.not.throws(saidOverRegister([3_000, false], [4_790, true]));
});

test("the wire monitor sees a CON repeated too soon over a Register", () => {
	violates(/repeats a CON after 1000 ms/, saidOverRegister([1_000, false]));
});

function device(queue: EventQueue, name = "device-1"): SimulatedDevice {
	const surroundings = { queue, now: () => 0, send() {}, socketsWork: () => true, resolve() {} };
	const listener = {
		handleAgentEvent() {},
		handleCarriedOut() {},
		handleWrapped() {},
		handleKeptChanging() {},
		handleStarted() {},
		handlePowerLost() {},
		handleRestart() {},
	};
	const settings = {
		endpointName: name,
		address: "10.0.0.1",
		serverUri: "coap://203.0.113.1",
		keepaliveMs: 20_000,
		lifetimeSeconds: 300,
		confirmableNotifications: false,
		disableTimeoutSeconds: 60,
		oscore: undefined,
		primitives: undefined,
		wrapWithinMs: 1000,
	};
	return new SimulatedDevice(settings, surroundings, listener, new Chance(1));
}

function ledgerWith(operation: operations.Operation, mark: string | undefined, mustSucceed = false) {
	const ledger = new Ledger(new Counters(), true);
	const one = device(new EventQueue());
	const times = { issuedAt: 0, deadlineAt: 1000, resentCount: 0, carriedOutIn: [] };
	ledger.begin(1, { device: one, operation, mark, finished: undefined, mustSucceed, ...times });
	return { ledger, one };
}

const answered = (code: number, text: string) => ({
	kind: "response" as const,
	code,
	contentFormat: 0,
	payload: encodeText(text),
	location: "",
	roundTripMs: 1,
});

test("the ledger sees an Execute that is carried out twice", () => {
	const { ledger, one } = ledgerWith(operations.execute(paths.marked, "m1"), "m1");
	ledger.handleCarriedOut(one, "m1", false);
	violates(/carries out "m1" 2 times/, () => ledger.handleCarriedOut(one, "m1", false));
});

test("the ledger sees it, too, where the back end sent it again; a device that began anew is another matter", () => {
	const operation = operations.execute(paths.marked, "m1");
	const { ledger, one } = ledgerWith(operation, "m1");
	ledger.handleResent(operation);
	ledger.handleCarriedOut(one, "m1", false);
	violates(/2 times/, () => ledger.handleCarriedOut(one, "m1", false));
});

test("the ledger sees a Write that is answered but not carried out", () => {
	const { ledger } = ledgerWith(operations.write(paths.markable, true, 0, encodeText("m1")), "m1");
	violates(/was not carried out/, () => ledger.handleFinished(10, 1, answered(Code.Changed, "")));
});

test("the ledger sees an answer of another device", () => {
	const { ledger } = ledgerWith(operations.read(paths.serialNumber, 0), undefined);
	violates(/is answered by device-2/, () => ledger.handleFinished(10, 1, answered(Code.Content, "device-2")));
});

test("the ledger sees a command that is carried out by another device", () => {
	const { ledger } = ledgerWith(operations.execute(paths.marked, "m1"), "m1");
	const other = device(new EventQueue(), "device-2");
	violates(/which device-1 was asked for/, () => ledger.handleCarriedOut(other, "m1", false));
});

test("the ledger sees blocks of two texts joined", () => {
	const { ledger } = ledgerWith(operations.read(paths.long, 0), undefined);
	const text = longText(1).slice(0, 1024) + longText(2).slice(1024);
	violates(/blocks of two texts/, () => ledger.handleFinished(10, 1, answered(Code.Content, text)));
	assert.ok(isLongText(longText(12)));
});

test("the ledger sees a command that fails though all is well", () => {
	const { ledger } = ledgerWith(operations.read(paths.serialNumber, 0), undefined, true);
	violates(/though all is well/, () => ledger.handleFinished(10, 1, { kind: "no-answer" }));
});

test("the ledger sees a command that outlives its deadline", () => {
	const { ledger } = ledgerWith(operations.read(paths.serialNumber, 0), undefined);
	violates(/after its deadline/, () => ledger.handleFinished(2000, 1, { kind: "no-answer" }));
});

test("a board sees a busy loop", () => {
	const queue = new EventQueue();
	const surroundings = { queue, now: () => 5, send() {}, socketsWork: () => true, resolve() {} };
	const { timer } = new Board(surroundings, 0, new Chance(1)).provider;
	const again = () => void timer.set(again, 0);
	violates(/busy loop/, () => {
		again();
		for (let next = queue.take(5); next !== undefined; next = queue.take(5)) next.run!();
	});
});

test("a board without power hears of no name any more", () => {
	const answers: ((address: string | undefined) => void)[] = [];
	const resolve = (_host: string, tell: (address: string | undefined) => void) => void answers.push(tell);
	const surroundings = { queue: new EventQueue(), now: () => 0, send() {}, socketsWork: () => true, resolve };
	const board = new Board(surroundings, 0, new Chance(1));
	const { dns } = board.provider;
	const heard: string[] = [];
	const onResolved = (_host: string, address: string) => void heard.push(address);
	for (let i = 0; i < 2; i++) new dns.io(dns).resolve({ host: "a", onResolved, onError() {} });
	answers[0]!("192.0.2.1");
	board.off();
	answers[1]!("192.0.2.2");
	assert.equal(heard, ["192.0.2.1"]);
});

test("a board's 32-bit tick counter wraps", () => {
	let now = 0;
	const surroundings = { queue: new EventQueue(), now: () => now, send() {}, socketsWork: () => true, resolve() {} };
	const { time } = new Board(surroundings, 2 ** 31 - 1, new Chance(1)).provider;
	assert.is(time.ticks, 2 ** 31 - 1);
	now = 1;
	assert.is(time.ticks, -(2 ** 31));
});

test("the queue gives what was planned in order of time, then of planning, and passes over what was called off", () => {
	const queue = new EventQueue();
	const seen: number[] = [];
	const plan = (at: number, number: number) => queue.add(at, () => void seen.push(number));
	const chance = new Chance(3);
	const expected = Array.from({ length: 300 }, (_, number) => ({ at: chance.whole([0, 50]), number }));
	const occasions = expected.map(({ at, number }) => plan(at, number));
	for (let i = 0; i < 300; i += 7) occasions[i]!.run = undefined;
	for (let next = queue.take(100); next !== undefined; next = queue.take(100)) next.run!();
	expected.sort((left, right) => left.at - right.at || left.number - right.number);
	assert.equal(
		seen,
		expected.map(({ number }) => number).filter((number) => number % 7 !== 0),
	);
});

test("a disk that fails keeps what it holds", () => {
	const disk = new Disk<number[]>();
	disk.failAfter(1);
	disk.write([1]);
	assert.throws(() => disk.write([2]), /no space/);
	assert.equal(disk.read(), [1]);
	disk.heal();
	disk.write([3]);
	assert.equal(disk.read(), [3]);
});

test("a link drops what exceeds its MTU, and all while it is cut", () => {
	const link = new Link({ ...CALM, mtu: 128 }, new Chance(1));
	let count = 0;
	const send = (length: number) => link.send(new Uint8Array(length), false, () => count++);
	assert.is(send(100), "delivered");
	assert.is(send(101), "too-large");
	link.cut = true;
	assert.is(send(1), "cut");
	assert.is(count, 1);
});

test.run();
