import { assert, suite } from "#suite";
import { NAME, Site } from "./site.js";

const test = suite("machines/wake-up");

const MINUTE = 60_000;

/** Registered long ago, and behind a NAT that has forgotten it. */
function unreachable(options: Partial<ConstructorParameters<typeof Site>[0]> = {}): Site {
	const site = new Site({ secure: false, seed: 1, ...options });
	site.time.pass(60 * MINUTE);
	assert.is(site.count("registered"), 1);
	site.ask(MINUTE);
	site.time.pass(2 * MINUTE);
	assert.is(site.answer, "no-answer", "the NAT of this test is a NAT");
	return site;
}

for (const secure of [false, true]) {
	const how = secure ? "with keys" : "without keys";

	test(`${how}: a device that nobody can reach comes back, and the command that waits arrives`, () => {
		const site = unreachable({ secure });
		site.ask(10 * MINUTE);
		site.time.pass(MINUTE);
		assert.is(site.answer, undefined);
		const updates = site.count("updated");
		site.trigger();
		site.time.pass(5_000);
		assert.is(site.count("updated"), updates + 1);
		assert.is(site.answer, "Pinhole");
		assert.equal(site.outcomes, ["starting", "ready", "update"]);
	});

	test(`${how}: a device asleep in Queue Mode is woken, and hears what waits for it`, () => {
		const site = new Site({ secure, seed: 2, binding: "UQ" });
		site.time.pass(10 * MINUTE);
		assert.ok(site.core.isAsleep(NAME));
		site.ask(10 * MINUTE);
		site.trigger();
		site.time.pass(5_000);
		assert.is(site.answer, "Pinhole");
	});

	test(`${how}: the number is what the device registered with`, () => {
		const site = unreachable({ secure });
		assert.is(site.core.registration(NAME)?.smsNumber, "+491700000042");
	});
}

test("a message that the network delivers twice is one", () => {
	const site = unreachable({ secure: true });
	site.centre.faults.doubling = 1;
	const updates = site.count("updated");
	site.trigger();
	site.time.pass(MINUTE);
	assert.is(site.count("updated"), updates + 1);
	assert.is(site.serial.statistics.repeated, 1);
});

test("messages that overtake each other wake it once a minute, and none is taken twice", () => {
	const site = unreachable({ secure: true });
	site.centre.faults.delayMs = [1_000, 20_000];
	for (let i = 0; i < 5; i++) site.trigger();
	site.time.pass(5 * MINUTE);
	assert.equal(site.outcomes.slice(2).sort(), ["limited", "limited", "limited", "limited", "update"]);
});

test("what comes while the modem is off is delivered, and found, when it is on again", () => {
	const site = unreachable();
	site.modem.faults.isDeaf = true;
	site.ask(30 * MINUTE);
	site.trigger();
	site.time.pass(5 * MINUTE);
	assert.is(site.answer, undefined);
	site.modem.faults.isDeaf = false;
	site.modem.restart();
	site.time.pass(2 * MINUTE);
	assert.is(site.answer, "Pinhole");
});

test("a modem that starts anew in the midst of it loses nothing", () => {
	for (let delayMs = 900; delayMs < 1_400; delayMs += 10) {
		const site = unreachable();
		site.ask(30 * MINUTE);
		site.trigger();
		site.time.pass(delayMs);
		site.modem.restart();
		site.time.pass(3 * MINUTE);
		assert.is(site.answer, "Pinhole", `restarted after ${delayMs} ms`);
		assert.is(site.modem.storedCount, 0);
	}
});

test("a card that comes late is waited for", () => {
	const site = new Site({ secure: false, seed: 3 });
	site.modem.faults.card = "busy";
	site.time.pass(20 * MINUTE);
	assert.equal(site.outcomes, ["starting", "no-card"]);
	site.modem.setCard("ready");
	site.time.pass(MINUTE);
	site.trigger();
	site.time.pass(MINUTE);
	assert.equal(site.outcomes, ["starting", "no-card", "ready", "update"]);
});

test("a modem that announces nothing is looked into every ten minutes", () => {
	const site = new Site({ secure: false, seed: 4 });
	site.modem.faults.unknown.push("AT+CNMI");
	site.time.pass(MINUTE);
	site.trigger();
	site.time.pass(10 * MINUTE);
	assert.is(site.outcomes[2], "update");
});

test("a modem that repeats all it hears works, too", () => {
	const site = unreachable();
	site.modem.faults.alwaysEchoes = true;
	site.modem.restart();
	site.time.pass(MINUTE);
	const { restarts } = site.serial.statistics;
	site.trigger();
	site.time.pass(MINUTE);
	assert.is(site.outcomes[site.outcomes.length - 1], "update");
	assert.is(site.serial.statistics.restarts, restarts);
});

test("on a noisy line nearly each trigger with keys arrives, and none twice", () => {
	for (let seed = 1; seed <= 5; seed++) {
		const site = new Site({ secure: true, seed });
		site.time.pass(MINUTE);
		site.modem.faults.noise = 0.002;
		for (let i = 0; i < 4; i++) {
			site.trigger();
			site.time.pass(30 * MINUTE);
		}
		const { messages, noise } = site.serial.statistics;
		const updates = site.outcomes.filter((outcome) => outcome === "update").length;
		assert.ok(
			updates >= 3 && updates <= 4,
			`seed ${seed}: ${updates} of 4, ${messages} messages, ${noise} lines of noise`,
		);
		assert.is(site.modem.storedCount, 0);
	}
});

test("a card full of other messages is emptied, and the trigger behind them arrives", () => {
	const site = unreachable();
	site.modem.faults.unknown.push("AT+CMGL");
	for (let i = 0; i < 12; i++) site.centre.submit("+491700000042", Uint8Array.of(i), { coding: 0 });
	site.modem.restart();
	site.time.pass(MINUTE);
	site.modem.faults.unknown.length = 0;
	site.trigger();
	site.time.pass(20 * MINUTE);
	assert.is(site.outcomes[site.outcomes.length - 1], "update");
	assert.is(site.serial.statistics.notData, 12);
	assert.is(site.modem.storedCount, 0);
});

test("what was learned of the binding is read like anything else", () => {
	const site = new Site({ secure: false, seed: 5 });
	site.time.pass(MINUTE);
	const said = ["/33101/0/0", "/33101/0/4", "/33101/0/9"].map((path) => {
		site.trigger();
		site.time.pass(10_000);
		site.ask(MINUTE, path);
		site.time.pass(MINUTE);
		return site.answer;
	});
	assert.equal([said[0], said[2]], ["1", "udp"]);
	assert.match(String(said[1]), /^(none|refresh|ping|check)$/);
});

test("whoever knows the number cannot wake a device with keys, nor one that takes nothing without", () => {
	for (const secure of [true, false]) {
		const site = unreachable({ secure, acceptsPlain: false });
		const plain = Uint8Array.of(0x50, 2, 0, 1, 0xb1, 0x31, 0x01, 0x30, 0x01, 0x38);
		const updates = site.count("updated");
		site.centre.submit("+491700000042", plain);
		site.time.pass(MINUTE);
		assert.is(site.outcomes[2], secure ? "unauthentic" : "unwanted");
		assert.is(site.count("updated"), updates);
	}
});

test.run();
