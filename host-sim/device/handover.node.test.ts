import { assert, suite } from "#suite";
import { decodeHandover, encodeHandover, type Handover } from "./handover.js";

const test = suite("device/handover");

const PLAIN: Handover = {
	server: "coap://127.0.0.1:5683",
	endpointName: "compressor-1",
	lifetimeSeconds: 300,
	keepaliveMs: 2500,
};

const ROWS: readonly [string, Handover][] = [
	["settings without keys", PLAIN],
	["a window and Sends", { ...PLAIN, awakeSeconds: 20, send: { seconds: 5, format: "senml-json" } }],
	["no keepalive", { ...PLAIN, keepaliveMs: Number.POSITIVE_INFINITY }],
	[
		"keys, an empty one too",
		{
			...PLAIN,
			credentials: {
				mode: "oscore",
				masterSecret: Uint8Array.of(0, 255, 7),
				masterSalt: new Uint8Array(0),
				senderId: Uint8Array.of(1),
				recipientId: Uint8Array.of(2),
			} as Handover["credentials"],
		},
	],
	["certificates", { ...PLAIN, trusted: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" }],
];

for (const [what, settings] of ROWS)
	test(`${what} come out of one line as they went in`, () => {
		const line = encodeHandover(settings);
		assert.not.match(line, /\n/);
		assert.equal(decodeHandover(line), settings);
	});

test.run();
