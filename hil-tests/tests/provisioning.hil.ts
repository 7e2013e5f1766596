// Provisioning over the serial port: taken whole or refused in one sentence, kept, replaced, forgotten, never told.

import { assert } from "#suite";
import { ConsoleFailure } from "../../host-sim/console/failure.js";
import type { Board, Settings } from "../rig/board.js";
import { hil } from "../rig/suite.js";
import { provision, REGISTER_MS, register, restart, settingsFor } from "./steps.js";

async function refusal(board: Board, settings: unknown): Promise<string> {
	try {
		await board.console.request("provision", { settings });
	} catch (error) {
		if (error instanceof ConsoleFailure && error.kind === "refused") return error.message;
		throw error;
	}
	return "";
}

/** What no board may take. */
const UNFIT: readonly (readonly [what: string, spoil: (good: Settings) => unknown])[] = [
	["no settings", () => "all"],
	["no name", ({ accounts }) => ({ accounts })],
	["no account", (good) => ({ ...good, accounts: [] })],
	["five accounts", (good) => ({ ...good, accounts: [1, 2, 3, 4, 5].map((id) => account(good, id)) })],
	["the same Short Server ID twice", (good) => ({ ...good, accounts: [account(good, 1), account(good, 1)] })],
	["a Short Server ID of 0", (good) => ({ ...good, accounts: [account(good, 0)] })],
	["a URI of another scheme", (good) => ({ ...good, accounts: [{ ...account(good, 1), serverUri: "http://a" }] })],
	["a lifetime in words", (good) => ({ ...good, accounts: [{ ...account(good, 1), lifetimeSeconds: "long" }] })],
	["an unknown member", (good) => ({ ...good, colour: "red" })],
	[
		"half a key",
		(good) => ({
			...good,
			accounts: [{ ...account(good, 1), credentials: { mode: "psk", identity: "a", key: "5ec" } }],
		}),
	],
];

function account(good: Settings, shortServerId: number) {
	return { ...good.accounts[0]!, shortServerId };
}

hil("a provisioned board registers, and again after a power cut", { needs: ["power"] }, async (bench) => {
	const name = await register(bench);
	assert.is(bench.board.banner.endpoint, name);
	assert.is((await bench.backend.registration(name))?.endpoint, name);
	assert.is((await bench.board.power.cycle()).endpoint, name);
	await bench.board.event("registered", { within: REGISTER_MS });
});

hil("unfit settings are refused in one sentence, and change nothing", {}, async ({ board, note }) => {
	const good = settingsFor(board, "good");
	await provision(board, good);
	for (const [what, spoil] of UNFIT) {
		const sentence = await refusal(board, spoil(good));
		note(`${what}: ${sentence}`);
		assert.ok(sentence.length > 5 && !sentence.includes("\n"), `${what}: "${sentence}"`);
	}
	await restart(board);
	assert.is(board.banner.endpoint, "good");
});

/** Nobody but the board may ever see these again. */
const KEY = "5ec2e75ec2e75ec2e75ec2e75ec2e7aa";
const PASSWORD = "open sesame 5ec2e7";

hil("secrets never come out", {}, async ({ board }) => {
	const credentials = { mode: "psk", identity: "keeper", key: KEY };
	const settings = { ...settingsFor(board, "keeper", { credentials }), network: { ssid: "home", password: PASSWORD } };
	await board.console.request("log", { level: "debug" });
	// Taken or not (not every board has a network with a password), and spoilt in places: nothing of it may be told.
	await refusal(board, settings);
	await refusal(board, { ...settings, colour: PASSWORD });
	await refusal(board, {
		...settings,
		accounts: [{ ...settings.accounts[0], credentials: { ...credentials, key: `${KEY}g` } }],
	});
	await board.console.send(`provision ${JSON.stringify({ network: { ssid: "x", password: PASSWORD } })}\n`);
	await board.restarts(() => board.console.request("restart"));
	for (const verb of ["status", "identity", "network", "statistics", "help", "log"]) await ask(board, verb);
	for (const path of ["/0", "/0/0", "/0/0/5", "/0/0/3", "/1/0", "/3/0", "/21/0"]) {
		await ask(board, "objects read", { path });
		await board.console.send(`objects read ${path}\n`);
	}
	await ask(board, "status");
	const said = board.console.transcript().toLowerCase();
	const bytes = Buffer.from(KEY, "hex");
	for (const secret of [KEY, bytes.toString("base64"), bytes.toString("latin1"), PASSWORD, "sesame"]) {
		assert.not.ok(said.includes(secret.toLowerCase()), "a secret came out");
	}
});

async function ask(board: Board, verb: string, members = {}): Promise<void> {
	await board.console.request(verb, members).catch((error: unknown) => {
		if (!(error instanceof ConsoleFailure && error.kind === "refused")) throw error;
	});
}

hil("new settings replace the old ones", {}, async ({ board, backend }) => {
	await register({ board });
	await provision(board, settingsFor(board, "second"));
	await provision(board, settingsFor(board, "third"));
	await restart(board);
	assert.is(board.banner.endpoint, "third");
	await board.event("registered", { within: REGISTER_MS });
	assert.ok(await backend.registration("third"));
	assert.is(await backend.registration("second"), undefined);
});

hil("a factory reset forgets, and the board can be provisioned anew", {}, async ({ board, backend }) => {
	const name = await register({ board });
	const banner = await board.restarts(() => board.console.request("factory-reset"));
	assert.is(banner.endpoint, undefined);
	assert.is((await board.console.request("status")).provisioned, false);
	assert.is(await register({ board }), name);
	assert.is(await backend.read(name, "/3/0/0"), "Pinhole");
});
