import { assert, suite } from "#suite";
import { Code } from "../../coap/codes.js";
import { ReachFlag as Spoken } from "../../coap/reach-option.js";
import { ReachFlag } from "../../reach/reach.js";
import { Lab } from "./lab.js";

const test = suite("agent/reaching");

const HOUR = 3_600_000;

/** A device that learns how long its binding lives, registered with a server that knows the extension, or does not. */
function learning(keeper: boolean): Lab {
	const lab = new Lab(undefined, undefined, undefined, { keepaliveMs: undefined });
	lab.keeper = keeper;
	lab.run(1_000);
	return lab;
}

/** How often the server saw or heard something since an instant. */
function count(lab: Lab, since: number, what: string): number {
	return [...lab.seen, ...lab.heard].filter(({ at, text }) => at >= since && text === what).length;
}

test("reach and the codec of its option mean the same flags", () => {
	for (const [name, flag] of Object.entries(ReachFlag)) assert.is(Spoken[name as keyof typeof Spoken], flag);
});

test("keeps its binding open by single bytes, and asks each quarter of an hour whether it is known", () => {
	const lab = learning(true);
	lab.run(3 * HOUR);
	const at = lab.now;
	lab.run(6 * HOUR);
	assert.ok(count(lab, at, "refresh") > 700, "each half a minute");
	assert.ok(count(lab, at, "ping") >= 17 && count(lab, at, "ping") <= 20, `${count(lab, at, "ping")}`);
	assert.ok(count(lab, at, "POST /rd/1") >= 5 && count(lab, at, "POST /rd/1") <= 8);
	assert.is(lab.agent.reachStatuses(lab.now)[0]!.kind, "refresh");
});

test("after a rebinding the next byte is answered, and an Update tells the new address", () => {
	const lab = learning(true);
	lab.run(3 * HOUR);
	const at = lab.now;
	lab.rebind();
	lab.run(31_000);
	assert.equal(lab.since(at), ["POST /rd/1"]);
	assert.is(count(lab, at, "ping"), 0);
	lab.ask({ path: "/3303/0/5700", accept: 0 });
	lab.run(1_000);
	assert.is(lab.seen.at(-1)!.text, "2.5 21.5");
});

test("a stock server hears refreshes, which it ignores, and Updates, but no question that it would not answer", () => {
	const lab = learning(false);
	lab.run(6 * HOUR);
	const at = lab.now;
	lab.run(HOUR);
	assert.ok(count(lab, at, "refresh") > 50);
	assert.is(count(lab, at, "ping"), 0);
	assert.ok(count(lab, at, "POST /rd/1") >= 4);
	assert.not(lab.kinds.includes("suspect"));
});

test("an unanswered question leads up the ladder, and back when the server answers", () => {
	const lab = learning(true);
	lab.run(3 * HOUR);
	const at = lab.now;
	lab.silent = true;
	lab.run(HOUR);
	assert.ok(lab.kinds.includes("suspect"));
	assert.ok(lab.commands.filter(({ kind }) => kind === "open").length >= 2, "a new socket");
	lab.silent = false;
	lab.run(HOUR);
	assert.is(lab.kinds.at(-1), "repaired");
	const { failures, unreachableSeconds } = lab.agent.reachStatuses(lab.now)[0]!;
	assert.ok(failures.length > 0);
	assert.ok(unreachableSeconds > 1_000 && unreachableSeconds < (lab.now - at) / 1000);
});

test("a server that has forgotten the device is registered with again within a quarter of an hour", () => {
	const lab = learning(true);
	lab.run(3 * HOUR);
	const at = lab.now;
	lab.restartServer();
	lab.run(900_000);
	assert.ok(lab.since(at).includes("POST /rd"), lab.since(at).join());
});

test("a server that would not measure is not asked again and again", () => {
	const lab = learning(true);
	lab.answerTo = (text) =>
		text === "POST /rd"
			? { code: 65, locationPath: "/rd/1", reach: Uint8Array.of(ReachFlag.Keeper | ReachFlag.Probe) }
			: {};
	lab.restartServer();
	lab.run(HOUR);
	assert.ok(count(lab, 0, "POST /np") <= 7, `${count(lab, 0, "POST /np")}`);
	assert.ok(count(lab, 0, "POST /np") >= 1);
});

test("without a network nothing is sent, and with another one an Update goes first", () => {
	const lab = learning(true);
	lab.run(HOUR);
	lab.agent.handleNetwork(lab.now, undefined);
	lab.run(0);
	const at = lab.now;
	lab.run(HOUR);
	assert.equal(lab.since(at + 100), []);
	lab.agent.handleNetwork(lab.now, "wifi:work");
	lab.run(1_000);
	assert.equal(lab.since(at + 100).slice(0, 1), ["POST /rd/1"]);
	assert.is(lab.agent.reachStatuses(lab.now)[0]!.network, "wifi:work");
});

test("in Queue Mode it keeps the binding while it listens, and is silent while it sleeps", () => {
	const lab = new Lab(undefined, undefined, (model) => model.find(1, 0)!.set("binding", "UQ"), {
		keepaliveMs: undefined,
	});
	lab.keeper = true;
	lab.run(200_000);
	assert.ok(count(lab, 0, "refresh") >= 2, `${count(lab, 0, "refresh")}`);
	assert.ok(lab.kinds.includes("asleep"));
	const at = lab.now;
	lab.run(6 * HOUR);
	assert.equal(lab.since(at), []);
	assert.is(count(lab, at, "refresh"), 0);
});

test("disabled while a question is unanswered, it sleeps: nothing is due that cannot be sent", () => {
	const lab = learning(true);
	lab.run(HOUR);
	lab.keeper = false;
	const asked = count(lab, 0, "ping");
	while (count(lab, 0, "ping") === asked) lab.run(100);
	lab.ask({ code: Code.Post, path: "/1/0/4" });
	lab.run(10_000);
	assert.is(lab.kinds.at(-1), "deregistered");
	const sleepMs = lab.agent.pollTimeout() - lab.now;
	assert.ok(sleepMs > 500_000 && sleepMs < 600_000, `${sleepMs}`);
});

test.run();
