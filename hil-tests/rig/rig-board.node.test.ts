// The rig's board over a scripted one: banners, events, faults and power, without any hardware.

import { assert, suite } from "#suite";
import { ConsoleFailure } from "../../host-sim/console/failure.js";
import { milliseconds, RigBoard } from "./rig-board.js";
import { type Script, ScriptedMachine } from "./scripted-machine.js";
import { Transcript } from "./transcript.js";

type Say = (line: string) => void;

const boot = (reset: string) =>
	`{"boot":{"board":"scripted","version":"0.1.0","commit":"1a2b3c4","build":"test","reset":"${reset}"}}`;

/** A board that restarts when told, and otherwise answers with what it was asked. */
const SCRIPT: Script = {
	start: (say) => say(boot("power-on")),
	request(verb, request, say) {
		if (verb === "refuse") return "it may not";
		if (verb === "provision") return {};
		if (verb === "restart") setImmediate(() => say(boot("restart")));
		return request;
	},
};

interface Rig {
	readonly board: RigBoard;
	readonly machine: ScriptedMachine;
	readonly say: Say;
}

async function open(script: Script = SCRIPT): Promise<Rig> {
	const machine = new ScriptedMachine(script);
	const board = new RigBoard(machine, new Transcript(undefined));
	await board.power.on();
	return { board, machine, say: machine.say };
}

async function reasonOf(work: Promise<unknown>): Promise<string> {
	return work.then(
		() => "",
		(error: Error) => error.message,
	);
}

const test = suite("rig/rig-board");

test("a start gives the banner", async () => {
	const { board } = await open();
	assert.is(board.banner.reset, "power-on");
	assert.is(board.banner.commit, "1a2b3c4");
});

test("a start without a banner is an error in the end", async () => {
	const reason = await reasonOf(open({ ...SCRIPT, start: (say) => say("ets Jul 29 2019 12:21:46") }));
	assert.is(reason, "scripted did not give a banner within 500 ms");
});

test("a board whose test is over gets no power, and the one that was just being given is taken", async () => {
	let closeCount = 0;
	class Counted extends ScriptedMachine {
		override async close(): Promise<void> {
			closeCount++;
			await super.close();
		}
	}
	const board = new RigBoard(new Counted(SCRIPT), new Transcript(undefined));
	const starting = reasonOf(board.power.on());
	await board.close();
	assert.is(await starting, "the test of scripted is over");
	assert.is(closeCount, 2);
	assert.is(await reasonOf(board.power.on()), "the test of scripted is over");
});

test("a request is answered, a long one in pieces", async () => {
	const { board } = await open();
	const long = "x".repeat(500);
	assert.is((await board.console.request("status", { text: long })).text, long);
});

test("a refusal is the board's own sentence", async () => {
	const { board } = await open();
	const error = await board.console.request("refuse").catch((reason: unknown) => reason);
	assert.ok(error instanceof ConsoleFailure && error.kind === "refused", String(error));
	assert.match((error as Error).message, /it may not/);
});

test("an event that was there before the wait is found, in order", async () => {
	const { board, say } = await open();
	say("I 1.000 agent waiting 1");
	say("I 2.500 agent registered 1 coap://127.0.0.1:5683");
	say("I 3.000 agent waiting 1");
	assert.equal(await board.event("registered", { within: 10 }), {
		kind: "registered",
		shortServerId: 1,
		detail: "coap://127.0.0.1:5683",
		deviceMs: 2500,
	});
	assert.is((await board.event("waiting", { within: 10 })).deviceMs, 3000);
	assert.match(
		await reasonOf(board.event("registered", { within: 10 })),
		/did not give the event "registered" within 10 ms/,
	);
});

test("the password of a network is in no record", async () => {
	const network = { ssid: "bench", password: "open sesame" };
	const transcript = new Transcript(undefined);
	const board = new RigBoard(new ScriptedMachine(SCRIPT, ["power"], network), transcript);
	await board.power.on();
	await board.console.request("provision", { settings: { endpointName: "x".repeat(90), network } });
	assert.match(transcript.tail(), /> \d+ bytes of a provisioning with a password/);
	assert.not.match(transcript.tail(), /"password"/);
	await board.console.request("status");
	assert.match(transcript.tail(), /> \n?#\d+ \{"verb":"status"\}/);
});

test("a crash fails every wait at once, and all that follows", async () => {
	const { board, say } = await open();
	const waits = [
		board.event("registered", { within: 60_000 }),
		board.whenFaulty(),
		board.console.line(/x/, { within: 60_000 }),
	];
	const reasons = Promise.all(waits.map(reasonOf));
	say("XS abort: memory full");
	for (const reason of await reasons) assert.is(reason, "the engine aborted: XS abort: memory full");
	assert.match(await reasonOf(board.console.request("status")), /memory full/);
});

test("a start that nobody asked for is a fault", async () => {
	const { board, say } = await open();
	say(boot("watchdog"));
	assert.match(await reasonOf(board.whenFaulty()), /started by itself: reset watchdog/);
});

test("a start that was asked for is none", async () => {
	const { board } = await open();
	const banner = await board.restarts(() => board.console.request("restart"));
	assert.is(banner.reset, "restart");
	assert.is(board.banner.reset, "restart");
	assert.is(board.fault, undefined);
});

test("a crash that was asked for is none, and its end is the banner", async () => {
	const { board, say } = await open();
	const crash = async () => {
		say("XS abort: stack overflow");
		say(boot("watchdog"));
	};
	assert.is((await board.restarts(crash, { crash: true })).reset, "watchdog");
	assert.is(board.fault, undefined);
});

test("a cut ends every wait, and what was said before is not taken for the next run", async () => {
	const { board, say } = await open();
	const wait = reasonOf(board.event("registered", { within: 60_000 }));
	say("I 9.000 agent deregistered 1");
	await board.power.cut();
	assert.is(await wait, "scripted lost its power");
	await board.power.on();
	assert.match(await reasonOf(board.event("deregistered", { within: 10 })), /did not give/);
});

test("a cut at a line comes after it", async () => {
	const { board, say } = await open();
	const cut = board.power.cutAt({ line: /half way/ });
	say("I 1.000 boot half way");
	await cut;
	assert.throws(() => board.banner, /scripted has no power/);
});

for (const [span, expected] of [
	["90s", 90_000],
	["15m", 900_000],
	["12h", 43_200_000],
	["2d", 172_800_000],
] as const) {
	test(`${span} are ${expected} ms`, () => assert.is(milliseconds(span), expected));
}

test("a span without a unit is refused", () => assert.throws(() => milliseconds("15"), /is no span/));

test.run();
