import { assert, suite } from "#suite";
import { encodeText } from "../../firmware/bytes.js";
import { Code } from "../../firmware/coap/codes.js";
import type { Message } from "../../firmware/coap/endpoint.js";
import { ContentFormat, Option } from "../../firmware/coap/options.js";
import { Path } from "../../firmware/lwm2m/path.js";
import { Bench, type BenchDevice } from "./bench.js";
import { compositeName } from "./composite.js";
import { decodeComposite, encodeChanges } from "./content.js";
import * as operations from "./operations.js";

const test = suite("backend/composite");

const PATHS = ["/3303/0/5700", "/1/0"];
const NAME = compositeName(PATHS);
const ASKED = { paths: PATHS, pathFormat: ContentFormat.SenmlJson };
const VALUES = '[{"n":"/3303/0/5700","v":21.5},{"n":"/1/0/1","v":300}]';

interface Asked {
	readonly code: number;
	readonly path: number;
	readonly contentFormat: number | undefined;
	readonly accept: number | undefined;
	readonly observe: number | undefined;
	readonly payload: string;
}

function stage(): { bench: Bench; device: BenchDevice; asked: Asked[] } {
	const bench = new Bench();
	const device = bench.register("a", "10.0.0.1:1");
	const asked: Asked[] = [];
	device.answer = (_path, message) => {
		asked.push(describe(message));
		if (message.code === Code.IPatch) return { code: Code.Changed };
		return { code: Code.Content, contentFormat: ContentFormat.SenmlJson, payload: encodeText(VALUES) };
	};
	return { bench, device, asked };
}

function describe(message: Message): Asked {
	return {
		code: message.code,
		path: message.count(Option.UriPath),
		contentFormat: message.uint(Option.ContentFormat),
		accept: message.uint(Option.Accept),
		observe: message.uint(Option.Observe),
		payload: Buffer.from(message.payload ?? []).toString(),
	};
}

function ask(bench: Bench, operation: operations.Operation): void {
	bench.service.core.command(bench.now, "a", operation, 5000);
	bench.exchange();
}

test("names its paths in the payload of a FETCH on the root", () => {
	const { bench, asked } = stage();
	ask(bench, operations.readComposite(ASKED, ContentFormat.SenmlCbor));
	assert.equal(asked, [
		{
			code: Code.Fetch,
			path: 0,
			contentFormat: ContentFormat.SenmlJson,
			accept: ContentFormat.SenmlCbor,
			observe: undefined,
			payload: '[{"n":"/3303/0/5700"},{"n":"/1/0"}]',
		},
	]);
});

test("writes by an iPATCH on the root", () => {
	const { bench, asked } = stage();
	const entry = { path: new Path().set(3306, 0, 5850, -1), type: "boolean", value: true } as const;
	const payload = encodeChanges([entry], ContentFormat.SenmlJson)!;
	ask(bench, operations.writeComposite(["/3306/0/5850"], ContentFormat.SenmlJson, payload));
	const { code, path, payload: written } = asked[0]!;
	assert.equal([code, path, written], [Code.IPatch, 0, '[{"n":"/3306/0/5850","vb":true}]']);
});

test("keeps two composite observations of one device apart", () => {
	const { bench, device } = stage();
	ask(bench, operations.observeComposite(ASKED, undefined));
	ask(bench, operations.observeComposite({ ...ASKED, paths: ["/3"] }, undefined));
	assert.ok(bench.service.core.observation("a", NAME));
	assert.ok(bench.service.core.observation("a", compositeName(["/3"])));
	device.notify(bench.now, "", VALUES, false, ContentFormat.SenmlJson);
	bench.exchange();
	assert.equal(
		bench.heard("notified").map(({ path, composite }) => [path, composite?.paths]),
		[[compositeName(["/3"]), ["/3"]]],
	);
});

test("goes on with a composite observation after a restart, and asks for it again after a Register", () => {
	const { bench, device, asked } = stage();
	ask(bench, operations.observeComposite(ASKED, undefined));
	bench.restart();
	bench.run(1000);
	device.notify(bench.now, "", VALUES, false, ContentFormat.SenmlJson);
	bench.exchange();
	assert.is(bench.heard("notified").length, 1);
	device.send(bench.now, Code.Post, "/rd", ["ep=a", "lwm2m=1.2"]);
	bench.exchange();
	assert.is(asked.length, 2);
	assert.equal(asked[1], asked[0]);
	assert.ok(bench.service.core.observation("a", NAME));
});

test("cancels with the observation's own request", () => {
	const { bench, device, asked } = stage();
	ask(bench, operations.observeComposite(ASKED, ContentFormat.SenmlJson));
	ask(bench, operations.cancel(bench.service.core.observation("a", NAME)!));
	assert.equal(asked[1], { ...asked[0]!, observe: 1 });
	assert.is(bench.service.core.observation("a", NAME), undefined);
	assert.is(device.observers.size, 0);
});

test("shows each path's own node, and null where there is no value", () => {
	const paths = ["/3303/0/5700", "/1", "/1/0/1", "/3/0/99"];
	const nodes = decodeComposite(paths, ContentFormat.SenmlJson, encodeText(VALUES));
	const lifetime = { kind: "singleResource", id: 1, type: "INTEGER", value: "300" };
	assert.equal(nodes, {
		"/3303/0/5700": { kind: "singleResource", id: 5700, type: "FLOAT", value: "21.5" },
		"/1": { kind: "obj", id: 1, instances: [{ kind: "instance", id: 0, resources: [lifetime] }] },
		"/1/0/1": lifetime,
		"/3/0/99": null,
	});
});

test.run();
