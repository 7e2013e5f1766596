import { assert, suite } from "#suite";
import { encodeText } from "../../bytes.js";
import { Deliver, type DeliverFault } from "../../sms/deliver.js";

const test = suite("sms/deliver");

const CENTRE = "0791947101670000";
/** Originator +49 170 0000001, 12 digits; its time 2026-11-23 12:00:00 UTC. */
const ORIGIN = "0C91947100000010";
const TIME = "62113221000000";

interface Parts {
	readonly centre?: string;
	readonly first?: string;
	readonly origin?: string;
	readonly protocol?: string;
	readonly coding?: string;
	readonly time?: string;
	readonly length?: string;
	readonly data?: string;
}

function pdu(parts: Parts = {}): string {
	const { centre = CENTRE, first = "04", origin = ORIGIN, protocol = "00", coding = "04", time = TIME } = parts;
	const { data = "0102FF", length = (data.length / 2).toString(16).padStart(2, "0") } = parts;
	return `${centre}${first}${origin}${protocol}${coding}${time}${length}${data}`;
}

function decode(line: string, tpduLength = line.length / 2 - 8) {
	const deliver = new Deliver();
	const bytes = encodeText(line);
	const fault = deliver.decode(bytes, bytes.length, tpduLength);
	return { fault, data: [...deliver.data], identity: deliver.identity };
}

test("8-bit data in one piece", () => {
	assert.equal(decode(pdu()), { fault: undefined, data: [1, 2, 255], identity: decode(pdu()).identity });
	assert.equal(decode(pdu().toLowerCase()).data, [1, 2, 255]);
	assert.equal(decode(pdu({ data: "" })).data, []);
});

test("a PDU as a textbook has it: text, which is no data", () => {
	const line = "07917283010010F5040BC87238880900F10000993092516195800AE8329BFD4697D9EC37";
	assert.is(decode(line).fault, "not-data");
});

test("a centre without a number, and an originator with an odd number of digits", () => {
	assert.equal(decode(pdu({ centre: "00" }), pdu().length / 2 - 8).data, [1, 2, 255]);
	assert.equal(decode(pdu({ origin: "0391214300F3".slice(0, 8) })).data, [1, 2, 255]);
});

test("an originator of 20 digits, which is the longest", () => {
	assert.equal(decode(pdu({ origin: `1491${"0".repeat(20)}` })).data, [1, 2, 255]);
});

test("a header with nothing behind it", () => {
	const { fault, data } = decode(pdu({ first: "44", data: "06050416331633" }));
	assert.equal([fault, data], [undefined, []]);
});

test("140 bytes, and not one more", () => {
	assert.is(decode(pdu({ data: "AB".repeat(140) })).data.length, 140);
	assert.is(decode(pdu({ data: "AB".repeat(141) })).fault, "malformed");
});

const CODINGS: readonly [string, DeliverFault | undefined][] = [
	["04", undefined],
	["14", undefined],
	["17", undefined],
	["44", undefined],
	["F4", undefined],
	["F7", undefined],
	["00", "not-data"],
	["08", "not-data"],
	["0C", "not-data"],
	["24", "not-data"],
	["84", "not-data"],
	["C4", "not-data"],
	["F0", "not-data"],
	["FC", "not-data"],
];
for (const [coding, fault] of CODINGS)
	test(`data coding scheme ${coding}`, () => {
		assert.is(decode(pdu({ coding })).fault, fault);
	});

const PROTOCOLS: readonly [string, DeliverFault | undefined][] = [
	["00", undefined],
	["41", undefined],
	["47", undefined],
	["01", "not-data"],
	["24", "not-data"],
	["40", "not-data"],
	["48", "not-data"],
	["7F", "not-data"],
];
for (const [protocol, fault] of PROTOCOLS)
	test(`protocol identifier ${protocol}`, () => {
		assert.is(decode(pdu({ protocol })).fault, fault);
	});

const HEADERS: readonly [name: string, header: string, fault: DeliverFault | undefined, data: number[]][] = [
	["ports", "06050416331633", undefined, [0xaa]],
	["one part of one", "050003070101", undefined, [0xaa]],
	["the first part of two", "050003070201", "concatenated", [0xaa]],
	["the second part of two, with a wide reference", "06080400070202", "concatenated", [0xaa]],
	["ports and parts", "0B0504163316330003070302", "concatenated", [0xaa]],
	["no element", "00", undefined, [0xaa]],
];
for (const [name, header, fault, data] of HEADERS)
	test(`a header with ${name}`, () => {
		const decoded = decode(pdu({ first: "44", data: `${header}AA` }));
		assert.equal([decoded.fault, decoded.data], [fault, data]);
	});

const MALFORMED: readonly [string, string, number?][] = [
	["nothing", ""],
	["an odd number of digits", pdu().slice(0, -1)],
	["what is no digit", pdu({ data: "0G" })],
	["another length than was said", pdu(), pdu().length / 2 - 9],
	["a lost byte", pdu().replace("62", ""), pdu().length / 2 - 8],
	["a centre longer than all", "FF91"],
	["a status report", pdu({ first: "06" })],
	["a message that is to be sent", pdu({ first: "01" })],
	["an originator of 21 digits", pdu({ origin: `1591${"0".repeat(22)}` })],
	["a length beyond the end", pdu({ length: "04" })],
	["a length before the end", pdu({ length: "02" })],
	["a header longer than the data", pdu({ first: "44", data: "05000307" })],
	["an element longer than its header", pdu({ first: "44", data: "030003070202AA" })],
	["half an element", pdu({ first: "44", data: "0100AA" })],
	["the end in the time", `${CENTRE}04${ORIGIN}000462113221`],
];
for (const [name, line, tpduLength] of MALFORMED)
	test(`malformed: ${name}`, () => {
		assert.is(decode(line, tpduLength).fault, "malformed");
	});

test("the same message has the same identity, with more to come or not", () => {
	assert.is(decode(pdu({ first: "00" })).identity, decode(pdu({ first: "04" })).identity);
});

for (const [name, other] of [
	["content", { data: "0102FE" }],
	["time", { time: "62113221000100" }],
	["originator", { origin: "0C91947100000020" }],
] as const)
	test(`another ${name} is another identity`, () => {
		assert.is.not(decode(pdu(other)).identity, decode(pdu()).identity);
	});

test("no cut and no flipped digit of a message throws", () => {
	const line = pdu({ first: "44", data: "0B0504163316330003070302AABB" });
	for (let cut = 0; cut <= line.length; cut++) decode(line.slice(0, cut));
	for (let i = 0; i < line.length; i++)
		for (const digit of "0123456789ABCDEFx") decode(line.slice(0, i) + digit + line.slice(i + 1));
});

test.run();
