import type { InjectOptions } from "fastify";
import { assert, suite } from "#suite";
import { call, json, stage } from "./api-bench.js";

const test = suite("backend/api-refusals");

const REFUSALS: [title: string, options: InjectOptions, body: RegExp][] = [
	["an unknown device", { url: "/api/clients/nobody" }, /^No registered client with id 'nobody'$/],
	["a read of an unknown device", { url: "/api/clients/nobody/3/0" }, /^No registered client with id 'nobody'$/],
	["a path that is none", { url: "/api/clients/a/3/x" }, /^Invalid path: \/3\/x /],
	["a path too deep", { url: "/api/clients/a/3/0/1/2/3" }, /^Invalid path/],
	["a number too large", { url: "/api/clients/a/3/70000" }, /^Invalid path/],
	["a time-out that is none", { url: "/api/clients/a/3/0?timeout=soon" }, /timeout needs seconds/],
	["a queue without an end", { url: "/api/clients/a/3/0?queue=" }, /queue needs seconds/],
	["a time-out of nothing", { url: "/api/clients/a/3/0?timeout=0" }, /timeout needs seconds/],
	["a format that is none", { url: "/api/clients/a/3/0?format=XML" }, /no content format XML/],
	["a composite without paths", { url: "/api/clients/a/composite" }, /name the paths/],
	["a composite path that is none", { url: "/api/clients/a/composite?paths=/3,x" }, /^Invalid path: x /],
	["paths in a format without names", { url: "/api/clients/a/composite?paths=/3&pathformat=TLV" }, /cannot list/],
	["nothing to write", { method: "PUT", url: "/api/clients/a/composite", ...json({}) }, /nothing to write/],
	[
		"a write to an object",
		{ method: "PUT", url: "/api/clients/a/3303", ...json({ resources: [] }) },
		/Write needs the path of an instance/,
	],
	[
		"a write without a body",
		{ method: "PUT", url: "/api/clients/a/3303/0/5750" },
		/content type \(none\) not supported/,
	],
	[
		"a body that is no JSON",
		{ method: "PUT", url: "/api/clients/a/3303/0/5750", ...json(1), payload: "{" },
		/not a JSON object/,
	],
	[
		"a value of the wrong type",
		{ method: "PUT", url: "/api/clients/a/3303/0/5700", ...json({ id: 5700, type: "FLOAT", value: "hot" }) },
		/"value" must be a number/,
	],
	[
		"a type that is none",
		{ method: "PUT", url: "/api/clients/a/3303/0/5700", ...json({ id: 5700, type: "NUMBER", value: "1" }) },
		/"type" must be one of/,
	],
	["attributes without any", { method: "PUT", url: "/api/clients/a/3303/0/attributes" }, /name an attribute/],
	["deletion of an object", { method: "DELETE", url: "/api/clients/a/3303" }, /Delete needs the path of an instance/],
];
for (const [title, options, body] of REFUSALS) {
	test(`answers 400 in clear words to ${title}`, async () => {
		const on = stage();
		const response = await call(on, options);
		assert.is(response.statusCode, 400);
		assert.match(response.body, body);
		assert.equal(on.device.asked, []);
	});
}

const GUARDS: [title: string, token: string | undefined, headers: Record<string, string>, code: number][] = [
	["this machine's name", undefined, { host: "localhost:8080" }, 200],
	["its own page", undefined, { host: "127.0.0.1:8080", origin: "http://127.0.0.1:8080" }, 200],
	["another name (DNS rebinding)", undefined, { host: "evil.example" }, 403],
	["another site's page", undefined, { host: "127.0.0.1:8080", origin: "http://evil.example" }, 403],
	["no token where one is set", "secret", { host: "gateway.example" }, 401],
	["a wrong token", "secret", { host: "gateway.example", authorization: "Bearer secreT" }, 401],
	["the token", "secret", { host: "gateway.example", authorization: "Bearer secret" }, 200],
];
for (const [title, token, headers, code] of GUARDS) {
	test(`answers ${code} to ${title}`, async () => {
		assert.is((await call(stage(token), { url: "/api/clients", headers })).statusCode, code);
	});
}

test("answers 404 where there is no route", async () => {
	assert.is((await call(stage(), { url: "/nothing" })).statusCode, 404);
});

test.run();
