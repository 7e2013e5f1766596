// OSCORE on the whole way: keys given over the serial port, commands that survive another address, a power cut and a
// back end that has forgotten all, and keys that never come out.

import { assert } from "#suite";
import { codeText } from "../../firmware/coap/codes.js";
import { DatagramMessage } from "../../firmware/coap/message.js";
import { Option } from "../../firmware/coap/options.js";
import type { Credential } from "../../host-sim/backend/credentials.js";
import { hex } from "../../host-sim/backend/hex.js";
import { newCredential } from "../../host-sim/cli/credentials.js";
import { ConsoleFailure } from "../../host-sim/console/failure.js";
import type { Account, Bench } from "../rig/board.js";
import { hil } from "../rig/suite.js";
import { pause, provision, REGISTER_MS, register, restart, settingsFor } from "./steps.js";

const KEEPALIVE_SECONDS = 2;
/** RFC 8613, 6.1: a flag of the option, set in each message of a renewal (B.2). */
const KID_CONTEXT = 0x10;
/** One keepalive that finds the new binding, on a slow board. */
const REPAIR_SECONDS = 10;
const MOTOR = "/3306/0/5850";
const PRESSURE = "/3323/0/5700";

function accountWith({ masterSecret, masterSalt, senderId, recipientId }: Credential): Partial<Account> {
	const keys = { masterSecret, masterSalt, senderId, recipientId };
	const texts = Object.entries(keys).map(([name, bytes]) => [name, hex(bytes)]);
	return { keepaliveSeconds: KEEPALIVE_SECONDS, credentials: { mode: "oscore", ...Object.fromEntries(texts) } };
}

/** A board and a back end that share keys, the board registered. */
async function secured(bench: Bench): Promise<{ readonly name: string; readonly credential: Credential }> {
	const credential = newCredential(`${bench.board.id}-device`);
	await bench.backend.secure([credential]);
	return { name: await register(bench, accountWith(credential)), credential };
}

hil("a board with keys is registered, read, written and observed", {}, async (bench) => {
	const { backend } = bench;
	const { name } = await secured(bench);
	assert.is(await backend.read(name, "/3/0/0"), "Pinhole");
	await backend.write(name, MOTOR, "true");
	assert.is(await backend.read(name, MOTOR), "true");
	const notified = backend.event((event) => event.name === "NOTIFICATION", { within: 10_000 });
	await backend.ask("POST", name, `${PRESSURE}/observe`);
	await notified;
});

hil(
	"after the NAT has moved it, the next command arrives, and nobody registers anew",
	{ needs: ["link"] },
	async (bench) => {
		const { board, backend, note } = bench;
		const { name } = await secured(bench);
		const before = await backend.registration(name);
		for (let turn = 0; turn < 3; turn++) {
			await board.link.rebind();
			const startedAt = Date.now();
			assert.is(await backend.read(name, "/3/0/0", REPAIR_SECONDS), "Pinhole");
			note(`reached after ${Date.now() - startedAt} ms`);
		}
		const after = await backend.registration(name);
		assert.is.not(after?.address, before?.address);
		assert.is(after?.registrationId, before?.registrationId);
	},
);

hil(
	"after the NAT has moved it, an Update and the next command take four datagrams",
	{ needs: ["link"] },
	async (bench) => {
		const { board, backend } = bench;
		const { name } = await secured(bench);
		assert.is(await backend.read(name, "/3/0/0"), "Pinhole");
		for (let turn = 0; turn < 3; turn++) {
			// Just heard, so that nothing else of it is under way.
			await board.event("updated", { within: 3 * 1000 * KEEPALIVE_SECONDS });
			await pause(100);
			const from = board.link.passed().length;
			await board.link.rebind();
			await board.event("updated", { within: 1000 * REPAIR_SECONDS });
			assert.is(await backend.read(name, "/3/0/0"), "Pinhole");
			const said = board.link.passed().slice(from);
			assert.equal(
				said.map(({ source, payload }) => `${source === backend.coap ? "to" : "from"} the board: ${whatIs(payload)}`),
				[
					"from the board: CON 0.02 POST",
					"to the board: ACK 2.04 Changed",
					"to the board: CON 0.02 POST",
					"from the board: ACK 2.04 Changed",
				],
			);
		}
	},
);

/** What a protected message shows: its type and outer code, and whether it takes part in a renewal of keys (B.2). */
function whatIs(bytes: Uint8Array): string {
	const message = new DatagramMessage();
	assert.is(message.decode(bytes), "ok");
	const option = message.option(Option.Oscore);
	assert.ok(option !== undefined, "without protection");
	const isRenewal = ((option[0] ?? 0) & KID_CONTEXT) !== 0;
	return `${message.type} ${codeText(message.code)}${isRenewal ? " with a kid context" : ""}`;
}

hil("after a power cut it comes back without a person, and is commanded", { needs: ["power"] }, async (bench) => {
	const { board, backend } = bench;
	const { name } = await secured(bench);
	for (let turn = 0; turn < 2; turn++) {
		await board.power.cycle();
		await board.event("registered", { within: REGISTER_MS });
		await backend.write(name, MOTOR, String(turn === 0));
		assert.is(await backend.read(name, MOTOR), String(turn === 0));
	}
});

hil("a back end that has forgotten all is found again, by itself", {}, async (bench) => {
	const { board, backend, note } = bench;
	const { name } = await secured(bench);
	const startedAt = Date.now();
	const registered = board.event("registered", { within: 40_000 });
	await backend.restart();
	await registered;
	note(`registered again after ${Date.now() - startedAt} ms`);
	assert.is(await backend.read(name, "/3/0/0"), "Pinhole");
});

hil("with keys that the back end does not know, and with none, it is not registered", {}, async (bench) => {
	const { board, backend } = bench;
	const name = `${board.id}-device`;
	await backend.secure([newCredential(name)]);
	for (const account of [accountWith(newCredential(name)), {}]) {
		await provision(board, settingsFor(board, name, account));
		await restart(board);
		await pause(6000);
		assert.is(await backend.registration(name), undefined);
	}
});

hil("keys never come out, neither over the air nor at the console", {}, async (bench) => {
	const { board, backend } = bench;
	const { name, credential } = await secured(bench);
	for (const path of ["/21", "/21/0", "/21/0/0", "/0", "/0/0/17"]) {
		const { success, content } = await backend.ask("GET", name, path);
		assert.not.ok(success, `${path} was read`);
		assert.not.ok(content, `${path} has content`);
	}
	await board.console.request("log", { level: "debug" });
	await restart(board);
	await board.event("registered", { within: REGISTER_MS });
	for (const verb of ["status", "identity", "network", "statistics", "help", "log"]) await ask(bench, verb);
	for (const path of ["/21", "/21/0", "/21/0/0", "/0/0", "/0/0/5"]) {
		await ask(bench, "objects read", { path });
		await board.console.send(`objects read ${path}\n`);
	}
	await ask(bench, "status");
	const said = board.console.transcript();
	assert.match(said, /registered/);
	for (const key of [credential.masterSecret, credential.masterSalt])
		for (const encoding of ["hex", "base64", "latin1"] as const)
			assert.not.ok(said.includes(Buffer.from(key).toString(encoding)), "a key came out");
});

async function ask({ board }: Bench, verb: string, members = {}): Promise<void> {
	await board.console.request(verb, members).catch((error: unknown) => {
		if (!(error instanceof ConsoleFailure && error.kind === "refused")) throw error;
	});
}
