// suite: real-network limit=180
// provision, console and boards as a user calls them, before the whole firmware on a pty.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { assert, suite } from "#suite";
import { SECRETS, SETTINGS } from "../../firmware/tests/console/bench.js";
import { openPort } from "../console/port.js";
import { XsBoard } from "../device/board-xs.js";
import { missingFor } from "../engine/build.js";
import { type Ended, pinhole, pinholeHere } from "./process.js";

const test = suite("cli/serial-verbs");
const missing = missingFor("xs64");
if (missing !== undefined) suite.skip(missing);

const folder = mkdtempSync(join(tmpdir(), "serial-"));
const SERVER = "coap://127.0.0.1:9";
let board: XsBoard;
let port = "";

test.before(async () => {
	board = await XsBoard.start({ flash: join(folder, "flash"), onError: () => {} });
	port = board.port;
});
test.after(async () => {
	await board?.cut();
	rmSync(folder, { recursive: true });
});

function file(name: string, content: unknown): string {
	const path = join(folder, name);
	writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
	return path;
}

/** Runs `pinhole` with a file as its standard input. */
async function withInput(input: string, args: readonly string[]): Promise<Ended> {
	const stdin = openSync(input, "r");
	const child = spawn(process.execPath, [fileURLToPath(new URL("./pinhole.js", import.meta.url)), ...args], {
		stdio: [stdin, "pipe", "pipe"],
	});
	const [[code], stdout, stderr] = await Promise.all([once(child, "close"), text(child.stdout!), text(child.stderr!)]);
	closeSync(stdin);
	return { code: code as number | null, stdout, stderr };
}

function ends({ code, stderr }: Ended, exitCode: number, message: RegExp): void {
	assert.match(stderr, message);
	assert.is(code, exitCode);
	const sentences = stderr.split("\n").filter((line) => line.startsWith("pinhole: "));
	assert.is(sentences.length, 1, stderr);
	for (const secret of SECRETS) assert.not(stderr.includes(secret), stderr);
}

/** Calls that go wrong before or at the board, in order: the words, the exit code, what is said. */
const MISTAKES: readonly (readonly [words: readonly string[], exitCode: number, message: RegExp])[] = [
	[["console", "status"], 2, /Say which port with --port PORT; pinhole boards lists them\./],
	[["console", "--port", "/dev/none", "status"], 4, /There is no port \/dev\/none; pinhole boards lists/],
	[["console", "--port", "PORT", "dance"], 2, /There is no console verb "dance"; the verb help lists them\./],
	[["console", "--port", "PORT", "time", "advance", "soon"], 2, /A time looks like/],
	[["console", "--port", "PORT", "provision", "{}"], 2, /give them by pinhole provision, in a file/],
	[["console", "--port", "PORT", "objects", "read", "/0/0/5"], 1, /The board refuses: objects 0 and 21 hold keys/],
	[["console", "--port", "PORT", "--board", "esp32c3", "status"], 7, /The board on .* is xs, not esp32c3\./],
	[["provision", "--port", "PORT"], 2, /Name the device, in a file or with --endpoint NAME\./],
	[["provision", "--port", "PORT", "--endpoint", "a"], 2, /Say which server/],
	[["provision", "--port", "PORT", "--endpoint", "a b", "--server", SERVER], 2, /endpointName may have letters/],
	[["provision", "--port", "PORT", "--endpoint", "a", "--server", "http://x"], 2, /serverUri must be coap:\/\/HOST/],
	[["provision", "--port", "PORT", "/none.json"], 2, /The file \/none\.json with the settings cannot be read\./],
	[["provision", "--port", "PORT", "BROKEN"], 2, /broken\.json must hold the settings as one JSON object\./],
	[["provision", "--port", "PORT", "WRONG"], 2, /accounts\[0\]\.credentials\.key must be pairs of hexadecimal digits/],
];

for (const [words, exitCode, message] of MISTAKES) {
	test(`pinhole ${words.join(" ")} ends with ${exitCode}`, async () => {
		const broken = file("broken.json", `{"password":"${SECRETS[3]}"`);
		const credentials = { mode: "psk", identity: "a", key: `${SECRETS[0]}x` };
		const wrong = file("wrong.json", { ...SETTINGS, accounts: [{ ...SETTINGS.accounts[0], credentials }] });
		const places: Readonly<Record<string, string>> = { PORT: port, BROKEN: broken, WRONG: wrong };
		ends(await pinholeHere(words.map((word) => places[word] ?? word)), exitCode, message);
	});
}

test("a board that nobody has provisioned says so", async () => {
	const { code, stdout } = await pinholeHere(["console", "--port", port, "status", "--json"]);
	assert.is(code, 0);
	assert.is(JSON.parse(stdout).provisioned, false);
});

test("provision by options; the board starts anew with its name", async () => {
	const words = ["provision", "--port", port, "--board", "xs", "--endpoint", "pump-7", "--server", SERVER];
	const { code, stdout, stderr } = await pinhole([...words, "--lifetime", "90", "--keepalive", "0"]);
	assert.is(code, 0, stderr);
	assert.is(stdout, `pump-7 is provisioned on ${port}.\n`);
	const read = await pinholeHere(["console", "--port", port, "objects", "read", "/1/0/1"]);
	assert.is(read.stdout, "/1/0/1: 90\n");
});

test("provision by a file, and over it a name", async () => {
	const accounts = [{ ...SETTINGS.accounts[0], serverUri: SERVER, credentials: undefined }];
	const path = file("fleet.json", { endpointName: "none", accounts });
	const words = ["provision", path, "--port", port, "--endpoint", "pump-8", "--no-restart", "--json"];
	const { code, stdout, stderr } = await pinholeHere(words);
	assert.is(code, 0, stderr);
	const { retryCount, ...result } = JSON.parse(stdout) as Record<string, unknown>;
	assert.equal(result, { endpoint: "pump-8", restarted: false });
	assert.type(retryCount, "number");
});

test("boards asks whoever is named", async () => {
	await pinholeHere(["console", "--port", port, "restart"]);
	const { code, stdout } = await pinholeHere(["boards", "--port", port, "--json"]);
	assert.is(code, 0);
	const found = (JSON.parse(stdout) as { path: string; identity?: Record<string, string> }[]).find(
		({ path }) => path === port,
	);
	assert.is(found?.identity?.board, "xs");
	assert.is(found?.identity?.endpoint, "pump-8");
});

test("a port in use", async () => {
	const link = await openPort(port);
	ends(
		await pinholeHere(["console", "--port", port, "status"]),
		6,
		/Another program uses .*; close it and try again\./,
	);
	const { stdout } = await pinholeHere(["boards", "--port", port]);
	assert.match(stdout, new RegExp(`${port} +in use`));
	await link.close();
});

test("lines of standard input are a conversation", async () => {
	const lines = file("lines.txt", "objects read /3/0/0\n\nnope\nlog error\n");
	const { code, stdout } = await withInput(lines, ["console", "--port", port]);
	assert.is(code, 0);
	const answers = stdout.split("\n").filter((line) => !/^[EWID] \d/.test(line));
	assert.equal(answers, [
		"/3/0/0: Pinhole",
		"ok",
		"error: there is no such verb, help lists them",
		"level: error",
		"ok",
		"",
	]);
});

test("the network's password is asked for, never an argument", async () => {
	const words = ["provision", "--port", port, "--endpoint", "a", "--server", SERVER, "--ssid", "workshop"];
	ends(await withInput(file("empty", ""), words), 2, /Give the network's password by --password FILE, or - for/);
	const secret = file("password", `${SETTINGS.network.password}\n`);
	const { code, stdout, stderr } = await withInput(secret, [...words, "--password", "-", "--no-restart"]);
	assert.is(code, 0, stderr);
	const asked = "status\nidentity\nnetwork\nobjects read /1\nobjects read /3\nlog debug\nstatistics\nlog info\nhelp\n";
	await pinholeHere(["console", "--port", port, "restart"]);
	const heard = await withInput(file("verbs.txt", asked), ["console", "--port", port]);
	assert.is(heard.code, 0, heard.stderr);
	assert.is(heard.stdout.match(/^ok$/gm)?.length, 9);
	assert.not((stdout + stderr + heard.stdout).includes(SETTINGS.network.password));
});

test("nobody answers", async () => {
	await board.cut();
	// Its pty is there, its program is held.
	board = await XsBoard.start({ flash: join(folder, "flash"), onError: () => {}, hold: true });
	port = board.port;
	const started = performance.now();
	ends(
		await pinholeHere(["console", "--port", port, "--timeout", "0.3", "status"]),
		3,
		/No answer on .* within 0\.3 s/,
	);
	assert.ok(performance.now() - started < 2_000);
});

test.run();
