import type { InjectOptions } from "fastify";
import { assert, suite } from "#suite";
import { encodeText } from "../../firmware/bytes.js";
import { Code } from "../../firmware/coap/codes.js";
import { ContentFormat, Option } from "../../firmware/coap/options.js";
import { call, json, stage, UNIX_MS } from "./api-bench.js";

const test = suite("backend/api");

test("shows a registration with Leshan's members", async () => {
	const on = stage();
	const { registrationId, ...rest } = (await call(on, { url: "/api/clients/a" })).json();
	assert.match(registrationId, /^[\w-]{10}$/);
	assert.equal(rest, {
		endpoint: "a",
		registrationDate: UNIX_MS,
		lastUpdate: UNIX_MS,
		address: "10.0.0.1:1",
		lwM2mVersion: "1.2",
		lifetime: 3600,
		bindingMode: "U",
		rootPath: "/",
		objectLinks: [
			{ url: "/", attributes: { rt: '"oma.lwm2m"', ct: '"60 112 11542"' } },
			{ url: "/1/0", attributes: {} },
			{ url: "/3/0", attributes: {} },
			{ url: "/3303/0", attributes: { ver: "1.1" } },
			{ url: "/3303/1", attributes: {} },
		],
		secure: false,
		additionalRegistrationAttributes: {},
		queuemode: false,
		presence: "connected",
		availableInstances: { 1: [0], 3: [0], 3303: [0, 1] },
	});
});

test("tells what the extension Reach had to do", async () => {
	const on = stage();
	on.bench.receive("10.0.0.9:9", Uint8Array.of(0));
	on.bench.receive("10.0.0.9:9", Buffer.from("4102123477b26e70ff0102030405060708", "hex"));
	const counters = (await call(on, { url: "/api/reach" })).json();
	assert.equal([counters.strangersAnswered, counters.refused, counters.opened], [1, 1, 0]);
});

test("lists all registrations", async () => {
	const on = stage();
	on.bench.register("b", "10.0.0.1:2");
	const list = (await call(on, { url: "/api/clients" })).json();
	assert.equal(
		list.map((one: { endpoint: string }) => one.endpoint),
		["a", "b"],
	);
});

test("reads one resource", async () => {
	const response = await call(stage(), { url: "/api/clients/a/3303/0/5700" });
	assert.is(response.statusCode, 200);
	assert.equal(response.json(), {
		status: "CONTENT(205)",
		valid: true,
		success: true,
		failure: false,
		content: { kind: "singleResource", id: 5700, type: "FLOAT", value: "21.5" },
	});
});

test("shows a device's error as a failure under HTTP 200", async () => {
	const on = stage();
	on.device.answer = () => ({ code: Code.NotFound, payload: encodeText("no such thing") });
	const response = await call(on, { url: "/api/clients/a/3303/0/5700" });
	assert.is(response.statusCode, 200);
	assert.equal(response.json(), {
		status: "NOT_FOUND(404)",
		valid: true,
		success: false,
		failure: true,
		errormessage: "no such thing",
	});
});

const NODE = { kind: "singleResource", id: 5750, type: "STRING", value: "x" };
const OPERATIONS: [title: string, options: InjectOptions, asked: string, code: number, status: string][] = [
	["read", { url: "/3303/0/5700" }, "GET /3303/0/5700", Code.Content, "CONTENT(205)"],
	[
		"read with a time-out and a format",
		{ url: "/3303/0/5700?timeout=1.5&format=tlv" },
		"GET /3303/0/5700",
		Code.NotAcceptable,
		"NOT_ACCEPTABLE(406)",
	],
	["write", { method: "PUT", url: "/3303/0/5750", ...json(NODE) }, "PUT /3303/0/5750", Code.Changed, "CHANGED(204)"],
	[
		"write in part",
		{ method: "PUT", url: "/3303/0/5750?replace=false", ...json(NODE) },
		"POST /3303/0/5750",
		Code.Changed,
		"CHANGED(204)",
	],
	[
		"write an instance",
		{ method: "PUT", url: "/3303/0", ...json({ id: 0, resources: [NODE] }) },
		"PUT /3303/0",
		Code.Changed,
		"CHANGED(204)",
	],
	[
		"write attributes",
		{ method: "PUT", url: "/3303/0/5700/attributes?pmin=1&pmax=5" },
		"PUT /3303/0/5700",
		Code.Changed,
		"CHANGED(204)",
	],
	["execute", { method: "POST", url: "/3/0/4" }, "POST /3/0/4", Code.Changed, "CHANGED(204)"],
	[
		"execute with an argument",
		{ method: "POST", url: "/3/0/4", payload: "0='x'" },
		"POST /3/0/4",
		Code.Changed,
		"CHANGED(204)",
	],
	[
		"create",
		{ method: "POST", url: "/3303", ...json({ id: 2, resources: [NODE] }) },
		"POST /3303",
		Code.Created,
		"CREATED(201)",
	],
	[
		"create without a number",
		{ method: "POST", url: "/3303", ...json({ resources: [NODE] }) },
		"POST /3303",
		Code.Created,
		"CREATED(201)",
	],
	[
		"create by the URL",
		{ method: "POST", url: "/3303/2", ...json({ resources: [NODE] }) },
		"POST /3303",
		Code.Created,
		"CREATED(201)",
	],
	["delete", { method: "DELETE", url: "/3303/1" }, "DELETE /3303/1", Code.Deleted, "DELETED(202)"],
	[
		"delete, not allowed",
		{ method: "DELETE", url: "/3303/1" },
		"DELETE /3303/1",
		Code.MethodNotAllowed,
		"METHOD_NOT_ALLOWED(405)",
	],
	[
		"a composite write",
		{ method: "PUT", url: "/composite", ...json({ "/3303/0/5750": NODE }) },
		"iPATCH ",
		Code.Changed,
		"CHANGED(204)",
	],
	["observe", { method: "POST", url: "/3303/0/5700/observe" }, "GET /3303/0/5700", Code.Content, "CONTENT(205)"],
];
for (const [title, options, asked, code, status] of OPERATIONS) {
	test(`carries out ${title}: ${status}`, async () => {
		const on = stage();
		on.device.answer = () => ({
			code,
			...(code === Code.Content ? { contentFormat: ContentFormat.Text, payload: encodeText("21.5") } : {}),
		});
		const response = await call(on, { ...options, url: `/api/clients/a${String(options.url)}` });
		assert.equal(on.device.asked, [asked]);
		assert.is(response.json().status, status);
	});
}

test("writes the value in the format that the device listed", async () => {
	const on = stage();
	let payload = "";
	let format: number | undefined;
	on.device.answer = (_path, message) => {
		payload = Buffer.from(message.payload ?? []).toString("latin1");
		format = message.uint(Option.ContentFormat);
		return { code: Code.Changed };
	};
	await call(on, { method: "PUT", url: "/api/clients/a/3303/0/5750", ...json(NODE) });
	assert.is(format, ContentFormat.SenmlCbor);
	assert.ok(payload.includes("/3303/0/5750") && payload.endsWith("x"));
});

test("passes the argument of an Execute on as text", async () => {
	const on = stage();
	let argument = "";
	on.device.answer = (_path, message) => {
		argument = Buffer.from(message.payload ?? []).toString();
		return { code: Code.Changed };
	};
	const headers = { "content-type": "application/x-www-form-urlencoded" };
	await call(on, { method: "POST", url: "/api/clients/a/3/0/4", headers, payload: "5" });
	assert.is(argument, "5");
});

test("lists what Discover finds", async () => {
	const on = stage();
	on.device.answer = () => ({
		code: Code.Content,
		contentFormat: ContentFormat.LinkFormat,
		payload: encodeText("</3303/0>;pmin=10,</3303/0/5700>"),
	});
	const response = await call(on, { url: "/api/clients/a/3303/0/discover" });
	assert.equal(response.json().objectLinks, [
		{ url: "/3303/0", attributes: { pmin: "10" } },
		{ url: "/3303/0/5700", attributes: {} },
	]);
});

test("gives the place of what was created", async () => {
	const on = stage();
	on.device.answer = () => ({ code: Code.Created, locationPath: "/3303/2" });
	const response = await call(on, { method: "POST", url: "/api/clients/a/3303", ...json({ resources: [NODE] }) });
	assert.is(response.json().location, "3303/2");
});

test("cancels an observation passively and actively", async () => {
	const on = stage();
	await call(on, { method: "POST", url: "/api/clients/a/3303/0/5700/observe" });
	assert.is((await call(on, { method: "DELETE", url: "/api/clients/a/3303/0/5700/observe" })).statusCode, 200);
	assert.is(on.bench.service.core.observation("a", "/3303/0/5700"), undefined);
	await call(on, { method: "POST", url: "/api/clients/a/3303/0/5701/observe" });
	const active = await call(on, { method: "DELETE", url: "/api/clients/a/3303/0/5701/observe?active" });
	assert.is(active.json().status, "CONTENT(205)");
	const missing = await call(on, { method: "DELETE", url: "/api/clients/a/3303/0/5701/observe?active" });
	assert.is(missing.statusCode, 404);
});

test("reads, observes and cancels several paths at once", async () => {
	const on = stage();
	const payload = encodeText('[{"n":"/3303/0/5700","v":21.5}]');
	on.device.answer = () => ({ code: Code.Content, contentFormat: ContentFormat.SenmlJson, payload });
	const url = "/api/clients/a/composite";
	const paths = "?paths=/3303/0/5700,/3/0/99&pathformat=SENML_JSON&nodeformat=SENML_JSON";
	const value = { kind: "singleResource", id: 5700, type: "FLOAT", value: "21.5" };
	const content = { "/3303/0/5700": value, "/3/0/99": null };
	assert.equal((await call(on, { url: url + paths })).json().content, content);
	const observing: InjectOptions = { method: "POST", url: `${url}/observe${paths}` };
	assert.equal((await call(on, observing)).json().content, content);
	const ending: InjectOptions = { method: "DELETE", url: `${url}/observe?active&paths=/3303/0/5700,/3/0/99` };
	assert.is((await call(on, ending)).json().status, "CONTENT(205)");
	assert.is(on.device.observers.size, 0);
	assert.is((await call(on, ending)).statusCode, 404);
});

test("answers 504 when the device does not, at the time-out asked for", async () => {
	const on = stage();
	on.device.reachable = false;
	const response = await call(on, { url: "/api/clients/a/3303/0/5700?timeout=7" }, 7000);
	assert.equal([response.statusCode, response.body], [504, "Request timeout"]);
	assert.is(on.bench.now, 7000);
});

test("answers 500 to an answer that cannot be read", async () => {
	const on = stage();
	on.device.answer = () => ({ code: Code.Content, contentFormat: ContentFormat.SenmlCbor, payload: encodeText("?") });
	const response = await call(on, { url: "/api/clients/a/3303/0/5700" });
	assert.is(response.statusCode, 500);
	assert.match(response.body, /^Invalid Response: /);
});

test.run();
