import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, suite } from "#suite";
import { Code } from "../../firmware/coap/codes.js";
import { createApi } from "./api.js";
import { call, json, type Stage, UNIX_MS } from "./api-bench.js";
import { Bench, OBJECT_LIST } from "./bench.js";
import { type OutgoingSms, type SmsCentre, smsCentreAt } from "./sms-centre.js";

const test = suite("backend/trigger");

const SMS = { url: "/api/clients/a/trigger", method: "POST" } as const;

/** An API whose back end has one device, and an SMS centre that keeps all messages. */
function stage(smsNumber = "+491700000001", centre?: SmsCentre | null) {
	const bench = new Bench();
	const device = bench.register("a", "10.0.0.1:1");
	device.send(
		0,
		Code.Post,
		"/rd",
		["ep=a", "lwm2m=1.2", ...(smsNumber === "" ? [] : [`sms=${smsNumber}`])],
		OBJECT_LIST,
	);
	bench.exchange();
	const sent: OutgoingSms[] = [];
	const keeping: SmsCentre = { submit: async (sms) => void sent.push(sms) };
	const smsCentre = centre === null ? undefined : (centre ?? keeping);
	const api = createApi({ service: bench.service, offsetMs: UNIX_MS, token: undefined, smsCentre });
	const on: Stage = { bench, device, api };
	return { on, sent };
}

test("a trigger for the number that the device registered with: a NON POST of /1/0/8, and nothing else", async () => {
	const { on, sent } = stage();
	const response = await call(on, SMS);
	assert.equal(response.json(), { to: "+491700000001", bytes: 10, secure: false });
	const [{ to, data }] = sent as [OutgoingSms];
	assert.is(to, "+491700000001");
	assert.is(
		Buffer.from(data)
			.toString("hex")
			.replace(/^5002..../, "5002-id-"),
		"5002-id-b13101300138",
	);
});

test("another number and another instance, by the caller's wish", async () => {
	const { on, sent } = stage("");
	const response = await call(on, { ...SMS, ...json({ number: "+331234567", instance: 12 }) });
	assert.equal(response.json().to, "+331234567");
	assert.match(Buffer.from(sent[0]!.data).toString("hex"), /b1310231320138$/);
});

test("a device whose registration has ended is woken, too, where its number is known", async () => {
	const { on, sent } = stage();
	const response = await call(on, { ...SMS, url: "/api/clients/gone/trigger", ...json({ number: "+331234567" }) });
	assert.is(response.statusCode, 200);
	assert.is(sent.length, 1);
});

test("another trigger within a minute is refused, one that could not be sent is not counted", async () => {
	let fails = true;
	const centre: SmsCentre = {
		submit: async () => {
			if (fails) throw new Error("The SMS centre refused the message (402)");
		},
	};
	const { on } = stage(undefined, centre);
	const failed = await call(on, SMS);
	assert.equal([failed.statusCode, failed.body], [502, "The SMS centre refused the message (402)"]);
	fails = false;
	assert.is((await call(on, SMS)).statusCode, 200);
	const second = await call(on, SMS);
	assert.is(second.statusCode, 429);
	assert.match(second.body, /try again in \d+ s$/);
});

const REFUSED: readonly [name: string, options: object, sentence: RegExp][] = [
	["nobody knows it", { url: "/api/clients/b/trigger" }, /^No registered client with id 'b'$/],
	["its number is none", json({ number: "0170 1" }), /^0170 1 is no number for SMS/],
	["its number is no text", json({ number: 7 }), /number is a text$/],
	["its instance is none", json({ instance: -1 }), /instance is a whole number$/],
	["its body is no object", { headers: { "content-type": "application/json" }, payload: "7" }, /not a JSON object$/],
];
for (const [name, options, sentence] of REFUSED)
	test(`refused where ${name}`, async () => {
		const { on, sent } = stage();
		const response = await call(on, { ...SMS, ...options });
		assert.is(response.statusCode, 400);
		assert.match(response.body, sentence);
		assert.equal(sent, []);
	});

test("refused for a device without a number, and by a back end without a centre", async () => {
	assert.match((await call(stage("").on, SMS)).body, /^a has registered without a number for SMS/);
	assert.match((await call(stage(undefined, null).on, SMS)).body, /^This back end has no way to an SMS centre/);
});

test("a file gets one line a message", async () => {
	const folder = mkdtempSync(join(tmpdir(), "pinhole-sms-"));
	try {
		const centre = smsCentreAt(join(folder, "sms.ndjson"));
		await centre.submit({ to: "+331", data: Uint8Array.of(1, 255) });
		await centre.submit({ to: "+332", data: Uint8Array.of(2) });
		assert.equal(readFileSync(join(folder, "sms.ndjson"), "utf8").split("\n"), [
			'{"to":"+331","coding":"8bit","data":"01ff"}',
			'{"to":"+332","coding":"8bit","data":"02"}',
			"",
		]);
		const missing = await smsCentreAt(join(folder, "missing", "sms"))
			.submit({ to: "+331", data: Uint8Array.of(1) })
			.catch(String);
		assert.is(missing, "Error: The SMS centre's file cannot be written (ENOENT)");
	} finally {
		rmSync(folder, { recursive: true });
	}
});

test("a web hook gets a POST a message, and its refusal is one sentence", async () => {
	const bodies: string[] = [];
	const server = createServer((request, response) => {
		request.on("data", (piece) => bodies.push(String(piece)));
		request.on("end", () => response.writeHead(request.url === "/no" ? 402 : 202).end());
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	const sms = { to: "+331", data: Uint8Array.of(7) };
	await smsCentreAt(`${url}/yes`).submit(sms);
	assert.equal(bodies, ['{"to":"+331","coding":"8bit","data":"07"}']);
	assert.is(
		await smsCentreAt(`${url}/no`).submit(sms).catch(String),
		"Error: The SMS centre refused the message (402)",
	);
	server.close();
	server.closeAllConnections();
	assert.match(
		await smsCentreAt(url).submit(sms).then(String, String),
		/^Error: The SMS centre does not answer \(.+\)$/,
	);
});

test.run();
