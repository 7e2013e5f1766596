// suite: real-network limit=60
// The client before the firmware's own console, on a line that may spoil what it carries.

import { setTimeout as pause } from "node:timers/promises";
import { assert, suite } from "#suite";
import { SETTINGS } from "../../firmware/tests/console/bench.js";
import { SeededRandom } from "../../firmware/tests/random.js";
import { BenchLink, type Spoiler } from "./bench.js";
import { ConsoleClient, type ConsoleEvent } from "./client.js";
import { ConsoleFailure, type ConsoleFailureKind } from "./failure.js";

const test = suite("console/client");

async function fails(kind: ConsoleFailureKind, message: RegExp, work: Promise<unknown>): Promise<void> {
	const failure = await work.then(
		() => undefined,
		(error: unknown) => error,
	);
	assert.ok(failure instanceof ConsoleFailure, String(failure));
	assert.is(failure.kind, kind);
	assert.match(failure.message, message);
}

test("asks and is answered", async () => {
	const client = new ConsoleClient(new BenchLink());
	assert.equal(await client.request("objects read", { path: "/3/0/0" }), { "/3/0/0": "Pinhole" });
	assert.equal(await client.resynchronise(), { board: "node" });
	assert.is(client.retryCount, 0);
});

test("a long request goes in pieces, none of more than 127 bytes, with its progress", async () => {
	const link = new BenchLink();
	const progress: number[] = [];
	const client = new ConsoleClient(link, { onProgress: (sent) => progress.push(sent) });
	assert.equal(await client.request("provision", { settings: SETTINGS }), {});
	assert.is(link.target.settings?.accounts[1]?.serverUri, "coap://backend.example");
	assert.is(link.longestLine, 127);
	assert.ok(progress.length >= 4 && progress.every((sent, i) => i === 0 || sent > progress[i - 1]!));
	assert.is(client.retryCount, 0);
});

test("requests take turns", async () => {
	const link = new BenchLink();
	const client = new ConsoleClient(link);
	const paths = ["/3/0/0", "/3/0/1", "/3/0/2"];
	const replies = await Promise.all(paths.map((path) => client.request("objects read", { path })));
	assert.equal(
		replies.map((reply) => Object.keys(reply)[0]),
		paths,
	);
});

test("a refusal is the board's own sentence", async () => {
	const link = new BenchLink();
	link.target.refusal = "this resource is read-only";
	const work = new ConsoleClient(link).request("objects write", { path: "/3/0/0", value: 1 });
	await fails("refused", /^The board refuses: this resource is read-only\.$/, work);
});

test("more than a board takes is not even sent", async () => {
	const work = new ConsoleClient(new BenchLink()).request("objects write", { path: "/3/0/0", value: "x".repeat(1536) });
	await fails("refused", /1536 bytes/, work);
});

test("nobody answers", async () => {
	const client = new ConsoleClient(new BenchLink({ toBoard: () => new Uint8Array(0) }));
	await fails("no-answer", /^No answer on \/dev\/bench within 0.1 s: /, client.request("status", {}, { within: 100 }));
});

/** What a chip without firmware says, and what helps. */
const ROMS: readonly (readonly [said: string, message: RegExp])[] = [
	["waiting for download\r\n", /within 0\.05 s: its chip waits for an image, press RESET or flash it\.$/],
	["invalid header: 0xffffffff\r\n".repeat(3), /: its flash holds no firmware, pinhole flash brings one\.$/],
	["waiting for download\r\nI 0.100 boot unprovisioned\n", /: is a board behind it, and does it run this firmware\?$/],
];

for (const [said, message] of ROMS) {
	test(`nobody answers, and the chip said ${JSON.stringify(said.slice(0, 40))}`, async () => {
		const link = new BenchLink({ toBoard: () => new Uint8Array(0) });
		const client = new ConsoleClient(link);
		link.say(said);
		await fails("no-answer", message, client.request("status", {}, { within: 50 }));
	});
}

test("the port closes in the midst of a request", async () => {
	const link = new BenchLink({ toBoard: () => new Uint8Array(0) });
	const client = new ConsoleClient(link);
	const work = client.request("status");
	await pause(10);
	await link.close();
	await fails("port-closed", /closed by its other end/, work);
	await fails("port-closed", /closed by its other end/, client.waitForBanner());
});

test("log lines, banners and other text are events", async () => {
	const link = new BenchLink();
	const events: ConsoleEvent[] = [];
	const client = new ConsoleClient(link, { onEvent: (event) => events.push(event) });
	link.log("registered 1");
	link.restart("ESP-ROM:esp32c3-api1-20210207\r\nrst:0x1 (POWERON)\r\n");
	link.say("help\n");
	const found = events.map((event) => {
		if (event.kind === "log") return `${event.log.level} ${event.log.seconds} ${event.log.topic} ${event.log.text}`;
		if (event.kind === "banner") return event.banner.board;
		return event.kind === "text" ? event.text : event.kind;
	});
	assert.equal(found, [
		"I 12.345 agent registered 1",
		"ESP-ROM:esp32c3-api1-20210207",
		"rst:0x1 (POWERON)",
		"node",
		"help",
	]);
	assert.is((await client.waitForBanner()).board, "node");
	await fails("no-answer", /within 0.05 s/, client.waitForBanner({ within: 50 }));
});

test("a reset in the midst of a line joins it with the banner", async () => {
	const link = new BenchLink();
	const client = new ConsoleClient(link);
	link.restart("I 12.3");
	assert.is((await client.waitForBanner()).board, "node");
});

test("a new start answers restart, and makes any other request go again", async () => {
	const once = new BenchLink({ toBoard: () => new Uint8Array(0) });
	setTimeout(() => once.restart(), 20);
	assert.equal(await new ConsoleClient(once).request("restart"), {});
	let isDeaf = true;
	const link = new BenchLink({ toBoard: (bytes) => (isDeaf ? new Uint8Array(0) : bytes) });
	const client = new ConsoleClient(link);
	setTimeout(() => {
		isDeaf = false;
		link.restart();
	}, 20);
	assert.equal(await client.request("network"), { kind: "ethernet" });
	assert.is(client.retryCount, 1);
});

test("a new start in which the board is still provisioned does not answer factory-reset", async () => {
	const banner = { board: "node", version: "0", commit: "1a2b3c4", build: "test", reset: "watchdog" };
	for (const [endpoint, isReset] of [
		["kept", false],
		[undefined, true],
	] as const) {
		const link = new BenchLink({ toBoard: () => new Uint8Array(0) });
		setTimeout(() => link.say(`${JSON.stringify({ boot: { ...banner, endpoint } })}\n`), 20);
		const work = new ConsoleClient(link).request("factory-reset", {}, { within: 200 });
		if (isReset) assert.equal(await work, {});
		else await fails("no-answer", /No answer/, work);
	}
});

test("a jump of the clock is not made twice because its answer was lost", async () => {
	const link = new BenchLink({ fromBoard: () => new Uint8Array(0) });
	await fails("no-answer", /No answer/, new ConsoleClient(link).request("time advance", { ms: 1 }, { within: 200 }));
	assert.equal(link.target.calls, ["advance 1"]);
});

test("everything that passes is captured with the host's time", async () => {
	const captured: string[] = [];
	const startAt = Date.now();
	const client = new ConsoleClient(new BenchLink(), {
		capture: (at, direction, bytes) => {
			assert.ok(at >= startAt && at <= Date.now());
			captured.push(`${direction} ${Buffer.from(bytes).toString().replace(/\d+/, "1")}`);
		},
	});
	await client.request("network");
	assert.match(captured[0]!, /^out \n#1 \{"verb":"network"\} [0-9a-f]{4}\n$/);
	assert.match(captured[1]!, /^in #1 \{"ok":true,"kind":"ethernet"\} [0-9a-f]{4}\n$/);
});

/** A line that turns a bit, or loses a byte, now and then. */
function spoiler(random: SeededRandom, oneIn: number): Spoiler {
	const spoil = (bytes: Uint8Array): Uint8Array => {
		const kept: number[] = [];
		for (const code of bytes) {
			if (random.uint32() % oneIn > 0) kept.push(code);
			else if (random.uint32() % 2 === 0) kept.push(code ^ (1 << (random.uint32() % 8)));
		}
		return Uint8Array.from(kept);
	};
	return { toBoard: spoil, fromBoard: spoil };
}

for (const seed of [1, 2, 3]) {
	test(`on a line that spoils one byte in 600, seed ${seed}, every answer is right or missing`, async () => {
		const link = new BenchLink(spoiler(new SeededRandom(seed), 600));
		const client = new ConsoleClient(link, { attemptMs: 30 });
		for (let i = 0; i < 20; i++) {
			const value = `value ${i}`;
			await client.request("objects write", { path: "/3/0/15", value });
			assert.is(link.target.calls.at(-1), `write /3/0/15 string ${value}`);
			await client.request("provision", { settings: SETTINGS });
			assert.is(link.target.settings?.network?.password, SETTINGS.network.password);
			assert.equal(await client.request("network"), { kind: "ethernet" });
		}
		assert.ok(client.retryCount > 0);
	});
}

test.run();
