import { assert, suite } from "#suite";
import { type TriggerOutcome, Triggers } from "../../agent/triggers.js";
import { Code } from "../../coap/codes.js";
import { Encoder } from "../../coap/encoder.js";
import type { MessageType } from "../../coap/message.js";
import { Option } from "../../coap/options.js";
import type { Protection } from "../../contract.js";
import { limits } from "../../limits.js";
import { Instance } from "../../lwm2m/instance.js";
import { Server } from "../../lwm2m/objects/server.js";
import { Oscore } from "../../security/oscore/oscore.js";
import { contextOf, EXAMPLES, mirrored, optionsOf } from "../security/oscore/bench.js";
import { Lab } from "./lab.js";

const test = suite("agent/triggers");

const MINUTE = 60_000;
const PAYLOAD = Uint8Array.of(0x30);

/** A short message's data. */
function message(path: string, messageId = 1, more: { type?: MessageType; code?: number; query?: string } = {}) {
	const { type = "NON", code = Code.Post, query } = more;
	const bytes = new Uint8Array(140);
	const encoder = new Encoder();
	encoder.target(bytes);
	encoder.begin(type, code, messageId);
	encoder.segments(Option.UriPath, path);
	if (query !== undefined) encoder.text(Option.UriQuery, query);
	encoder.payload(PAYLOAD);
	return bytes.slice(0, encoder.end);
}

class Account {
	readonly server: Instance;
	readonly protection: Protection | undefined;
	readonly at: number[] = [];

	constructor(instanceId: number, protection?: Protection, trigger = true) {
		const values = { shortServerId: instanceId + 1, lifetime: 60, notificationStoring: true, binding: "U", trigger };
		this.server = new Instance(Server, instanceId, values, undefined);
		this.protection = protection;
	}

	handleTrigger(now: number): void {
		this.at.push(now);
	}
}

function plain(...accounts: Account[]): Triggers {
	return new Triggers(accounts.length === 0 ? [new Account(0)] : accounts, true);
}

/** An account with keys, and its server that seals. Every Execute has to prove that it is fresh. */
function secured(instanceId = 0, example: "C.1" | "C.2" = "C.1") {
	const device = new Oscore(
		optionsOf(1, (code) => code === Code.Post),
		contextOf(EXAMPLES[example]),
	);
	const server = new Oscore(optionsOf(2), contextOf(mirrored(EXAMPLES[example])));
	const seal = (bytes: Uint8Array): Uint8Array => {
		const into = new Uint8Array(limits.messageLength);
		return into.slice(0, server.protectRequest(bytes, into));
	};
	return { account: new Account(instanceId, device), seal };
}

const WITHOUT_KEYS: readonly [string, Uint8Array, TriggerOutcome][] = [
	["the trigger", message("/1/0/8"), "update"],
	["the same as CON", message("/1/0/8", 1, { type: "CON" }), "update"],
	["the bootstrap trigger", message("/1/0/9"), "bootstrap"],
	["another server's instance", message("/1/1/8"), "other"],
	["Disable", message("/1/0/4"), "other"],
	["a reboot", message("/3/0/4"), "other"],
	["more of a path", message("/1/0/8/0"), "other"],
	["less of a path", message("/1/0"), "other"],
	["a path in other words", message("/01/0/8"), "other"],
	["a query", message("/1/0/8", 1, { query: "pmin=1" }), "other"],
	["a Read", message("/1/0/8", 1, { code: Code.Get }), "other"],
	["a Write", message("/1/0/8", 1, { code: Code.Put }), "other"],
	["an answer", message("/1/0/8", 1, { code: Code.Changed }), "other"],
	["an acknowledgement", message("/1/0/8", 1, { type: "ACK" }), "other"],
	["a ping", Uint8Array.of(0x40, 0, 0, 1), "other"],
	["nothing", new Uint8Array(0), "other"],
	["a text", Uint8Array.from("wake up", (letter) => letter.charCodeAt(0)), "other"],
	["half a message", message("/1/0/8").subarray(0, 7), "other"],
];
for (const [name, bytes, outcome] of WITHOUT_KEYS)
	test(`without keys: ${name} -> ${outcome}`, () => {
		const account = new Account(0);
		const triggers = plain(account);
		assert.is(triggers.handle(0, bytes), outcome);
		assert.is(account.at.length, outcome === "update" ? 1 : 0);
		assert.is(triggers.counts[outcome], 1);
	});

test("without keys nothing is carried out but by setting, nor for an account that takes no triggers", () => {
	assert.is(new Triggers([new Account(0)], false).handle(0, message("/1/0/8")), "unwanted");
	assert.is(plain(new Account(0, undefined, false)).handle(0, message("/1/0/8")), "unwanted");
});

test("an account with keys takes nothing without", () => {
	const { account } = secured();
	assert.is(plain(account).handle(0, message("/1/0/8")), "unauthentic");
	assert.equal(account.at, []);
});

test("with keys: carried out though nobody could prove that it is fresh", () => {
	const { account, seal } = secured();
	assert.is(plain(account).handle(0, seal(message("/1/0/8"))), "update");
	assert.is(account.at.length, 1);
});

test("with keys: a replay is none, however late", () => {
	const { account, seal } = secured();
	const triggers = plain(account);
	const sealed = seal(message("/1/0/8"));
	triggers.handle(0, sealed);
	assert.is(triggers.handle(24 * 60 * MINUTE, sealed), "repeated");
	assert.is(triggers.handle(25 * 60 * MINUTE, seal(message("/1/0/8"))), "update");
	assert.is(account.at.length, 2);
});

test("with keys whose requests are not known any more: not before the server has proved that it is there", () => {
	const { account, seal } = secured();
	(account.protection as Oscore).context.window = undefined;
	assert.is(plain(account).handle(0, seal(message("/1/0/8"))), "repeated");
	assert.is((account.protection as Oscore).context.window, undefined);
});

test("with keys: the account is the one whose keys open it, and names its own instance", () => {
	const first = secured(0, "C.1");
	const second = secured(1, "C.2");
	const triggers = plain(first.account, second.account);
	assert.is(triggers.handle(0, second.seal(message("/1/1/8"))), "update");
	assert.is(triggers.handle(0, second.seal(message("/1/0/8"))), "other");
	assert.equal([first.account.at, second.account.at], [[], [0]]);
});

test("with keys: what was changed on its way is not authentic", () => {
	const { account, seal } = secured();
	const sealed = seal(message("/1/0/8"));
	const triggers = plain(account);
	for (let i = 0; i < sealed.length; i++) {
		const changed = sealed.slice();
		changed[i]! ^= 1;
		triggers.handle(i * 60 * MINUTE, changed);
	}
	// Type, Message ID and token are not protected (RFC 8613, 4.1): the first of those that say the same is carried out.
	assert.is(account.at.length, 1);
});

test("two within a minute are one", () => {
	const triggers = plain();
	const outcomes = [0, 59_999, 60_000].map((at, id) => triggers.handle(at, message("/1/0/8", id)));
	assert.equal(outcomes, ["update", "limited", "update"]);
});

test("there are ten an hour", () => {
	const triggers = plain();
	const outcomes: TriggerOutcome[] = [];
	for (let i = 0; i < 14; i++) outcomes.push(triggers.handle(i * 5 * MINUTE, message("/1/0/8", i)));
	assert.equal(outcomes.indexOf("limited"), 10);
	assert.equal(outcomes.slice(10), ["limited", "limited", "update", "update"]);
});

test("one server's triggers cost another one nothing", () => {
	const triggers = plain(new Account(0), new Account(1));
	assert.is(triggers.handle(0, message("/1/0/8", 1)), "update");
	assert.is(triggers.handle(0, message("/1/1/8", 2)), "update");
});

test("the same Message ID is the same message", () => {
	const triggers = plain();
	assert.equal(
		[0, 2 * MINUTE, 4 * MINUTE].map((at) => triggers.handle(at, message("/1/0/8", 7))),
		["update", "repeated", "repeated"],
	);
	assert.is(triggers.handle(10 * MINUTE, message("/1/0/8", 7)), "update");
});

/** A device that takes triggers, at rest. */
function lab(): Lab {
	const lab = new Lab(Number.POSITIVE_INFINITY, undefined, (model) => {
		model.find(1, 0)!.set("trigger", true);
		model.find(1, 0)!.changes = 0;
	});
	lab.run(1_000);
	return lab;
}

test("the device sends an Update from where it is now, and what waited for it arrives", () => {
	const device = lab();
	device.run(3_600_000);
	device.rebind();
	device.ask({ path: "/3303/0/5700" });
	device.run(10_000);
	const at = device.now;
	assert.is(device.agent.handleTrigger(device.now, message("/1/0/8")), "update");
	device.run(100_000);
	assert.equal(device.since(at), ["POST /rd/1", "2.5 21.5"]);
	assert.equal(
		device.events.filter(({ kind }) => kind === "operation").map(({ detail }) => detail)[0],
		"Execute /1/0/8 by SMS",
	);
});

test("a device that waits to register need not wait any more", () => {
	const device = new Lab(Number.POSITIVE_INFINITY, undefined, (model) => model.find(1, 0)!.set("trigger", true));
	device.silent = true;
	device.run(400_000);
	device.silent = false;
	const at = device.now;
	device.agent.handleTrigger(device.now, message("/1/0/8"));
	device.run(50);
	assert.equal(device.since(at), ["POST /rd"]);
});

test("the bootstrap trigger does nothing", () => {
	const device = lab();
	const at = device.now;
	assert.is(device.agent.handleTrigger(device.now, message("/1/0/9")), "bootstrap");
	device.run(100_000);
	assert.equal(device.since(at), []);
	assert.is(device.agent.triggerCounts?.bootstrap, 1);
});

test("a device that is told to stop stays so", () => {
	const device = lab();
	device.stop();
	device.run(1_000);
	const at = device.now;
	device.agent.handleTrigger(device.now, message("/1/0/8"));
	device.run(100_000);
	assert.equal(device.since(at), []);
});

test.run();
