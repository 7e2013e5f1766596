import { assert, suite } from "#suite";
import { Agent } from "../../agent/agent.js";
import { encodeText } from "../../bytes.js";
import { Code } from "../../coap/codes.js";
import { Model } from "../../lwm2m/model.js";
import { Device } from "../../lwm2m/objects/device.js";
import { FixedRandom } from "../random.js";
import { Lab } from "./lab.js";

const test = suite("agent/agent");

test("registers as soon as its path is open", () => {
	const lab = new Lab();
	lab.run(100);
	assert.equal(lab.since(0), ["POST /rd"]);
	assert.equal(lab.kinds, ["registered"]);
	assert.is(lab.events[0]!.detail, "/rd/1 LwM2M 1.2");
});

test("a server name is resolved first, and again after a failure", () => {
	const lab = new Lab(20_000, "coap://backend.example");
	assert.equal(lab.commands, [{ kind: "resolve", query: 4, host: "backend.example" }]);
	lab.agent.handleResolved(0, 4, []);
	lab.run(2_001);
	assert.equal(lab.commands[1], { kind: "resolve", query: 8, host: "backend.example" });
	lab.agent.handleResolved(lab.now, 4, ["192.0.2.9"]); // too late: that query is over
	lab.agent.handleResolved(lab.now, 8, ["192.0.2.1", "192.0.2.2"]);
	lab.run(100);
	assert.equal(lab.commands[2], { kind: "open", path: 8, transport: "udp", address: "192.0.2.1", port: 5683 });
	assert.equal(lab.kinds, ["waiting", "registered"]);
	assert.is(lab.events[0]!.detail, "nobody knows the address of backend.example");
});

test("a server name is resolved again where no answer comes at all", () => {
	const lab = new Lab(20_000, "coap://backend.example");
	lab.run(59_000);
	assert.is(lab.commands.length, 1);
	lab.run(2_000);
	assert.equal(lab.commands[1], { kind: "resolve", query: 8, host: "backend.example" });
	lab.agent.handleResolved(lab.now, 8, ["192.0.2.1"]);
	lab.run(70_000);
	assert.equal(lab.kinds.slice(0, 1), ["registered"]);
	assert.is(lab.commands.length, 3, "an open path is not opened again");
});

test("serves a Read through the binding, and takes it for a proof of it", () => {
	const lab = new Lab();
	lab.run(15_000);
	lab.ask({ path: "/3303/0/5700", accept: 0 });
	lab.run(10_000);
	assert.equal(lab.since(15_000), ["2.5 21.5"]);
	lab.run(9_000); // 34 s after the Register, but 19 s after the Read
	assert.equal(lab.since(15_001), ["2.5 21.5"]);
	lab.run(2_000);
	assert.equal(lab.since(30_000), ["POST /rd/1"]);
});

test("checks the binding once per interval by an Update", () => {
	const lab = new Lab();
	lab.run(100_000);
	assert.equal(lab.since(1), ["POST /rd", "POST /rd/1", "POST /rd/1", "POST /rd/1", "POST /rd/1"]);
	assert.equal(lab.seen.map((seen) => Math.round(seen.at / 1000)).slice(1), [20, 40, 60, 80]);
});

test("keeps an observation whose request overtakes the answer to the Register", () => {
	const lab = new Lab();
	lab.run(1_000);
	lab.answerTo = (text) => {
		if (text !== "POST /rd") return { code: Code.NotFound };
		lab.ask({ path: "/3303/0/5700", observe: 0, accept: 0 });
		return { code: Code.Created, locationPath: "/rd/2" };
	};
	lab.run(20_000);
	lab.change(23);
	lab.run(1_000);
	assert.equal(lab.since(1_000), ["POST /rd/1", "POST /rd", "2.5 21.5", "2.5 23"]);
});

test("without keepalive it is silent until the lifetime asks for an Update", () => {
	const lab = new Lab(Number.POSITIVE_INFINITY);
	lab.run(86_300_000);
	assert.equal(lab.since(1), ["POST /rd"]);
	lab.run(10_000);
	assert.equal(lab.since(1), ["POST /rd", "POST /rd/1"]);
});

test("after a rebinding the next check tells the new address, and commands arrive again", () => {
	const lab = new Lab();
	lab.run(1_000);
	lab.rebind();
	lab.run(20_000);
	assert.equal(lab.seen.at(-1), { at: lab.seen.at(-1)!.at, text: "POST /rd/1", port: 40_001 });
	lab.ask({ path: "/3303/0/5700", accept: 0 });
	lab.run(1_000);
	assert.equal(lab.seen.at(-1)!.text, "2.5 21.5");
	assert.equal(
		lab.kinds.filter((kind) => kind === "registered"),
		["registered"],
	);
});

test("a server that forgot the registration gets a Register at once", () => {
	const lab = new Lab();
	lab.run(1_000);
	lab.restartServer();
	lab.run(21_000);
	assert.equal(lab.since(1_000), ["POST /rd/1", "POST /rd"]);
	assert.equal(lab.kinds, ["registered", "suspect", "registered", "repaired"]);
});

test("silence: check, then a new socket with an Update, then Register with growing waits, then repaired", () => {
	const lab = new Lab();
	lab.run(1_000);
	lab.silent = true;
	lab.run(400_000);
	const opened = lab.commands.filter((command) => command.kind === "open").length;
	assert.ok(opened >= 3, `${opened} sockets`);
	assert.equal(lab.kinds.slice(0, 2), ["registered", "suspect"]);
	assert.ok(lab.kinds.includes("waiting"));
	lab.silent = false;
	lab.run(1_200_000);
	const registeredAgain = lab.kinds.lastIndexOf("registered");
	assert.ok(registeredAgain > 0);
	assert.is(lab.kinds[registeredAgain + 1], "repaired");
});

test("a new socket closes the old one: one path an account", () => {
	const lab = new Lab();
	lab.run(1_000);
	lab.silent = true;
	lab.run(60_000);
	const open = new Set<number>();
	for (const command of lab.commands) {
		if (command.kind === "open") open.add(command.path);
		if (command.kind === "close") open.delete(command.path);
	}
	assert.is(open.size, 1);
});

test("notifies a change to an observer, and goes on after a rebinding", () => {
	const lab = new Lab();
	lab.run(1_000);
	lab.ask({ path: "/3303/0/5700", accept: 0, observe: 0 });
	lab.run(1_000);
	lab.change(22.5);
	lab.run(1_000);
	assert.equal(lab.since(1_000), ["2.5 21.5", "2.5 22.5"]);
	lab.rebind();
	lab.run(20_000);
	lab.change(23.5);
	lab.run(1_000);
	assert.is(lab.seen.at(-1)!.text, "2.5 23.5");
});

test("registers anew when a notification stayed unacknowledged: the server still believes that it observes", () => {
	const lab = new Lab(Number.POSITIVE_INFINITY);
	lab.model.find(1, 0)!.set("defaultNotificationMode", 1);
	lab.run(1_000);
	lab.ask({ path: "/3303/0/5700", accept: 0, observe: 0 });
	lab.run(1_000);
	lab.silent = true;
	lab.change(22.5);
	lab.run(62_000); // the last of five transmissions went, FixedRandom makes the shortest times: 2 + 4 + 8 + 16 + 32 s
	lab.silent = false;
	lab.run(1_000);
	assert.equal(lab.since(2_000), ["POST /rd/1", "POST /rd"]);
});

test("a new registration begins without observations", () => {
	const lab = new Lab();
	lab.run(1_000);
	lab.ask({ path: "/3303/0/5700", accept: 0, observe: 0 });
	lab.run(1_000);
	lab.restartServer();
	lab.run(21_000);
	const at = lab.now;
	lab.change(22.5);
	lab.run(1_000);
	assert.equal(lab.since(at), []);
});

test("the server's write of the lifetime is told by an Update", () => {
	const lab = new Lab();
	lab.run(1_000);
	lab.ask({ code: Code.Put, path: "/1/0/1", contentFormat: 0, payload: encodeText("600") });
	lab.run(1_000);
	assert.equal(lab.since(1_000), ["2.4", "POST /rd/1"]);
});

test("the server's write of the time, /3/0/13, sets the clock", () => {
	const lab = new Lab();
	lab.model.find(3, 0)!.set("currentTime", 0);
	lab.run(1_000);
	lab.ask({ code: Code.Put, path: "/3/0/13", contentFormat: 0, payload: encodeText("1700000000") });
	lab.run(10_000);
	lab.ask({ path: "/3/0/13", accept: 0 });
	lab.run(1_000);
	assert.equal(lab.since(1_000), ["2.4", "2.5 1700000010"]);
});

test("an object instance that comes or goes is told by an Update", () => {
	const lab = new Lab();
	lab.run(1_000);
	lab.model.remove(3303, 0);
	lab.agent.handleModelChanged(lab.now);
	lab.run(1_000);
	assert.equal(lab.since(1_000), ["POST /rd/1"]);
});

test("a lifetime that the application changes is told by an Update", () => {
	const lab = new Lab();
	lab.run(1_000);
	lab.model.find(1, 0)!.set("lifetime", 600);
	lab.agent.handleModelChanged(lab.now);
	lab.run(1_000);
	assert.equal(lab.since(1_000), ["POST /rd/1"]);
});

test("a Reboot whose handler said Later restarts when it is completed", () => {
	const lab = new Lab(20_000, undefined, (model) => {
		model.remove(3, 0);
		const values = { errorCode: [0], supportedBindingAndModes: "U" };
		model.add(Device, 0, values, { execute: () => ({ later: 7 }) });
	});
	lab.run(1_000);
	lab.ask({ code: Code.Post, path: "/3/0/4" });
	lab.run(100);
	assert.ok(lab.agent.complete(lab.now, { later: 7 }, "changed"));
	lab.run(500);
	assert.equal(lab.since(1_000), ["2.4"]);
	assert.equal(lab.commands.at(-1), { kind: "restart", why: "execute" });
});

test("Registration Update Trigger, /1/0/8: an Update follows the answer", () => {
	const lab = new Lab();
	lab.run(1_000);
	lab.ask({ code: Code.Post, path: "/1/0/8" });
	lab.run(1_000);
	assert.equal(lab.since(1_000), ["2.4", "POST /rd/1"]);
});

test("Disable, /1/0/4: de-registers, and comes back after the Disable Timeout", () => {
	const lab = new Lab();
	lab.run(1_000);
	lab.ask({ code: Code.Post, path: "/1/0/4" });
	lab.run(599_000);
	assert.equal(lab.since(1_000), ["2.4", "DELETE /rd/1"]);
	lab.run(2_000);
	assert.is(lab.seen.at(-1)!.text, "POST /rd");
});

test("Reboot, /3/0/4, is answered before the restart is asked for", () => {
	const lab = new Lab();
	lab.run(1_000);
	lab.ask({ code: Code.Post, path: "/3/0/4" });
	lab.run(1_000);
	assert.equal(lab.since(1_000), ["2.4"]);
	assert.equal(lab.commands.at(-1), { kind: "restart", why: "execute" });
});

test("stopped, it de-registers, closes its path and falls silent", () => {
	const lab = new Lab();
	lab.run(1_000);
	lab.stop();
	lab.run(1_000);
	assert.equal(lab.since(1_000), ["DELETE /rd/1"]);
	assert.is(lab.kinds.at(-1), "deregistered");
	assert.is(lab.commands.at(-1)!.kind, "close");
	assert.is(lab.agent.pollTimeout(), Number.POSITIVE_INFINITY);
});

test("a link that goes down and comes back begins with an Update on a new socket", () => {
	const lab = new Lab();
	lab.run(1_000);
	lab.agent.handleNetwork(lab.now, undefined);
	lab.run(60_000);
	assert.equal(lab.since(1_000), []);
	lab.agent.handleNetwork(lab.now, "wifi:home");
	lab.run(1_000);
	assert.equal(lab.since(1_000), ["POST /rd/1"]);
});

test("no usable account is a sentence, not a silence", () => {
	const options = { endpointName: "a", random: new FixedRandom(), keepaliveMs: 1, model: new Model() };
	assert.throws(() => new Agent(options), /no Security instance/);
});

test.run();
