import fc from "fast-check";
import { assert, suite } from "#suite";
import { Code } from "../../firmware/coap/codes.js";
import { REACH_UNDERSTOOD } from "../../firmware/coap/reach-option.js";
import { Bench } from "./bench.js";
import { HttpError } from "./http-error.js";
import { parseLinks } from "./links.js";
import * as operations from "./operations.js";
import { plan } from "./plan.js";
import { renderEvent } from "./render.js";

const test = suite("backend/fuzz");

const PATH = "/3303/0/5700";

/** A device that is registered and observed; every datagram of it so far. */
function busy(): { readonly bench: Bench; readonly datagrams: Uint8Array[] } {
	const bench = new Bench();
	const datagrams: Uint8Array[] = [];
	bench.service.listen((event) => {
		if (event.kind === "datagram" && event.incoming) datagrams.push(event.bytes.slice());
		renderEvent(event, 0, 0);
	});
	const device = bench.register("a", "10.0.0.1:1");
	bench.service.core.command(0, "a", operations.observe(PATH, undefined), 1000);
	bench.exchange();
	device.notify(0, PATH, "22.5");
	device.reach = REACH_UNDERSTOOD;
	device.send(0, Code.Post, device.location);
	device.send(0, Code.Post, "/np", [], "12345678");
	bench.exchange();
	measure(bench, device.payloads.at(-1)!, datagrams);
	return { bench, datagrams };
}

/** Keeper bytes, a ping, and a measurement, from where no device is registered. */
function measure(bench: Bench, ticket: string, datagrams: Uint8Array[]): void {
	const say = (text: string): string => {
		const bytes = Uint8Array.from(Buffer.from(text, "hex"));
		datagrams.push(bytes);
		bench.receive("10.0.0.1:2", bytes);
		return Buffer.from(bench.spoken.at(-1)!.bytes).toString("hex");
	};
	for (const text of ["00", "25", "40001234"]) say(text);
	const nonce = say(`4102123477b26e70ff${ticket}`).slice(-8);
	assert.is(say(`4102123577b26e70ff${ticket}${nonce}000a`), "60001235");
}

function stillServes(bench: Bench): void {
	const device = bench.addDevice("10.9.9.9:9");
	device.send(bench.now, Code.Post, "/rd", ["ep=last"]);
	bench.exchange();
	assert.is(device.answers[0], Code.Created);
}

const address = fc.constantFrom("10.0.0.1:1", "10.0.0.1:2", "10.0.0.2:1");

test("survives any bytes from anywhere", () => {
	const datagrams = fc.array(fc.tuple(address, fc.uint8Array({ maxLength: 80 })), { maxLength: 40 });
	fc.assert(
		fc.property(datagrams, (all) => {
			const { bench } = busy();
			for (const [from, bytes] of all) bench.receive(from, bytes);
			bench.run(1000);
			stillServes(bench);
		}),
		{ numRuns: 200 },
	);
});

test("survives a device's own datagrams with a byte changed, in any order", () => {
	const recorded = busy().datagrams;
	const change = fc.tuple(address, fc.nat(recorded.length - 1), fc.nat(), fc.nat(255), fc.nat(300_000));
	fc.assert(
		fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
			const { bench } = busy();
			for (const [from, index, at, value, pauseMs] of changes) {
				const bytes = recorded[index]!.slice();
				bytes[at % bytes.length] = value;
				bench.receive(from, bytes);
				bench.run(pauseMs);
			}
			stillServes(bench);
		}),
		{ numRuns: 200 },
	);
});

test("plans any HTTP request, or refuses it with 400", () => {
	const { bench } = busy();
	const registration = bench.service.core.registration("a")!;
	const segment = fc.oneof(
		fc.nat(70_000).map(String),
		fc.constantFrom("observe", "discover", "attributes"),
		fc.string(),
	);
	const request = fc.record({
		method: fc.constantFrom("GET", "PUT", "POST", "DELETE"),
		path: fc.array(segment, { maxLength: 6 }).map((segments) => segments.join("/")),
		query: fc.dictionary(fc.constantFrom("format", "replace", "active", "pmin"), fc.string()),
		contentType: fc.constantFrom("", "text/plain", "application/json; charset=utf-8"),
		body: fc.oneof(fc.string(), fc.json()),
	});
	fc.assert(
		fc.property(request, (one) => {
			try {
				plan(one, registration);
			} catch (error) {
				if (!(error instanceof HttpError) || error.statusCode !== 400) throw error;
			}
		}),
		{ numRuns: 2000 },
	);
});

test("reads any text as links, or refuses it", () => {
	fc.assert(
		fc.property(fc.string({ unit: fc.constantFrom("<", ">", ";", ",", "=", '"', "\\", "/", "3", "a") }), (text) => {
			parseLinks(text);
		}),
		{ numRuns: 2000 },
	);
});

test.run();
