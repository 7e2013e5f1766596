// Valid messages of a server to the device of target.ts: together they reach every option, format and operation.

import { encodeText } from "../../bytes.js";
import { Code } from "../../coap/codes.js";
import { ContentFormat, Option } from "../../coap/options.js";
import type { Operation } from "../../lwm2m/events.js";
import { encoderFor } from "../../lwm2m/formats/codec.js";
import type { Value, ValueType } from "../../lwm2m/formats/format.js";
import { changesEncoderFor, encodePaths } from "../../lwm2m/formats/paths.js";
import { parsePath } from "../../lwm2m/path.js";
import { message, type OptionValue, type Parts } from "./message.js";

/** One valid message, what it asks for, and the code of the answer; 0 for no answer, or an Empty one. */
export interface Sample {
	readonly name: string;
	/** Undefined where the message never becomes a request to the model. */
	readonly operation: Operation | undefined;
	readonly code: number;
	/** Content formats that it speaks of: its own, and what it accepts. */
	readonly formats: readonly number[];
	readonly bytes: Uint8Array;
}

type Row = readonly [path: string, type: ValueType, value: Value];

const { Text, LinkFormat, Opaque, Cbor, SenmlJson, SenmlCbor, SenmlEtchJson, SenmlEtchCbor, Tlv, LwM2mCbor } =
	ContentFormat;
const READABLE: readonly number[] = [Text, Opaque, Cbor, SenmlJson, SenmlCbor, Tlv, LwM2mCbor];
const MANY: readonly number[] = [SenmlJson, SenmlCbor, Tlv, LwM2mCbor];
const PATHS: readonly number[] = [SenmlJson, SenmlCbor, SenmlEtchJson, SenmlEtchCbor];
const CHANGES: readonly number[] = [...PATHS, LwM2mCbor];

/** Values as a payload. */
function values(contentFormat: number, base: string, rows: readonly Row[]): Uint8Array {
	const encoder = encoderFor(contentFormat, new Uint8Array(512), parsePath(base)!)!;
	for (const [path, type, value] of rows) encoder.add(parsePath(path)!, type, value);
	return encoder.finish()!;
}

function changes(contentFormat: number): Uint8Array {
	const encoder = changesEncoderFor(contentFormat, new Uint8Array(512))!;
	encoder.add(parsePath("/42/0/5")!, "string", "changed");
	encoder.add(parsePath("/3306/0/5851")!, "integer", 40);
	return encoder.finish()!;
}

function paths(contentFormat: number): Uint8Array {
	return encodePaths(contentFormat, [parsePath("/3/0/0")!, parsePath("/3303/0/5700")!], new Uint8Array(256))!;
}

const samples: Sample[] = [];

function add(
	name: string,
	operation: Operation | undefined,
	code: number,
	parts: Parts,
	formats: readonly number[] = [],
): void {
	const messageId = 0x2000 + samples.length;
	const bytes = message({ messageId, token: "c0ffee", ...parts });
	samples.push({ name, operation, code, formats, bytes });
}

/** A request that carries a payload of a content format. */
function content(
	name: string,
	operation: Operation,
	answer: number,
	[code, path]: readonly [number, string],
	contentFormat: number,
	payload: Uint8Array,
	more: readonly OptionValue[] = [],
): void {
	const options: OptionValue[] = [[Option.ContentFormat, contentFormat], ...more];
	add(name, operation, answer, { code, path, options, payload }, [contentFormat]);
}

for (const accept of READABLE) {
	const path = accept === Opaque ? "/42/0/2" : "/3303/0/5700";
	const options: OptionValue[] = [[Option.Accept, accept]];
	add(`read as ${accept}`, "read", Code.Content, { code: Code.Get, path, options }, [accept]);
}
for (const accept of MANY) {
	const options: OptionValue[] = [[Option.Accept, accept]];
	add(`read an instance as ${accept}`, "read", Code.Content, { code: Code.Get, path: "/3/0", options }, [accept]);
	add(`read an object as ${accept}`, "read", Code.Content, { code: Code.Get, path: "/3306", options }, [accept]);
}
for (const path of ["/42", "/42/0", "/42/0/3"])
	add(
		`discover ${path}`,
		"discover",
		Code.Content,
		{
			code: Code.Get,
			path,
			options: [
				[Option.Accept, LinkFormat],
				[Option.UriQuery, "depth=3"],
			],
		},
		[LinkFormat],
	);
for (const path of ["/3303/0/5700", "/3303/0", "/42/0/3/1"])
	for (const observe of [0, 1])
		add(`${observe === 0 ? "observe" : "cancel"} ${path}`, observe === 0 ? "observe" : "cancel", Code.Content, {
			code: Code.Get,
			path,
			options: [
				[Option.Observe, observe],
				...(observe === 0 && path === "/3303/0/5700"
					? ([
							[Option.UriQuery, "pmin=1"],
							[Option.UriQuery, "gt=30"],
						] as const)
					: []),
			],
		});
add("write attributes", "write-attributes", Code.Changed, {
	code: Code.Put,
	path: "/3303/0/5700",
	options: ["pmin=2", "pmax=60", "gt=25.5", "lt=-3", "st=0.5", "con=1"].map((text) => [Option.UriQuery, text] as const),
});

const SINGLES: readonly (readonly [string, ValueType, Value])[] = [
	["/42/0/5", "string", "written"],
	["/42/0/7", "unsigned", 17],
	["/42/0/4", "objectLink", "3303:0"],
	["/3306/0/5850", "boolean", true],
];
for (const contentFormat of READABLE)
	for (const row of contentFormat === Opaque ? [["/42/0/2", "opaque", new Uint8Array(3)] as const] : SINGLES) {
		const payload = values(contentFormat, row[0], [row]);
		content(`write ${row[0]} as ${contentFormat}`, "write", Code.Changed, [Code.Put, row[0]], contentFormat, payload);
	}
for (const contentFormat of MANY) {
	const rows: Row[] = [
		["/42/0/2", "opaque", new Uint8Array([1, 2])],
		["/42/0/3/0", "integer", 3],
		["/42/0/3/2", "integer", 4],
		["/42/0/5", "string", "whole"],
		["/42/0/7", "unsigned", 5],
	];
	const payload = values(contentFormat, "/42/0", rows);
	for (const code of [Code.Put, Code.Post])
		content(
			`write /42/0 by ${code} as ${contentFormat}`,
			"write",
			Code.Changed,
			[code, "/42/0"],
			contentFormat,
			payload,
		);
	const created = values(contentFormat, "/42", [["/42/5/5", "string", "new"]]);
	content(`create as ${contentFormat}`, "create", Code.Created, [Code.Post, "/42"], contentFormat, created);
	add(`delete what was created as ${contentFormat}`, "delete", Code.Deleted, { code: Code.Delete, path: "/42/5" });
}
content(
	"add a resource instance",
	"write",
	Code.Changed,
	[Code.Post, "/42/0/3"],
	Tlv,
	values(Tlv, "/42/0/3", [["/42/0/3/1", "integer", 9]]),
);
add("delete a resource instance", "delete", Code.Deleted, { code: Code.Delete, path: "/42/0/3/1" });
add("execute", "execute", Code.Changed, { code: Code.Post, path: "/42/0/6", payload: encodeText("0='a',1") });
add("trigger an Update", "execute", Code.Changed, { code: Code.Post, path: "/1/0/8" });
add("reset errors", "execute", Code.Changed, { code: Code.Post, path: "/3/0/12" });
for (const contentFormat of PATHS) {
	const payload = paths(contentFormat);
	content(`fetch by ${contentFormat}`, "read-composite", Code.Content, [Code.Fetch, ""], contentFormat, payload, [
		[Option.Accept, SenmlCbor],
	]);
	for (const observe of [0, 1])
		content(
			`${observe === 0 ? "observe" : "cancel"} by ${contentFormat}`,
			observe === 0 ? "observe-composite" : "cancel-composite",
			Code.Content,
			[Code.Fetch, ""],
			contentFormat,
			payload,
			[
				[Option.Observe, observe],
				[Option.Accept, LwM2mCbor],
			],
		);
}
for (const contentFormat of CHANGES)
	content(
		`change by ${contentFormat}`,
		"write-composite",
		Code.Changed,
		[Code.IPatch, ""],
		contentFormat,
		changes(contentFormat),
	);

const SMALL_BLOCK = 0;
const read: Parts = { code: Code.Get, path: "/3303/0/5700" };
const optional: readonly (readonly [string, number, readonly OptionValue[]])[] = [
	["If-Match", 0x8c, [[Option.IfMatch, new Uint8Array([1, 2])]]],
	[
		"Uri-Host and Uri-Port",
		Code.Content,
		[
			[Option.UriHost, "host"],
			[Option.UriPort, 5683],
		],
	], // prettier
	["ETag", Code.Content, [[Option.ETag, new Uint8Array([9, 8, 7])]]],
	["If-None-Match", 0x8c, [[Option.IfNoneMatch, new Uint8Array(0)]]],
	["Hop-Limit", Code.Content, [[Option.HopLimit, 5]]],
	["Block2", Code.Content, [[Option.Block2, SMALL_BLOCK]]],
	["Size2", Code.Content, [[Option.Size2, 0]]],
	["No-Response", 0, [[Option.NoResponse, 26]]],
	["Request-Tag", Code.Content, [[Option.RequestTag, new Uint8Array([4])]]],
	["Echo", Code.Content, [[Option.Echo, new Uint8Array([5, 6, 7, 8])]]],
	["Reach", Code.Content, [[Option.Reach, new Uint8Array([0x3f, 1, 0x2c, 5, 0, 60])]]],
	["Proxy-Uri", 0xa5, [[Option.ProxyUri, "coap://a/b"]]],
	["Proxy-Scheme", 0xa5, [[Option.ProxyScheme, "coap"]]],
	["OSCORE", Code.BadOption, [[Option.Oscore, new Uint8Array([9, 0])]]],
	["Location-Path", Code.Content, [[Option.LocationPath, "a"]]],
	["Location-Query", Code.Content, [[Option.LocationQuery, "a=b"]]],
	["Max-Age", Code.Content, [[Option.MaxAge, 60]]],
];
for (const [name, code, options] of optional)
	add(`a read with ${name}`, code === Code.Content || name === "No-Response" ? "read" : undefined, code, {
		...read,
		options,
	});
for (const [number, code] of [
	[0, Code.Continue],
	[1, Code.Changed],
] as const)
	add(
		`block ${number} of a write`,
		code === Code.Changed ? "write" : undefined,
		code,
		{
			code: Code.Put,
			path: "/42/0/5",
			options: [
				[Option.ContentFormat, Text],
				[Option.Block1, (number << 4) | (number === 0 ? 8 : 0)],
				[Option.Size1, 20],
			],
			payload: encodeText(number === 0 ? "sixteen letters." : "four"),
		},
		[Text],
	);
for (const number of [0, 1]) {
	const options: OptionValue[] = [[Option.Block2, (number << 4) | 6]];
	// The second one comes from what the endpoint keeps, not from the model.
	const operation = number === 0 ? "read" : undefined;
	add(`block ${number} of a long value`, operation, Code.Content, { code: Code.Get, path: "/3303/1/5750", options });
}
add("a non-confirmable read", "read", Code.Content, { ...read, type: "NON" });
content("write the lifetime", "write", Code.Changed, [Code.Put, "/1/0/1"], Text, encodeText("3600"));
content("write the time", "write", Code.Changed, [Code.Put, "/3/0/13"], Text, encodeText("1700000000"));
add("a ping", undefined, 0, { code: Code.Empty, token: "" });
add("an Empty acknowledgement", undefined, 0, { code: Code.Empty, token: "", type: "ACK" });
add("a Reset", undefined, 0, { code: Code.Empty, token: "", type: "RST" });
add("an answer to nothing", undefined, 0, {
	code: Code.Changed,
	type: "NON",
	options: [[Option.LocationPath, "rd"]],
});

add("disable", "execute", Code.Changed, { code: Code.Post, path: "/1/0/4" });

/** In an order in which each one finds what it needs. */
export const corpus: readonly Sample[] = Object.freeze(samples);
