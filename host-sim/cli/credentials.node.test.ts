// suite: real-network limit=120
// Keys from the command line: made once, read by their owner only, and used on both sides by default.

import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, suite } from "#suite";
import { pinhole, Running } from "./process.js";

const test = suite("cli/credentials");
const folder = mkdtempSync(join(tmpdir(), "pinhole-"));
const all = join(folder, "all.json");
const own = (name: string): string => join(folder, `${name}.json`);
const REGISTER_MS = 20_000;
const ANYWHERE = ["--coap", "127.0.0.1:0", "--http", "127.0.0.1:0", "--json"];

function make(name: string, file = all): ReturnType<typeof pinhole> {
	return pinhole(["credentials", "new", name, "--file", file, "--device", own(name)]);
}

test.before(async () => {
	assert.is((await make("pump-1")).code, 0);
	assert.is((await make("pump-2")).code, 0);
});

test.after(() => rmSync(folder, { recursive: true }));

test("new: both files are their owner's, and nothing that is said holds a key", async () => {
	const { code, stdout, stderr } = await make("pump-3");
	assert.is(code, 0, stderr);
	assert.is(stdout, `pump-3 has keys: ${all} is for the back end, ${own("pump-3")} for the device.\n`);
	for (const file of [all, own("pump-3")]) assert.is(statSync(file).mode & 0o777, 0o600);
	const [made] = JSON.parse(readFileSync(own("pump-3"), "utf8")).credentials;
	assert.equal(JSON.parse(readFileSync(all, "utf8")).credentials.at(-1), made);
	assert.not.ok((stdout + stderr).includes(made.masterSecret));
});

test("new: no two keys and no two identifiers are alike", () => {
	const { credentials } = JSON.parse(readFileSync(all, "utf8"));
	for (const member of ["masterSecret", "masterSalt", "senderId"]) {
		const values = credentials.map((one: Record<string, string>) => one[member]);
		assert.is(new Set(values).size, values.length);
	}
});

/** Command lines that are refused, and why. */
const REFUSED: readonly [title: string, argv: readonly string[], why: RegExp][] = [
	[
		"new: a name that has keys",
		["credentials", "new", "pump-1", "--file", all, "--device", own("x")],
		/has keys of pump-1/,
	],
	[
		"new: a device's file that is there",
		["credentials", "new", "y", "--file", own("y2"), "--device", all],
		/is there already/,
	],
	["new: a name with a slash", ["credentials", "new", "../y", "--file", all], /ENDPOINT needs 1 to 64 letters/],
	["another verb", ["credentials", "show", "pump-1"], /knows only new, not show/],
	["a back end without a word about keys", ["backend", ...ANYWHERE], /--credentials FILE, or say --nosec/],
	[
		"a device without a word about keys",
		["device", "--server", "coap://127.0.0.1:1", "--endpoint", "a"],
		/--oscore FILE, or say --nosec/,
	],
	[
		"a device whose name has no keys",
		["device", "--server", "coap://127.0.0.1:1", "--endpoint", "none", "--oscore", all],
		/has no keys of none: make them with pinhole credentials new none/,
	],
	[
		"a back end with a file that is not there",
		["backend", ...ANYWHERE, "--credentials", own("none")],
		/cannot be read/,
	],
];

for (const [title, argv, why] of REFUSED) {
	test(`${title} is refused in one sentence`, async () => {
		const { code, stdout, stderr } = await pinhole(argv);
		assert.is(code, 2, stderr);
		assert.is(stdout, "");
		assert.match(stderr.trim(), why);
		assert.is(stderr.trim().split("\n").length, 1, stderr);
	});
}

test("a file that others can read is refused on both sides", async () => {
	const open = own("open");
	writeFileSync(open, readFileSync(all));
	chmodSync(open, 0o644);
	for (const argv of [
		["backend", ...ANYWHERE, "--credentials", open],
		["device", "--server", "coap://127.0.0.1:1", "--endpoint", "pump-1", "--oscore", open],
	]) {
		const { code, stderr } = await pinhole(argv);
		assert.is(code, 2, stderr);
		assert.match(stderr, /can be read by others than its owner: run chmod 600/);
		assert.not.ok(stderr.includes(JSON.parse(readFileSync(all, "utf8")).credentials[0].masterSecret));
	}
});

async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
	for (const endAt = Date.now() + REGISTER_MS; !(await holds()); await new Promise((next) => setTimeout(next, 100)))
		if (Date.now() > endAt) throw new Error(`not within ${REGISTER_MS} ms: ${what}`);
}

async function registered(http: string): Promise<string[]> {
	const { stdout } = await pinhole(["devices", "--json", "--backend", http]);
	return JSON.parse(stdout).map(({ endpoint }: { endpoint: string }) => endpoint);
}

test("a back end that runs takes up new keys, and lets go of those that are taken out of its file", async () => {
	const file = own("growing");
	const make = (name: string) =>
		pinhole(["credentials", "new", name, "--file", file, "--device", join(folder, `growing-${name}.json`)]);
	assert.is((await make("first")).code, 0);
	const backend = new Running(["backend", ...ANYWHERE, "--credentials", file]);
	const players = [backend];
	try {
		const { coap, http } = await backend.ready();
		assert.is((await make("second")).code, 0);
		await until(() => backend.stderr.includes(`${file} has changed, keys of devices: 2`), "the file is read again");
		const server = ["--server", `coap://${coap}`, "--json"];
		const keys = ["--endpoint", "second", "--oscore", join(folder, "growing-second.json")];
		players.unshift(new Running(["device", ...server, ...keys]));
		await until(async () => (await registered(String(http))).includes("second"), "the new device registers");
		writeFileSync(file, "{", { mode: 0o600 });
		await until(() => backend.stderr.includes("the keys stay as they were"), "a file that is no JSON is refused");
		assert.equal(await registered(String(http)), ["second"]);
		rmSync(file);
		assert.is((await make("third")).code, 0);
		await until(async () => (await registered(String(http))).length === 0, "the device without keys is gone");
	} finally {
		for (const player of players) await player.stop();
	}
});

test("a device with keys registers and answers; one without does not; no key is in any log", async () => {
	const backend = new Running(["backend", ...ANYWHERE, "--credentials", all]);
	const players = [backend];
	try {
		const { coap, http } = await backend.ready();
		const server = ["--server", `coap://${coap}`, "--json"];
		players.unshift(new Running(["device", ...server, "--endpoint", "pump-1", "--oscore", own("pump-1")]));
		players.unshift(new Running(["device", ...server, "--endpoint", "pump-2", "--nosec"]));
		for (const endAt = Date.now() + REGISTER_MS; !(await registered(String(http))).includes("pump-1"); )
			if (Date.now() > endAt) throw new Error(`the device does not register: ${players.map(({ stderr }) => stderr)}`);
		const read = await pinhole(["read", "pump-1", "/3323/0/5700", "--backend", String(http)]);
		assert.is(read.code, 0, read.stderr);
		assert.equal(await registered(String(http)), ["pump-1"]);
	} finally {
		for (const player of players) await player.stop();
	}
	const { credentials } = JSON.parse(readFileSync(all, "utf8"));
	for (const { stdout, stderr } of players)
		for (const { masterSecret } of credentials) assert.not.ok((stdout + stderr).includes(masterSecret));
	assert.not.ok(backend.stdout.includes("NoSec"));
	assert.match(players[0]!.stderr, /NoSec/i);
});

test("a back end without security says so, in its log and its status line", async () => {
	const backend = new Running(["backend", "--nosec", "--coap", "127.0.0.1:0", "--http", "127.0.0.1:0"]);
	try {
		const [line] = await backend.lines(1);
		assert.match(line!, /\(NoSec\)/);
		assert.match(backend.stderr, /devices without keys may register \(NoSec\)/);
	} finally {
		await backend.stop();
	}
});

test.run();
