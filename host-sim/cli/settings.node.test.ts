import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, suite } from "#suite";
import { gatherSettings } from "./settings.js";
import { UsageError } from "./shared.js";

const test = suite("cli/settings");
const folder = mkdtempSync(join(tmpdir(), "settings-"));
test.after(() => rmSync(folder, { recursive: true }));

function file(name: string, content: unknown): string {
	const path = join(folder, name);
	writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
	return path;
}

const FIRST = { serverUri: "coap://a", shortServerId: 1, lifetimeSeconds: 300 };
const KEYS = { masterSecret: "00".repeat(16), masterSalt: "", senderId: "01", recipientId: "02" };
const fleet = file("fleet.json", { endpointName: "none", accounts: [FIRST] });
const psk = file("psk.json", { mode: "psk", identity: "a", key: "00" });
const all = file("all.json", { version: 1, credentials: [{ endpointName: "pump-7", ...KEYS }] });
const PEM = "-----BEGIN CERTIFICATE-----\nMIIB\nAA==\n-----END CERTIFICATE-----\n";
const password = file("password", "secret\r\n");

/** File and options, and what they make. */
const GOOD: readonly (readonly [title: string, file: string | undefined, options: object, settings: object])[] = [
	["options alone", undefined, { endpoint: "a", server: "coap://a" }, { endpointName: "a", accounts: [FIRST] }],
	["a file alone", fleet, {}, { endpointName: "none", accounts: [FIRST] }],
	["a name over the file's", fleet, { endpoint: "pump-7" }, { endpointName: "pump-7", accounts: [FIRST] }],
	[
		"two servers",
		undefined,
		{ endpoint: "a", server: ["coap://a", "coap://b"] },
		{ endpointName: "a", accounts: [FIRST, { serverUri: "coap://b", shortServerId: 2, lifetimeSeconds: 300 }] },
	],
	[
		"times over the file's",
		fleet,
		{ lifetime: "60", keepalive: "0", awake: "20" },
		{ endpointName: "none", accounts: [{ ...FIRST, lifetimeSeconds: 60, keepaliveSeconds: 0, awakeSeconds: 20 }] },
	],
	[
		"the same server by another transport",
		fleet,
		{ second: "coap+tcp://a" },
		{ endpointName: "none", accounts: [{ ...FIRST, secondaryServerUri: "coap+tcp://a" }] },
	],
	[
		"the certificate that is trusted, without its frame",
		fleet,
		{ trust: file("ca.pem", PEM) },
		{ endpointName: "none", accounts: [FIRST], trust: "MIIBAA==" },
	],
	[
		"credentials of one server",
		fleet,
		{ credentials: psk },
		{ endpointName: "none", accounts: [{ ...FIRST, credentials: { mode: "psk", identity: "a", key: "00" } }] },
	],
	[
		"credentials out of the back end's file",
		fleet,
		{ endpoint: "pump-7", credentials: all },
		{ endpointName: "pump-7", accounts: [{ ...FIRST, credentials: { mode: "oscore", ...KEYS } }] },
	],
	[
		"credentials and the name out of the device's own file",
		undefined,
		{ server: "coap://a", credentials: all },
		{ endpointName: "pump-7", accounts: [{ ...FIRST, credentials: { mode: "oscore", ...KEYS } }] },
	],
	[
		"a server that gives no Echo back",
		undefined,
		{ server: "coap://a", credentials: all, echo: false },
		{ endpointName: "pump-7", accounts: [{ ...FIRST, credentials: { mode: "oscore", ...KEYS, echo: false } }] },
	],
	[
		"a password out of a file, without its line end",
		fleet,
		{ ssid: "workshop", password },
		{ endpointName: "none", accounts: [FIRST], network: { ssid: "workshop", password: "secret" } },
	],
	[
		"accounts that are none stay for the firmware to refuse",
		file("x", { endpointName: "a", accounts: [1] }),
		{ lifetime: "1" },
		{ endpointName: "a", accounts: [1] },
	],
];

for (const [title, path, options, settings] of GOOD) {
	test(title, async () => assert.equal(await gatherSettings(path, options as Record<string, unknown>), settings));
}

/** File and options, and what is said of them. */
const BAD: readonly (readonly [file: string | undefined, options: object, message: RegExp])[] = [
	[undefined, { server: "coap://a" }, /^Name the device, in a file or with --endpoint NAME\.$/],
	[undefined, { endpoint: "a" }, /^Say which server, in a file or with --server coap:\/\/HOST\.$/],
	["/none", {}, /^The file \/none with the settings cannot be read\.$/],
	[password, {}, /password must hold the settings as one JSON object\.$/],
	[file("list", []), {}, /must hold the settings as one JSON object\.$/],
	[fleet, { echo: false }, /^--no-echo is for a server with keys for OSCORE\.$/],
	[fleet, { credentials: all }, /^The file of credentials has none for none\.$/],
	[
		undefined,
		{ endpoint: "a", server: ["coap://a", "coap://b"], credentials: psk },
		/^--credentials is for one server/,
	],
	[
		undefined,
		{ endpoint: "a", server: ["coap://a", "coap://b"], second: "coap+tcp://a" },
		/^--second is for one server/,
	],
	[fleet, { trust: file("two.pem", PEM + PEM) }, /^--trust needs a file with one certificate in PEM\.$/],
	[fleet, { lifetime: "0" }, /^--lifetime needs a number from 1 to 4294967295/],
	[fleet, { ssid: "x", password: "/none" }, /^The file \/none with the password cannot be read\.$/],
];

for (const [path, options, message] of BAD) {
	test(`it says: ${message.source}`, async () => {
		const error = await gatherSettings(path, options as Record<string, unknown>).then(
			() => undefined,
			(one: unknown) => one,
		);
		assert.instance(error, UsageError);
		assert.match((error as UsageError).message, message);
	});
}

test.run();
