import { assert, suite } from "#suite";
import { Code } from "../../firmware/coap/codes.js";
import { ContentFormat } from "../../firmware/coap/options.js";
import { Bench } from "./bench.js";
import * as operations from "./operations.js";
import { renderEvent, renderStatus } from "./render.js";
import type { ServiceEvent } from "./service.js";

const test = suite("backend/render");

const PATH = "/3303/0/5700";

/** All events of a small life as the API names them. */
function life(): { name: string; data: Record<string, unknown>; onRequest: boolean }[] {
	const bench = new Bench();
	const events: { name: string; data: Record<string, unknown>; onRequest: boolean }[] = [];
	bench.service.listen((event: ServiceEvent) => {
		const rendered = renderEvent(event, 1000, 5);
		if (rendered === undefined) return;
		const { name, onRequest } = rendered;
		events.push({ name, onRequest, data: rendered.data as Record<string, unknown> });
	});
	const device = bench.register("a", "10.0.0.1:1");
	bench.service.core.command(0, "a", operations.observe(PATH, undefined), 1000);
	bench.exchange();
	device.notify(0, PATH, "22.5");
	bench.exchange();
	device.address = "10.0.0.1:2";
	device.send(0, Code.Post, device.location, ["lt=60"]);
	bench.exchange();
	device.send(0, Code.Delete, device.location);
	bench.exchange();
	return events;
}

test("names the events of a device's life as Leshan does", () => {
	const names = life().map(({ name }) => name);
	assert.equal(
		names.filter((name) => name !== "COAPLOG"),
		["REGISTRATION", "NOTIFICATION", "UPDATED", "DEREGISTRATION"],
	);
});

test("marks the CoAP log as for those only who ask for the device", () => {
	for (const { name, onRequest } of life()) assert.is(onRequest, name === "COAPLOG");
});

test("gives a notification its device, path and value", () => {
	const notification = life().find(({ name }) => name === "NOTIFICATION");
	assert.equal(notification?.data, {
		ep: "a",
		kind: "single",
		res: PATH,
		val: { kind: "singleResource", id: 5700, type: "FLOAT", value: "22.5" },
	});
});

test("tells with an Update what was said, and that a move is unauthenticated", () => {
	const { registration, update } = life().find(({ name }) => name === "UPDATED")!.data as Record<
		string,
		Record<string, unknown>
	>;
	assert.equal([registration!.address, registration!.lifetime], ["10.0.0.1:2", 60]);
	assert.equal([update!.lifetime, update!.previousAddress, update!.authenticated], [60, "10.0.0.1:1", false]);
});

test("decodes messages for the CoAP log", () => {
	const logs = life().filter(({ name }) => name === "COAPLOG");
	const register = logs[0]!.data;
	assert.equal(
		[register.ep, register.timestamp, register.incoming, register.type, register.code],
		["a", 5, true, "CON", "POST"],
	);
	assert.match(String(register.options), /Uri-Path: "rd" - Content-Format: 40 - Uri-Query: "ep=a", "lt=3600"/);
	assert.match(String(register.payload), /^<\/>;rt="oma\.lwm2m"/);
	assert.equal([logs[1]!.data.incoming, logs[1]!.data.type, logs[1]!.data.code], [false, "ACK", "2.01"]);
});

const STATUSES: [code: number, status: string][] = [
	[Code.Content, "CONTENT(205)"],
	[Code.MethodNotAllowed, "METHOD_NOT_ALLOWED(405)"],
	[Code.UnsupportedContentFormat, "UNSUPPORTED_CONTENT_FORMAT(415)"],
	[Code.InternalServerError, "INTERNAL_SERVER_ERROR(500)"],
	[0xbf, "UNKNOWN(531)"],
];
for (const [code, status] of STATUSES) {
	test(`writes ${code.toString(16)} as ${status}`, () => assert.is(renderStatus(code), status));
}

test("a notification of several times shows the newest state, and all of them with Unix times", () => {
	const payload = Buffer.from('[{"bn":"/3303/0/5700","bt":-60,"v":20},{"bt":1700000099,"v":21},{"bt":0,"v":22}]');
	const told = { kind: "notified", endpointName: "a", path: PATH, composite: undefined, payload } as const;
	const data = renderEvent({ ...told, contentFormat: ContentFormat.SenmlJson }, 0, 1_700_000_100_000)?.data as {
		readonly val: { readonly value: string };
		readonly history: readonly { readonly time: number; readonly val: { readonly value: string } }[];
	};
	assert.is(data.val.value, "22");
	assert.equal(
		data.history.map(({ time, val }) => [time, val.value]),
		[
			[1_700_000_040, "20"],
			[1_700_000_099, "21"],
			[1_700_000_100, "22"],
		],
	);
});

test.run();
