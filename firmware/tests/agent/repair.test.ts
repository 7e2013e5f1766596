import { assert, suite } from "#suite";
import { Way } from "../../agent/way.js";
import { Code } from "../../coap/codes.js";
import { FixedRandom } from "../random.js";
import { Lab } from "./lab.js";

const test = suite("agent/repair");

const MINUTE = 60_000;

/** A device whose only observation is told by CON notifications. */
function observed(keepaliveMs = 20_000): Lab {
	const lab = new Lab(keepaliveMs);
	lab.model.find(1, 0)!.set("defaultNotificationMode", 1);
	lab.run(1_000);
	lab.ask({ path: "/3303/0/5700", accept: 0, observe: 0 });
	lab.run(1_000);
	return lab;
}

test("an unacknowledged notification in a dead binding does not hold up the check", () => {
	const lab = observed();
	lab.rebind();
	lab.change(22.5);
	lab.run(22_000);
	assert.equal(lab.since(2_000).slice(0, 1), ["POST /rd/1"]);
	lab.ask({ path: "/3303/0/5700", accept: 0 });
	lab.run(1_000);
	assert.is(lab.seen.at(-1)!.text, "2.5 22.5");
});

test("nor does it hold up the Register at a server that has forgotten the device", () => {
	const lab = observed();
	lab.restartServer();
	lab.change(22.5);
	lab.run(22_000);
	assert.equal(lab.since(2_000), ["POST /rd/1", "POST /rd"]);
});

test("nor the good-bye", () => {
	const lab = observed();
	lab.rebind();
	lab.change(22.5);
	lab.run(100);
	lab.stop();
	lab.run(1_000);
	assert.equal(lab.since(2_000), ["DELETE /rd/1"]);
	assert.is(lab.kinds.at(-1), "deregistered");
});

test("while its link is down it opens nothing, sends nothing, and forgets no observation", () => {
	const lab = observed();
	lab.change(22.5);
	lab.agent.handleNetwork(lab.now, undefined);
	lab.run(0);
	const commandCount = lab.commands.length;
	for (let second = 0; second < 300; second++) {
		lab.run(1_000);
		lab.agent.handleTimeout(lab.now);
	}
	assert.is(lab.commands.length, commandCount);
	lab.change(23.5);
	lab.run(100);
	const at = lab.now;
	lab.agent.handleNetwork(lab.now, "wifi:home");
	lab.run(1_000);
	assert.equal(lab.since(at).sort(), ["2.5 23.5", "POST /rd/1"]);
});

test("what waited for a way is sent once when there is one", () => {
	const lab = new Lab(20_000, "coap://backend.example");
	lab.agent.handleResolved(0, 4, ["192.0.2.1"]);
	lab.run(1_000);
	lab.silent = true;
	lab.run(40_000);
	lab.silent = false;
	lab.run(50_000);
	const query = (lab.commands.at(-1) as { query: number }).query;
	const at = lab.now;
	lab.agent.handleResolved(lab.now, query, ["192.0.2.1"]);
	lab.run(10_000);
	assert.equal(lab.since(at), ["POST /rd/1"]);
});

for (const [title, answer] of [
	["is answered by nothing that is an address", true],
	["is answered by nobody", false],
] as const)
	test(`a name that ${title} any more still has the address that it had`, () => {
		const lab = new Lab(20_000, "coap://backend.example");
		lab.agent.handleResolved(0, 4, ["192.0.2.1"]);
		lab.run(MINUTE);
		for (let turn = 0; turn < 3; turn++) {
			const at = lab.now;
			lab.agent.handleNetwork(lab.now, "wifi:home");
			lab.run(1);
			const { query } = lab.commands.at(-1) as { query: number };
			if (answer) lab.agent.handleResolved(lab.now, query, []);
			lab.run(61_000);
			assert.is(lab.since(at)[0], "POST /rd/1", `turn ${turn}`);
		}
	});

test("of another name nobody knows the address by that", () => {
	const route = (host: string) => ({ transport: "udp", host, port: 5683, numeric: false }) as const;
	const way = new Way([route("one.example"), route("two.example")], 0, new FixedRandom());
	way.open(0);
	assert.ok(way.handleResolved(0, way.path, ["192.0.2.1"]));
	way.use(1);
	way.open(0);
	assert.not(way.handleResolved(0, way.path, []));
	way.use(0);
	way.open(0);
	assert.ok(way.handleResolved(0, way.path, []));
});

test("in another network the wait of a Register that nobody answered is over", () => {
	const lab = new Lab();
	lab.silent = true;
	lab.run(60 * MINUTE);
	lab.silent = false;
	const at = lab.now;
	lab.agent.handleNetwork(lab.now, "wifi:home");
	lab.run(1_000);
	assert.equal(lab.since(at), ["POST /rd"]);
});

test("in the same network it goes on, and where the server refused it, too", () => {
	for (const refuses of [false, true]) {
		const lab = new Lab();
		lab.agent.handleNetwork(0, "wifi:home");
		lab.run(1_000);
		if (refuses) lab.answerTo = () => ({ code: Code.Forbidden });
		else lab.silent = true;
		lab.restartServer();
		lab.run(60 * MINUTE);
		lab.silent = false;
		const at = lab.now;
		lab.agent.handleNetwork(lab.now, refuses ? "wifi:office" : "wifi:home");
		lab.run(1_000);
		assert.equal(lab.since(at), [], `${refuses}`);
	}
});

test("never asks for a timeout that its own handling does not move", () => {
	for (const keepaliveMs of [100, 20_000, Number.POSITIVE_INFINITY]) {
		for (const lifetime of [1, 10, 86_400, 0xffff_ffff]) {
			const lab = new Lab(keepaliveMs);
			lab.model.find(1, 0)!.set("lifetime", lifetime);
			lab.agent.handleModelChanged(0);
			for (let minute = 0; minute < 5; minute++) {
				lab.silent = minute % 2 === 1;
				lab.run(60_000);
				assert.ok(lab.agent.pollTimeout() > lab.now - 1, `${keepaliveMs} ms, ${lifetime} s`);
			}
			assert.ok(lab.seen.length < 7_000, `${lab.seen.length} messages`);
		}
	}
});

test.run();
