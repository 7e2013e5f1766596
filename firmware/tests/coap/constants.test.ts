import { assert, suite } from "#suite";
import { Code, codeClass, codeText, isRequest, isResponse, isSuccess } from "../../coap/codes.js";
import {
	ACK_DELAY,
	ACK_TIMEOUT,
	EXCHANGE_LIFETIME,
	MAX_LATENCY,
	MAX_RTT,
	MAX_TRANSMIT_SPAN,
	MAX_TRANSMIT_WAIT,
	NON_LIFETIME,
	PROCESSING_DELAY,
} from "../../coap/constants.js";
import { isCritical, isNoCacheKey, isUnsafe, OPTIONS, Option, optionRow } from "../../coap/options.js";

const test = suite("coap/constants");

const DERIVED: readonly (readonly [name: string, milliseconds: number, seconds: number])[] = [
	["MAX_TRANSMIT_SPAN", MAX_TRANSMIT_SPAN, 45],
	["MAX_TRANSMIT_WAIT", MAX_TRANSMIT_WAIT, 93],
	["MAX_LATENCY", MAX_LATENCY, 100],
	["PROCESSING_DELAY", PROCESSING_DELAY, 2],
	["MAX_RTT", MAX_RTT, 202],
	["EXCHANGE_LIFETIME", EXCHANGE_LIFETIME, 247],
	["NON_LIFETIME", NON_LIFETIME, 145],
];

for (const [name, milliseconds, seconds] of DERIVED) {
	test(`${name} is ${seconds} s, as the table of RFC 7252, 4.8.2 says`, () => assert.is(milliseconds, seconds * 1000));
}

test("the Empty ACK leaves before the peer can retransmit", () => {
	assert.ok(ACK_DELAY < ACK_TIMEOUT);
});

const CODES: readonly (readonly [code: number, text: string])[] = [
	[Code.Empty, "0.00 Empty"],
	[Code.Get, "0.01 GET"],
	[Code.IPatch, "0.07 iPATCH"],
	[Code.Created, "2.01 Created"],
	[Code.Content, "2.05 Content"],
	[Code.Continue, "2.31 Continue"],
	[Code.BadRequest, "4.00 Bad Request"],
	[Code.NotFound, "4.04 Not Found"],
	[Code.Fetch, "0.05 FETCH"],
	[Code.Patch, "0.06 PATCH"],
	[Code.Conflict, "4.09 Conflict"],
	[Code.UnprocessableEntity, "4.22 Unprocessable Entity"],
	[Code.PreconditionFailed, "4.12 Precondition Failed"],
	[Code.TooManyRequests, "4.29 Too Many Requests"],
	[Code.InternalServerError, "5.00 Internal Server Error"],
	[Code.ProxyingNotSupported, "5.05 Proxying Not Supported"],
	[0x7f, "3.31"],
	[0xe1, "7.01"],
];

for (const [code, text] of CODES) {
	test(`code ${code} is "${text}"`, () => assert.is(codeText(code), text));
}

test("every code has a name", () => {
	for (const [name, code] of Object.entries(Code)) assert.match(codeText(code), / /, name);
});

const KINDS: readonly (readonly [code: number, request: boolean, response: boolean, success: boolean])[] = [
	[0x00, false, false, false],
	[0x01, true, false, false],
	[0x1f, true, false, false],
	[0x20, false, false, false],
	[0x40, false, true, true],
	[0x60, false, false, false],
	[0x84, false, true, false],
	[0xa3, false, true, false],
	[0xc0, false, false, false],
	[0xe1, false, false, false],
];

for (const [code, request, response, success] of KINDS) {
	test(`${codeText(code)} is ${request ? "a request" : response ? "a response" : "neither"}`, () => {
		assert.equal([isRequest(code), isResponse(code), isSuccess(code)], [request, response, success]);
		assert.is(codeClass(code), Number(codeText(code)[0]));
	});
}

test("the option table is in ascending order, without repetition", () => {
	for (let i = 1; i < OPTIONS.length; i++) assert.ok(OPTIONS[i]!.number > OPTIONS[i - 1]!.number, OPTIONS[i]!.name);
});

test("every option that has a name in the code has a row, found by its number", () => {
	for (const [name, number] of Object.entries(Option)) {
		assert.is(optionRow(number)?.name.replaceAll("-", "").toLowerCase(), name.toLowerCase());
	}
});

const PROPERTIES: readonly (readonly [number: number, rules: string])[] = [
	[Option.IfMatch, "critical"],
	[Option.UriHost, "critical unsafe"],
	[Option.ETag, ""],
	[Option.IfNoneMatch, "critical"],
	[Option.Observe, "unsafe"],
	[Option.UriPort, "critical unsafe"],
	[Option.LocationPath, ""],
	[Option.Oscore, "critical"],
	[Option.UriPath, "critical unsafe"],
	[Option.ContentFormat, ""],
	[Option.MaxAge, "unsafe"],
	[Option.UriQuery, "critical unsafe"],
	[Option.HopLimit, ""],
	[Option.Accept, "critical"],
	[Option.LocationQuery, ""],
	[Option.Block2, "critical unsafe"],
	[Option.Block1, "critical unsafe"],
	[Option.Size2, "no-cache-key"],
	[Option.ProxyUri, "critical unsafe"],
	[Option.ProxyScheme, "critical unsafe"],
	[Option.Size1, "no-cache-key"],
	[Option.Echo, "no-cache-key"],
	[Option.NoResponse, "unsafe"],
	[Option.RequestTag, ""],
	[Option.Reach, "no-cache-key"],
];

for (const [number, rules] of PROPERTIES) {
	test(`${optionRow(number)!.name} is ${rules === "" ? "elective" : rules} (RFC 7252, 5.4.6)`, () => {
		const found = [];
		if (isCritical(number)) found.push("critical");
		if (isUnsafe(number)) found.push("unsafe");
		if (isNoCacheKey(number)) found.push("no-cache-key");
		assert.is(found.join(" "), rules);
	});
}

test("the rules of every option are tested", () => {
	assert.equal(
		PROPERTIES.map(([number]) => number),
		OPTIONS.map(({ number }) => number),
	);
});

test.run();
