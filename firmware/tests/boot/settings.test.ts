import { assert, suite } from "#suite";
import { decodeSettings, encodeSettings, parseSettings, type Settings } from "../../boot/settings.js";
import { encodeText } from "../../bytes.js";
import { JsonReader } from "../../lwm2m/formats/json.js";
import { SECRETS, SETTINGS } from "../console/bench.js";

const test = suite("boot/settings");

function parse(value: unknown): Settings | string {
	return parseText(typeof value === "string" ? value : JSON.stringify(value));
}

function parseText(text: string): Settings | string {
	return parseSettings(new JsonReader(encodeText(text)));
}

const [PSK, OSCORE] = SETTINGS.accounts;
const MINIMAL = { endpointName: "a", accounts: [{ serverUri: "coap://h", shortServerId: 1, lifetimeSeconds: 1 }] };

const TRUST = "MIIB+/A=";

/** The settings with one account, some of whose members are others. */
function account(changes: object): object {
	return { endpointName: "a", accounts: [{ ...MINIMAL.accounts[0], ...changes }] };
}

/** The settings with one account of these credentials. */
function credentials(base: object | undefined, changes: object): object {
	return account({ credentials: { ...base, ...changes } });
}

test("all that there is", () => {
	const settings = parse(SETTINGS) as Settings;
	assert.is(settings.endpointName, "compressor-1");
	assert.is(settings.network!.password, "hunter2 hunter2");
	const [first, second] = settings.accounts;
	assert.is(first!.serverUri, "coap://192.0.2.1:5683");
	assert.is(first!.keepaliveSeconds, 21);
	assert.is(second!.keepaliveSeconds, undefined);
	assert.ok(first!.credentials!.mode === "psk" && first!.credentials!.key[0] === 0xc0);
	assert.ok(second!.credentials!.mode === "oscore" && second!.credentials!.recipientId.length === 0);
});

test("the least that there must be", () => {
	const settings = parse(MINIMAL) as Settings;
	assert.is(settings.network, undefined);
	assert.is(settings.accounts[0]!.credentials, undefined);
});

/** One mistake, and the sentence about it. */
const MISTAKES: readonly (readonly [given: unknown, sentence: string])[] = [
	["", "it must be a JSON object"],
	["[]", "it must be a JSON object"],
	['"x"', "it must be a JSON object"],
	["{", "it is not well-formed JSON"],
	['{"endpointName":"a",}', "it is not well-formed JSON"],
	['{"endpointName":"a" "accounts":[]}', "it is not well-formed JSON"],
	['{"endpointName":"a\\x"}', "endpointName is not well-formed JSON"],
	["{}", "endpointName is missing"],
	[{ endpointName: "a" }, "accounts is missing"],
	[{ ...MINIMAL, colour: "red" }, "it may have endpointName, accounts, network, sms and trust and nothing else"],
	[{ ...MINIMAL, endpointName: 7 }, "endpointName must be a text"],
	[{ ...MINIMAL, endpointName: "" }, "endpointName is shorter than a byte"],
	[{ ...MINIMAL, endpointName: "x".repeat(65) }, "endpointName is longer than 64 bytes"],
	[{ ...MINIMAL, endpointName: "ü".repeat(33) }, "endpointName is longer than 64 bytes"],
	[{ ...MINIMAL, endpointName: "a b" }, "endpointName may have letters, digits and the signs . : _ - only"],
	['{"endpointName":"a","endpointName":"b"}', "endpointName stands there twice"],
	[{ endpointName: "a", accounts: {} }, "accounts must be a list"],
	[{ endpointName: "a", accounts: [] }, "accounts must have at least 1 item"],
	[{ endpointName: "a", accounts: [1] }, "accounts[0] must be a JSON object"],
	['{"endpointName":"a","accounts":[,]}', "accounts[0] must be a JSON object"],
	[{ endpointName: "a", accounts: Array(5).fill(MINIMAL.accounts[0]) }, "accounts has more than 4 items"],
	[
		{ endpointName: "a", accounts: Array(2).fill(MINIMAL.accounts[0]) },
		"accounts[1] and accounts[0] have one shortServerId",
	],
	[
		account({ serverUri: "http://x" }),
		"accounts[0].serverUri must be coap://HOST or coap://HOST:PORT, or so with coap+tcp, coaps+tcp, coap+ws, coaps+ws",
	],
	[account({ serverUri: `coap://${"x".repeat(122)}` }), "accounts[0].serverUri is longer than 128 bytes"],
	[account({ serverUri: "coap://h\nx" }), "accounts[0].serverUri must not hold control characters"],
	[account({ serverUri: null }), "accounts[0].serverUri must be a text"],
	[account({ shortServerId: 0 }), "accounts[0].shortServerId must be a whole number from 1 to 65534"],
	[account({ shortServerId: 65_535 }), "accounts[0].shortServerId must be a whole number from 1 to 65534"],
	[account({ shortServerId: "1" }), "accounts[0].shortServerId must be a whole number from 1 to 65534"],
	[account({ shortServerId: [1] }), "accounts[0].shortServerId must be a whole number from 1 to 65534"],
	[account({ lifetimeSeconds: 1.5 }), "accounts[0].lifetimeSeconds must be a whole number from 1 to 4294967295"],
	[account({ awakeSeconds: 0 }), "accounts[0].awakeSeconds must be a whole number from 1 to 3600"],
	[account({ keepaliveSeconds: -1 }), "accounts[0].keepaliveSeconds must be a whole number from 0 to 86400"],
	[account({ credentials: "psk" }), "accounts[0].credentials must be a JSON object"],
	[account({ credentials: {} }), "accounts[0].credentials.mode is missing"],
	[credentials(PSK!.credentials, { mode: "rpk" }), "accounts[0].credentials.mode must be psk or oscore"],
	[credentials({ mode: "psk" }, { identity: "i" }), "accounts[0].credentials.key is missing"],
	[credentials(PSK!.credentials, { senderId: "01" }), "accounts[0].credentials.senderId is of no use in the mode psk"],
	[credentials(OSCORE!.credentials, { key: "01" }), "accounts[0].credentials.key is of no use in the mode oscore"],
	[credentials(PSK!.credentials, { key: 7 }), "accounts[0].credentials.key must be hexadecimal digits in quotes"],
	[credentials(PSK!.credentials, { key: "0x12" }), "accounts[0].credentials.key must be pairs of hexadecimal digits"],
	[credentials(PSK!.credentials, { key: "123" }), "accounts[0].credentials.key must be pairs of hexadecimal digits"],
	[credentials(PSK!.credentials, { key: "" }), "accounts[0].credentials.key is shorter than a byte"],
	[credentials(PSK!.credentials, { key: "00".repeat(65) }), "accounts[0].credentials.key is longer than 64 bytes"],
	[
		credentials(OSCORE!.credentials, { masterSecret: "00" }),
		"accounts[0].credentials.masterSecret is shorter than 16 bytes",
	],
	[credentials(OSCORE!.credentials, { echo: "no" }), "accounts[0].credentials.echo must be true or false"],
	[credentials(OSCORE!.credentials, { echo: 0 }), "accounts[0].credentials.echo must be true or false"],
	[credentials(PSK!.credentials, { echo: false }), "accounts[0].credentials.echo is of no use in the mode psk"],
	[
		credentials(OSCORE!.credentials, { recipientId: "01" }),
		"accounts[0].credentials.senderId and recipientId must differ",
	],
	[{ ...MINIMAL, network: { ssid: "x" } }, "network.password is missing"],
	[{ ...MINIMAL, network: { ssid: "x".repeat(33), password: "" } }, "network.ssid is longer than 32 bytes"],
	[{ ...MINIMAL, sms: { number: "0170 1234567" } }, "sms.number must be + and digits, no more"],
	[{ ...MINIMAL, sms: { number: "+49x70123456" } }, "sms.number must be + and digits, no more"],
	[{ ...MINIMAL, sms: { number: "+4917000000000001" } }, "sms.number is longer than 16 bytes"],
	[{ ...MINIMAL, sms: { plain: 1 } }, "sms.plain must be true or false"],
	[{ ...MINIMAL, sms: true }, "sms must be a JSON object"],
	[{ ...MINIMAL, trust: "MIIB+/A" }, "trust must be a certificate in base64"],
	[{ ...MINIMAL, trust: "MI B" }, "trust must be a certificate in base64"],
	[{ ...MINIMAL, trust: TRUST.repeat(151) }, "trust is longer than 1200 bytes"],
];

for (const [given, sentence] of MISTAKES) {
	const shown = typeof given === "string" ? given : JSON.stringify(given);
	test(`${sentence}: ${shown.length > 60 ? `${shown.slice(0, 30)}…${shown.slice(-30)}` : shown}`, () => {
		assert.is(parse(given), sentence);
	});
}

test("no sentence quotes what was given", () => {
	const whole = JSON.stringify(SETTINGS);
	for (let cut = 1; cut < whole.length; cut++) {
		const result = parseText(whole.slice(0, cut));
		assert.is(typeof result, "string");
		for (const secret of SECRETS) assert.not.match(result as string, secret);
	}
	for (const secret of SECRETS) {
		for (const value of [secret, [secret], { [secret]: 1 }, { mode: secret }]) {
			for (const place of ["endpointName", "accounts", "network", secret]) {
				const result = parse({ ...MINIMAL, [place]: value });
				if (typeof result === "string") assert.not.match(result, secret);
			}
			for (const place of ["serverUri", "shortServerId", "credentials", secret]) {
				const result = parse(account({ [place]: value }));
				if (typeof result === "string") assert.not.match(result, secret);
			}
		}
	}
});

for (const [title, value] of [
	["all", SETTINGS],
	["the least", MINIMAL],
	["a modem without a number", { ...MINIMAL, sms: {} }],
	["a certificate that is trusted", { ...MINIMAL, trust: TRUST }],
	["everything at once", { ...SETTINGS, sms: { number: "+491700000001" }, trust: TRUST }],
	["a modem, a number, and a network", { ...SETTINGS, sms: { number: "+491700000001", plain: true } }],
] as const) {
	test(`${title} survives the journal`, () => {
		const settings = parse(value) as Settings;
		assert.is(JSON.stringify(decodeSettings(encodeSettings(settings))), JSON.stringify(settings));
	});
}

test("that a server gives no Echo back is kept, in the place of the mode: older settings stay as they are", () => {
	const [plain, without] = [{}, { echo: false }].map((changes) =>
		encodeSettings(parse(credentials(OSCORE!.credentials, changes)) as Settings),
	);
	const { credentials: kept } = decodeSettings(without!)!.accounts[0]!;
	assert.ok(kept?.mode === "oscore" && kept.echo === false);
	const differing = [...plain!.keys()].filter((i) => plain![i] !== without![i]);
	assert.equal([plain!.length, differing.length], [without!.length, 1]);
	assert.equal([plain![differing[0]!], without![differing[0]!]], [2, 3]);
});

test("bytes that are cut short, too long or of another version are no settings", () => {
	const bytes = encodeSettings(parse(SETTINGS) as Settings);
	for (let length = 0; length < bytes.length; length++)
		assert.is(decodeSettings(bytes.subarray(0, length)), undefined, `${length}`);
	const longer = new Uint8Array(bytes.length + 1);
	longer.set(bytes);
	assert.is(decodeSettings(longer), undefined);
	const other = bytes.slice();
	other[0] = 2;
	assert.is(decodeSettings(other), undefined);
});

test("the settings in the journal are small", () => {
	assert.is(encodeSettings(parse(SETTINGS) as Settings).length, 172);
});

test.run();
