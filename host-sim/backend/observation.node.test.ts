import { assert, suite } from "#suite";
import { Code } from "../../firmware/coap/codes.js";
import { ContentFormat, Option } from "../../firmware/coap/options.js";
import { limits } from "../../firmware/limits.js";
import { Bench, type BenchDevice } from "./bench.js";
import * as operations from "./operations.js";

const test = suite("backend/observation");

const PATH = "/3303/0/5700";
const ADDRESS = "10.0.0.1:1";
const MOVED = "10.0.0.1:2";

function observed(): { bench: Bench; device: BenchDevice } {
	const bench = new Bench();
	const device = bench.register("a", ADDRESS);
	bench.service.core.command(0, "a", operations.observe(PATH, undefined), 5000);
	bench.exchange();
	return { bench, device };
}

function notify(bench: Bench, device: BenchDevice, text: string, confirmable = false): void {
	bench.run(1000);
	device.notify(bench.now, PATH, text, confirmable);
	bench.exchange();
}

function update(bench: Bench, device: BenchDevice): void {
	device.send(bench.now, Code.Post, device.location);
	bench.exchange();
}

function values(bench: Bench): string[] {
	return bench.heard("notified").map(({ payload }) => Buffer.from(payload).toString());
}

test("reports each notification with its device and path", () => {
	const { bench, device } = observed();
	notify(bench, device, "22.5");
	notify(bench, device, "23.5", true);
	assert.equal(values(bench), ["22.5", "23.5"]);
	assert.equal(bench.heard("notified").map(({ endpointName, path }) => [endpointName, path])[0], ["a", PATH]);
});

test("asks again for an observation that was under way when the device registered anew", () => {
	const bench = new Bench();
	const device = bench.register("a", ADDRESS);
	const { answer } = device;
	device.answer = () => undefined;
	bench.service.core.command(0, "a", operations.observe(PATH, undefined), 60_000);
	bench.exchange();
	device.answer = answer;
	device.send(bench.now, Code.Post, "/rd", ["ep=a", "lwm2m=1.2"]);
	bench.exchange();
	assert.equal(device.asked, [`GET ${PATH}`, `GET ${PATH}`]);
	notify(bench, device, "22.5");
	assert.equal(values(bench), ["22.5"]);
});

test("believes in an observation whose first answer had to be joined anew", () => {
	const bench = new Bench();
	const device = bench.register("a", ADDRESS);
	bench.prove("a");
	const { answer } = device;
	device.answer = (path, message) => {
		// Between two blocks the device forgets what it was about to send.
		if (path !== PATH) device.endpoint.handlePathChanged(bench.now);
		const payload = Buffer.alloc(2000, message.uint(Option.Observe) === undefined ? "again" : "first");
		return { code: Code.Content, contentFormat: ContentFormat.Text, payload };
	};
	bench.service.core.command(0, "a", operations.observe(PATH, undefined), 5000);
	bench.service.core.command(0, "a", operations.execute("/3/0/4", ""), 5000);
	bench.exchange();
	assert.equal(device.asked, [`GET ${PATH}`, "POST /3/0/4", `GET ${PATH}`]);
	device.answer = answer;
	notify(bench, device, "22.5");
	assert.equal(values(bench), ["22.5"]);
	assert.equal(
		bench.heard("observation").map(({ active }) => active),
		[true],
	);
});

test("does not report the first answer as a notification", () => {
	assert.equal(values(observed().bench), []);
});

test("matches a notification from a new address after the Update", () => {
	const { bench, device } = observed();
	device.address = MOVED;
	update(bench, device);
	notify(bench, device, "24.5");
	assert.equal(values(bench), ["24.5"]);
	assert.is(bench.service.core.registration("a")?.address, MOVED);
	assert.is(bench.heard("updated")[0]?.previousAddress, ADDRESS);
	assert.is(bench.service.core.endpointNameAt(ADDRESS), undefined);
});

test("does not report what was overtaken while the device moved", () => {
	const { bench, device } = observed();
	device.notify(bench.now, PATH, "22.5");
	const late = bench.hold(device);
	notify(bench, device, "23.5");
	device.address = MOVED;
	update(bench, device);
	bench.receive(MOVED, late);
	notify(bench, device, "24.5");
	assert.equal(values(bench), ["23.5", "24.5"]);
});

test("lets a notification from an address that another device has left pass in silence, too", () => {
	const { bench, device } = observed();
	const other = bench.register("b", MOVED);
	other.send(bench.now, Code.Delete, other.location);
	bench.exchange();
	other.address = "10.0.0.1:3";
	device.address = MOVED;
	notify(bench, device, "24.5");
	assert.is(device.observers.size, 1);
	update(bench, device);
	notify(bench, device, "25.5");
	assert.equal(values(bench), ["25.5"]);
});

test("lets a notification from a new address pass in silence before the Update, so that others follow", () => {
	const { bench, device } = observed();
	device.address = MOVED;
	notify(bench, device, "24.5");
	assert.is(device.observers.size, 1);
	update(bench, device);
	notify(bench, device, "25.5");
	assert.equal(values(bench), ["25.5"]);
});

test("moves again and again", () => {
	const { bench, device } = observed();
	for (let port = 2; port < 40; port++) {
		device.address = `10.0.0.1:${port}`;
		update(bench, device);
		notify(bench, device, String(port));
	}
	assert.is(values(bench).length, 38);
});

test("sends an open command again as a new message on the new path", () => {
	const { bench, device } = observed();
	device.reachable = false;
	bench.service.core.command(bench.now, "a", operations.execute("/3/0/4", ""), 60_000);
	bench.exchange();
	device.address = MOVED;
	device.reachable = true;
	update(bench, device);
	assert.is(device.asked.at(-1), "POST /3/0/4");
	assert.is(bench.heard("finished").at(-1)?.outcome.kind, "response");
});

test("takes a notification as a sign that the path is open", () => {
	const { bench, device } = observed();
	device.reachable = false;
	bench.service.core.command(bench.now, "a", operations.execute("/3/0/4", ""), 600_000);
	bench.exchange();
	bench.run(200_000);
	device.reachable = true;
	notify(bench, device, "25.5");
	assert.is(device.asked.at(-1), "POST /3/0/4");
});

test("keeps two devices apart when one gets the other's old address", () => {
	const { bench, device } = observed();
	const other = bench.addDevice(ADDRESS);
	device.reachable = false;
	other.send(bench.now, Code.Post, "/rd", ["ep=b"]);
	bench.exchange();
	device.address = MOVED;
	device.reachable = true;
	update(bench, device);
	notify(bench, device, "26.5");
	assert.equal(
		bench.heard("notified").map(({ endpointName }) => endpointName),
		["a"],
	);
	assert.equal(
		bench.service.core.registrations().map(({ endpointName, address }) => [endpointName, address]),
		[
			["a", MOVED],
			["b", ADDRESS],
		],
	);
});

test("asks nobody in the place of a device whose address another one has", () => {
	const { bench, device } = observed();
	const other = bench.addDevice(ADDRESS);
	device.reachable = false;
	other.send(bench.now, Code.Post, "/rd", ["ep=b"]);
	bench.exchange();
	bench.service.core.command(bench.now, "a", operations.read("/3/0", undefined), 5000);
	bench.exchange();
	bench.run(5000);
	assert.equal(other.asked, []);
	assert.equal(bench.heard("finished").at(-1)?.outcome, { kind: "no-answer" });
});

test("takes an open command back from an address that another device has taken over", () => {
	const { bench, device } = observed();
	device.reachable = false;
	bench.service.core.command(bench.now, "a", operations.read("/3/0", undefined), 60_000);
	bench.exchange();
	const other = bench.addDevice(ADDRESS);
	other.send(bench.now, Code.Post, "/rd", ["ep=b"]);
	bench.exchange();
	bench.run(59_000);
	assert.equal(other.asked, []);
});

test("asks for an observation again when the device registers again", () => {
	const { bench } = observed();
	const reborn = bench.register("a", MOVED);
	assert.equal(reborn.asked, [`GET ${PATH}`]);
	notify(bench, reborn, "27.5");
	assert.equal(values(bench), ["27.5"]);
});

test("observes a path anew in place of the old observation", () => {
	const { bench, device } = observed();
	bench.service.core.command(bench.now, "a", operations.observe(PATH, undefined), 5000);
	bench.exchange();
	notify(bench, device, "28.5");
	assert.equal(values(bench), ["28.5"]);
});

test("goes on with the old observation when a new one went unanswered", () => {
	const { bench, device } = observed();
	device.reachable = false;
	bench.service.core.command(bench.now, "a", operations.observe(PATH, undefined), 5000);
	bench.exchange();
	bench.run(6000);
	device.reachable = true;
	notify(bench, device, "29.5");
	assert.equal(values(bench), ["29.5"]);
});

test("forgets passively: the next notification is reset, and the device stops", () => {
	const { bench, device } = observed();
	bench.service.forget("a", PATH);
	notify(bench, device, "30.5", true);
	assert.equal(values(bench), []);
	assert.is(device.observers.size, 0);
});

test("takes notifications while an observation that is asked for again waits for the device to speak", () => {
	const { bench, device } = observed();
	device.reachable = false;
	bench.service.core.command(bench.now, "a", operations.observe(PATH, undefined), 300_000);
	bench.exchange();
	bench.run(100_000);
	device.reachable = true;
	notify(bench, device, "22.5");
	assert.equal(values(bench), ["22.5"]);
	assert.equal(device.asked.slice(1), [`GET ${PATH}`]);
});

test("forgets an observation whose cancellation went unanswered", () => {
	const { bench, device } = observed();
	device.answer = () => undefined;
	bench.service.core.command(bench.now, "a", operations.cancelObservation(PATH, undefined), 5000);
	bench.exchange();
	bench.run(6000);
	assert.is(bench.service.core.observation("a", PATH), undefined);
});

test("cancels actively with the observation's own token", () => {
	const { bench, device } = observed();
	bench.service.core.command(bench.now, "a", operations.cancelObservation(PATH, undefined), 5000);
	bench.exchange();
	assert.is(device.observers.size, 0);
	assert.is(bench.service.core.observation("a", PATH), undefined);
});

test("ends an observation that the device refuses", () => {
	const bench = new Bench();
	const device = bench.register("a", ADDRESS);
	device.answer = () => ({ code: Code.NotFound });
	bench.service.core.command(0, "a", operations.observe(PATH, undefined), 5000);
	bench.exchange();
	assert.is(bench.service.core.observation("a", PATH), undefined);
});

test("matches notifications after a restart", () => {
	const { bench, device } = observed();
	bench.restart();
	notify(bench, device, "31.5", true);
	assert.equal(values(bench), ["31.5"]);
	assert.is(device.observers.size, 1);
});

test("matches notifications after a restart and a rebinding", () => {
	const { bench, device } = observed();
	bench.restart();
	device.address = MOVED;
	update(bench, device);
	notify(bench, device, "32.5");
	assert.equal(values(bench), ["32.5"]);
});

test("asks a restored device as before", () => {
	const { bench, device } = observed();
	bench.restart();
	bench.service.core.command(bench.now, "a", operations.read("/3/0", undefined), 5000);
	bench.exchange();
	assert.is(device.asked.at(-1), "GET /3/0");
	assert.is(bench.heard("finished").at(-1)?.outcome.kind, "response");
});

test("goes on with other commands when there are more observations than the endpoint holds", () => {
	const bench = new Bench();
	const device = bench.register("a", ADDRESS);
	for (let i = 0; i < 40; i++) bench.service.core.command(0, "a", operations.observe(`/3/0/${i}`, undefined), 5000);
	bench.service.core.command(0, "a", operations.read("/3/0", undefined), 5000);
	bench.exchange();
	const refused = bench.heard("finished").filter(({ outcome }) => outcome.kind === "refused");
	assert.is(bench.heard("finished").length, 41);
	assert.is(bench.heard("observation").length, limits.observationCount);
	assert.ok(refused.length > 0);
	assert.is(device.asked.at(-1), "GET /3/0");
});

test.run();
