import fc from "fast-check";
import { assert, suite } from "#suite";
import { decodeSettings, encodeSettings, parseSettings } from "../../boot/settings.js";
import { encodeText } from "../../bytes.js";
import { JsonReader } from "../../lwm2m/formats/json.js";

const test = suite("boot/settings: properties");

const hex = (least: number, most: number) =>
	fc
		.uint8Array({ minLength: least, maxLength: most })
		.map((bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(""));
const text = (most: number) => fc.string({ minLength: 1, maxLength: most, unit: "grapheme-ascii" });
const name = fc.stringMatching(/^[A-Za-z0-9.:_-]{1,64}$/);
const host = fc.stringMatching(/^[a-z][a-z0-9.-]{0,30}$/);

const credentials = fc.oneof(
	fc.record({ mode: fc.constant("psk"), identity: text(64), key: hex(1, 64) }),
	fc.record(
		{
			mode: fc.constant("oscore"),
			masterSecret: hex(16, 64),
			masterSalt: hex(0, 32),
			senderId: hex(0, 3),
			recipientId: hex(4, 7),
			idContext: hex(0, 32),
			echo: fc.boolean(),
		},
		{ requiredKeys: ["mode", "masterSecret", "senderId", "recipientId"] },
	),
);

const settings = fc.record(
	{
		endpointName: name,
		accounts: fc.uniqueArray(
			fc.record(
				{
					serverUri: host.map((each) => `coap://${each}`),
					shortServerId: fc.integer({ min: 1, max: 65_534 }),
					lifetimeSeconds: fc.integer({ min: 1, max: 0xffff_ffff }),
					keepaliveSeconds: fc.integer({ min: 0, max: 86_400 }),
					awakeSeconds: fc.integer({ min: 1, max: 3_600 }),
					credentials,
				},
				{ requiredKeys: ["serverUri", "shortServerId", "lifetimeSeconds"] },
			),
			{ minLength: 1, maxLength: 4, selector: ({ shortServerId }) => shortServerId },
		),
		trust: fc.base64String({ minLength: 4, maxLength: 1200 }),
		sms: fc.record({ number: fc.stringMatching(/^\+[0-9]{5,15}$/), plain: fc.boolean() }, { requiredKeys: [] }),
		network: fc.record({
			ssid: text(32),
			password: fc.string({ maxLength: 21 }).map((each) => each.replace(/\p{C}/gu, "")),
		}),
	},
	{ requiredKeys: ["endpointName", "accounts"] },
);

test("whatever is right is read, and survives the journal", () => {
	fc.assert(
		fc.property(settings, (given) => {
			const parsed = parseSettings(new JsonReader(encodeText(JSON.stringify(given))));
			if (typeof parsed === "string") throw new Error(parsed);
			const stored = encodeSettings(parsed);
			const kept = decodeSettings(stored);
			assert.ok(kept !== undefined);
			assert.equal(encodeSettings(kept!), stored);
			assert.is(kept!.endpointName, given.endpointName);
			assert.is(kept!.network?.password, given.network?.password);
			assert.equal(
				kept!.accounts.map(({ keepaliveSeconds, awakeSeconds }) => [keepaliveSeconds, awakeSeconds]),
				given.accounts.map(({ keepaliveSeconds, awakeSeconds }) => [keepaliveSeconds, awakeSeconds]),
			);
		}),
	);
});

test("any text is settings or a sentence", () => {
	const near = settings.chain((given) => {
		const json = JSON.stringify(given);
		return fc.tuple(fc.nat(json.length), fc.nat(3), fc.string({ maxLength: 3 })).map(([at, length, piece]) => {
			return json.slice(0, at) + piece + json.slice(at + length);
		});
	});
	fc.assert(
		fc.property(fc.oneof(near, fc.json(), fc.string()), (given) => {
			const parsed = parseSettings(new JsonReader(encodeText(given)));
			if (typeof parsed === "string") assert.match(parsed, /^[\w[\].]+ .+[^.]$/);
			else assert.ok(decodeSettings(encodeSettings(parsed)) !== undefined);
		}),
	);
});

test("any bytes of a journal are settings or none", () => {
	fc.assert(
		fc.property(
			settings.chain((given) => {
				const parsed = parseSettings(new JsonReader(encodeText(JSON.stringify(given))));
				const bytes = typeof parsed === "string" ? new Uint8Array(0) : encodeSettings(parsed);
				return fc.tuple(fc.constant(bytes), fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 255 }));
			}),
			([bytes, at, value]) => {
				const damaged = bytes.slice();
				damaged[at] = value;
				const decoded = decodeSettings(damaged);
				if (decoded !== undefined) assert.equal(encodeSettings(decoded), damaged);
			},
		),
	);
});

test.run();
