import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, suite } from "#suite";
import { readCredentials, writeCredentials } from "./credentials.js";
import { StoreError } from "./store-error.js";

const test = suite("backend/credentials");

const SECRET = "00112233445566778899aabbccddeeff";
const GOOD = Object.freeze({
	endpointName: "pump-1",
	masterSecret: SECRET,
	masterSalt: "0102030405060708",
	senderId: "aabbcc",
	recipientId: "00",
});

let directory = "";
let path = "";

test.before.each(() => {
	directory = mkdtempSync(join(tmpdir(), "pinhole-"));
	path = join(directory, "credentials.json");
});

test.after.each(() => rmSync(directory, { recursive: true }));

function write(value: unknown, mode = 0o600): void {
	writeFileSync(path, typeof value === "string" ? value : JSON.stringify(value), { mode });
	chmodSync(path, mode);
}

/** Why the file cannot be used. */
function complaint(): string {
	try {
		readCredentials(path);
	} catch (error) {
		assert.ok(error instanceof StoreError);
		return (error as Error).message;
	}
	return "";
}

test("what is written is read, and only its owner can", () => {
	write({ version: 1, credentials: [GOOD] });
	const credentials = readCredentials(path);
	assert.is(Buffer.from(credentials[0]!.masterSecret).toString("hex"), SECRET);
	const copy = join(directory, "copy.json");
	writeCredentials(copy, credentials);
	assert.is(statSync(copy).mode & 0o777, 0o600);
	assert.equal(readCredentials(copy), credentials);
});

test("what an earlier try has left open to everybody does not make the file so", () => {
	write({ version: 1, credentials: [GOOD] });
	const copy = join(directory, "copy.json");
	writeFileSync(`${copy}.new`, "", { mode: 0o666 });
	chmodSync(`${copy}.new`, 0o666);
	writeCredentials(copy, readCredentials(path));
	assert.is(statSync(copy).mode & 0o777, 0o600);
});

test("a salt may be missing", () => {
	const { masterSalt, ...rest } = GOOD;
	write({ version: 1, credentials: [rest] });
	assert.is(readCredentials(path)[0]!.masterSalt.length, 0);
	assert.is(masterSalt.length, 16);
});

for (const mode of [0o640, 0o604, 0o660, 0o622, 0o777]) {
	test(`a file with the mode ${mode.toString(8)} is not taken`, () => {
		write({ version: 1, credentials: [GOOD] }, mode);
		assert.is(complaint(), `${path} can be read by others than its owner: run chmod 600 ${path}.`);
	});
}

/** A file that is wrong in one place, and what is said of it. */
const WRONG: readonly [title: string, file: unknown, complaint: string][] = [
	["no JSON", `{"masterSecret": ${SECRET}`, "it is no JSON"],
	["an array", [GOOD], "the file should be an object"],
	["another version", { version: 2, credentials: [] }, "version should be 1"],
	["no list", { version: 1, credentials: GOOD }, "credentials should be an array"],
	["no object", { version: 1, credentials: [SECRET] }, "credentials[0] should be an object"],
	["no name", wrong({ endpointName: "" }), "credentials[0].endpointName should be a name"],
	["a name that is a number", wrong({ endpointName: 7 }), "credentials[0].endpointName should be a name"],
	["a short key", wrong({ masterSecret: SECRET.slice(2) }), "credentials[0].masterSecret should have 16 to 64 bytes"],
	["a key of words", wrong({ masterSecret: `${SECRET}xy` }), "credentials[0].masterSecret should be hexadecimal"],
	["half a byte", wrong({ masterSecret: `${SECRET}0` }), "credentials[0].masterSecret should be hexadecimal"],
	["no key", wrong({ masterSecret: undefined }), "credentials[0].masterSecret should be hexadecimal"],
	["a long salt", wrong({ masterSalt: "00".repeat(33) }), "credentials[0].masterSalt should have 0 to 32 bytes"],
	["a long identifier", wrong({ senderId: "0011223344556677" }), "credentials[0].senderId should have 0 to 7 bytes"],
	["one identifier for both", wrong({ senderId: "00" }), "credentials[0] has the same identifier for both sides"],
	[
		"one identifier for two",
		{ version: 1, credentials: [GOOD, { ...GOOD, endpointName: "pump-2" }] },
		"credentials[1].senderId is there twice",
	],
	[
		"one name for two",
		{ version: 1, credentials: [GOOD, { ...GOOD, senderId: "01" }] },
		"credentials[1].endpointName is there twice",
	],
];

function wrong(change: Record<string, unknown>): unknown {
	return { version: 1, credentials: [{ ...GOOD, ...change }] };
}

for (const [title, file, why] of WRONG) {
	test(`a file with ${title} is not taken, and no key is in the complaint`, () => {
		write(file);
		assert.is(complaint(), `${path} cannot be used, ${why}.`);
		assert.not.ok(complaint().includes(SECRET.slice(4, 20)));
	});
}

test("a file that is not there is named", () => {
	assert.match(complaint(), /^.*credentials\.json cannot be read: ENOENT.*\.$/);
});

test("a file that is replaced is never there in part", () => {
	write({ version: 1, credentials: [GOOD] });
	const credentials = readCredentials(path);
	writeCredentials(path, [...credentials, { ...credentials[0]!, endpointName: "pump-2", senderId: Uint8Array.of(1) }]);
	assert.is(readCredentials(path).length, 2);
	assert.ok(readFileSync(path, "utf8").endsWith("}\n"));
});

test.run();
