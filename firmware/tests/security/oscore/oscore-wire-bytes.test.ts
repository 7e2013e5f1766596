// What each message of LwM2M costs on the wire, plain and under OSCORE: IPv4 and UDP, tokens of 2 bytes, an endpoint
// name of 28 characters, 8 objects, a kid of 1 byte and a Partial IV of 2. The numbers are those of the budget that
// the protocol was chosen by.

import { assert, suite } from "#suite";
import { addServerAccount } from "../../../agent/server-account.js";
import { Code, isRequest } from "../../../coap/codes.js";
import { Encoder } from "../../../coap/encoder.js";
import type { Endpoint, Request } from "../../../coap/endpoint.js";
import { ContentFormat, Option } from "../../../coap/options.js";
import { encodeReach, ReachFlag } from "../../../coap/reach-option.js";
import { TokenBearer } from "../../../coap/token.js";
import { limits } from "../../../limits.js";
import { Model } from "../../../lwm2m/model.js";
import { Actuation } from "../../../lwm2m/objects/actuation.js";
import { ConnectivityMonitoring } from "../../../lwm2m/objects/connectivity-monitoring.js";
import { ConnectivityStatistics } from "../../../lwm2m/objects/connectivity-statistics.js";
import { Device } from "../../../lwm2m/objects/device.js";
import { DigitalInput } from "../../../lwm2m/objects/digital-input.js";
import { Pressure } from "../../../lwm2m/objects/pressure.js";
import { Temperature } from "../../../lwm2m/objects/temperature.js";
import { Registration } from "../../../lwm2m/registration.js";
import { Oscore } from "../../../security/oscore/oscore.js";
import { FixedRandom } from "../../random.js";
import { contextOf, EXAMPLES, mirrored, optionsOf } from "./bench.js";

const test = suite("security/oscore/oscore-wire-bytes");

const IPV4_UDP = 28;
/** The first Partial IV of two bytes. */
const TWO_BYTES = 256;
const FLOAT = new Uint8Array(5);
const BLOCK = new Uint8Array(1024);
/** Ten characters, as Leshan's. */
const REGISTRATION = "rd/5a3f0c9e1b";

type Write = (encoder: Encoder) => void;
type Row = readonly [name: string, bytes: Uint8Array, plain: number, secured: number, isNotification?: boolean];

function message(type: "CON" | "NON" | "ACK", code: number, write: Write = () => {}): Uint8Array {
	const bytes = new Uint8Array(limits.messageLength);
	const token = new TokenBearer();
	token.token = "0001";
	const encoder = new Encoder();
	encoder.target(bytes);
	encoder.begin(type, code, 0x1234, token);
	write(encoder);
	return bytes.slice(0, encoder.end);
}

const request = (code: number, path: string, write: Write = () => {}): Uint8Array =>
	message("CON", code, (encoder) => {
		encoder.segments(Option.UriPath, path);
		write(encoder);
	});
const answer = (code: number, write?: Write): Uint8Array => message("ACK", code, write);

function payload(format: number, bytes: Uint8Array): Write {
	return (encoder) => {
		encoder.uint(Option.ContentFormat, format);
		encoder.payload(bytes);
	};
}

function reach(flags: number): Write {
	return (encoder) =>
		encoder.option(Option.Reach, encodeReach({ flags, lostSeconds: 300, lostCount: 5, heardCount: 60 })!);
}

const ROWS: readonly Row[] = [
	["2.01 + Location", answer(Code.Created, (to) => to.segments(Option.LocationPath, REGISTRATION)), 48, 59],
	["Update", request(Code.Post, REGISTRATION), 48, 63],
	["2.04", answer(Code.Changed), 34, 45],
	["2.04 with Reach: moved", answer(Code.Changed, reach(ReachFlag.Moved)), 38, 49],
	["2.04 with Reach: heard", answer(Code.Changed, reach(ReachFlag.Heard)), 40, 51],
	["2.04 with Reach: lost", answer(Code.Changed, reach(ReachFlag.Lost)), 41, 52],
	["Read", request(Code.Get, "3303/0/5700", (to) => to.uint(Option.Accept, ContentFormat.Cbor)), 48, 63],
	["2.05 CBOR", answer(Code.Content, payload(ContentFormat.Cbor, FLOAT)), 42, 53],
	["Write", request(Code.Put, "3311/0/5850", payload(ContentFormat.Cbor, new Uint8Array(1))), 50, 65],
	["Execute", request(Code.Post, "3/0/4"), 40, 55],
	[
		"Notify",
		message("NON", Code.Content, (to) => {
			to.fixed(Option.Observe, 0x1234, 2);
			payload(ContentFormat.Cbor, FLOAT)(to);
		}),
		45,
		60,
		true,
	],
	["Send SenML-CBOR", request(Code.Post, "dp", payload(ContentFormat.SenmlCbor, new Uint8Array(22))), 62, 77],
	["Send LwM2M-CBOR", request(Code.Post, "dp", payload(ContentFormat.LwM2mCbor, new Uint8Array(14))), 55, 70],
	["Block2 request", request(Code.Get, "img", (to) => to.fixed(Option.Block2, 0x1006, 2)), 41, 56],
	[
		"Block2 2.05",
		answer(Code.Content, (to) => {
			to.fixed(Option.Block2, 0x1e, 1);
			to.payload(BLOCK);
		}),
		1062,
		1073,
	],
	[
		"Block1 PUT",
		request(Code.Put, "5/0/0", (to) => {
			to.uint(Option.ContentFormat, ContentFormat.Opaque);
			to.fixed(Option.Block1, 0x1e, 1);
			to.payload(BLOCK);
		}),
		1070,
		1085,
	],
	["Block1 2.31", answer(Code.Continue, (to) => to.fixed(Option.Block1, 0x1e, 1)), 37, 48],
];

/** Requests and their answers; both ways together. */
const EXCHANGES: readonly (readonly [name: string, request: string, answer: string, plain: number, secured: number])[] =
	[
		["Update", "Update", "2.04", 82, 108],
		["Read", "Read", "2.05 CBOR", 90, 116],
		["Write", "Write", "2.04", 84, 110],
		["Execute", "Execute", "2.04", 74, 100],
		["Send SenML-CBOR", "Send SenML-CBOR", "2.04", 96, 122],
		["Send LwM2M-CBOR", "Send LwM2M-CBOR", "2.04", 89, 115],
		["1 KB by Block2", "Block2 request", "Block2 2.05", 1103, 1129],
		["1 KB by Block1", "Block1 PUT", "Block1 2.31", 1107, 1133],
	];

/** The length under protection, of a context whose kid has one byte. */
function secured(plain: Uint8Array, isNotification = false): number {
	const into = new Uint8Array(limits.messageLength);
	const oscore = new Oscore(optionsOf(), contextOf(mirrored(EXAMPLES["C.1"]), TWO_BYTES));
	if (isRequest(plain[1]!)) return oscore.protectRequest(plain, into);
	return oscore.protectResponse(plain, TWO_BYTES, isNotification, into);
}

for (const [name, bytes, plain, expected, isNotification] of ROWS) {
	test(`${name}: ${plain} bytes, and ${expected} under OSCORE`, () => {
		assert.is(IPV4_UDP + bytes.length, plain);
		assert.is(IPV4_UDP + secured(bytes, isNotification), expected);
	});
}

for (const [name, up, down, plain, expected] of EXCHANGES) {
	test(`the exchange ${name}: ${plain} bytes, and ${expected} under OSCORE`, () => {
		const one = ROWS.find(([row]) => row === up)!;
		const other = ROWS.find(([row]) => row === down)!;
		assert.is(one[2] + other[2], plain);
		assert.is(one[3] + other[3], expected);
	});
}

const RADIO = { networkBearer: 21, availableNetworkBearer: [21], radioSignalStrength: -60, ipAddresses: ["192.0.2.7"] };

/** What our device registers with. */
function registerRequest(): Request {
	const model = new Model();
	const account = { serverUri: "coap://192.0.2.1", shortServerId: 1, lifetimeSeconds: 86_400 };
	addServerAccount(model, account);
	model.add(Device, 0, { errorCode: [0], supportedBindingAndModes: "U" });
	model.add(ConnectivityStatistics, 0, {});
	model.add(ConnectivityMonitoring, 0, RADIO);
	model.add(Temperature, 0, { sensorValue: 21.5 });
	model.add(Pressure, 0, { sensorValue: 6000 });
	model.add(DigitalInput, 0, { digitalInputState: true });
	model.add(Actuation, 0, { onOff: false });
	const content = { endpointName: "urn:dev:mac:24a160fffec0ffee", model, server: model.find(1, 0)! };
	let asked: Request | undefined;
	const endpoint = {
		request(_now: number, one: Request): number {
			asked = one;
			return 1;
		},
	};
	new Registration(content, endpoint as unknown as Endpoint, new FixedRandom()).register(0);
	return asked!;
}

test("Register: 206 bytes in the budget, and ours is as much longer as it says more", () => {
	const { query, payload: links, reach } = registerRequest();
	const bytes = request(Code.Post, "rd", (to) => {
		to.uint(Option.ContentFormat, ContentFormat.LinkFormat);
		to.texts(Option.UriQuery, query);
		to.option(Option.Reach, reach!);
		to.payload(links!);
	});
	// The budget has 108 bytes of links, the parameter Q of Queue Mode, and not the three bytes of the option Reach.
	const difference = links!.length - 108 - 2 + 3;
	assert.is(IPV4_UDP + bytes.length, 206 + difference);
	assert.is(IPV4_UDP + secured(bytes), 221 + difference);
	suite.record("links", links!.length);
});

test.run();
