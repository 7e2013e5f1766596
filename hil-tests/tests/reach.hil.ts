// Reach on a whole board: one test for each kind of keepalive, told apart by what passes the NAT's outer side, where a
// command arrives after silence and again after another address; and one for what the board learns of its binding.

import { assert } from "#suite";
import { codeText } from "../../firmware/coap/codes.js";
import { isRefresh, Keeper } from "../../firmware/coap/keeper-ping.js";
import { DatagramMessage } from "../../firmware/coap/message.js";
import type { Bench } from "../rig/board.js";
import { hil } from "../rig/suite.js";
import { pause, register } from "./steps.js";

const DEVICE = "/3/0/0";
/** A command that finds the binding open is answered in this time. */
const AT_ONCE_SECONDS = 2;
/** Where nothing is known of a network its bindings are taken to last 30 s, and kept with a margin for loss. */
const FIRST_INTERVAL_MS = 30_000;
/** The low bits of a question number it (docs/reach-extension.md). */
const NUMBER_BITS = 0x0f;

/** What has passed since the `from`-th datagram between the back end and an address of the NAT's. */
function passedSince({ board, backend }: Bench, from: number, address: string): string[] {
	return board.link
		.passed()
		.slice(from)
		.filter(({ source, destination }) => source === address || destination === address)
		.map(({ source, payload }) => `${source === backend.coap ? "down" : "up"} ${whatIs(payload)}`);
}

/** "refresh", "question", "known" and "unknown" are the datagrams of one byte. */
function whatIs(bytes: Uint8Array): string {
	if (bytes.length === 1) {
		if (isRefresh(bytes)) return "refresh";
		if (bytes[0] === Keeper.Unknown) return "unknown";
		const kind = bytes[0]! & ~NUMBER_BITS;
		return kind === Keeper.Ask ? "question" : kind === Keeper.Known ? "known" : `byte ${bytes[0]}`;
	}
	const message = new DatagramMessage();
	return message.decode(bytes) === "ok" ? `${message.type} ${codeText(message.code)}` : "no CoAP";
}

function isOneByte(what: string): boolean {
	return !/ (CON|NON|ACK|RST) /.test(what);
}

/** The next Update that the back end answers. */
async function updated({ backend }: Bench, within: number): Promise<void> {
	await backend.event(({ name }) => name === "UPDATED", { within });
}

async function addressOf({ backend }: Bench, name: string): Promise<string> {
	const address = (await backend.registration(name))?.address;
	assert.ok(address !== undefined, "it is registered");
	return address;
}

async function commandArrives({ backend }: Bench, name: string): Promise<void> {
	assert.is(await backend.read(name, DEVICE, AT_ONCE_SECONDS), "Pinhole");
}

hil(
	"left to learn, it keeps its binding open by single bytes, which nobody answers",
	{ needs: ["link"], limitSeconds: 150 },
	async (bench) => {
		const { board, note } = bench;
		const name = await register(bench);
		const address = await addressOf(bench, name);
		const from = board.link.passed().length;
		await pause(1.5 * FIRST_INTERVAL_MS);
		const said = passedSince(bench, from, address);
		note(`in 45 s: ${said.join(", ")}`);
		// Once each: a second use, which makes a lasting binding of it in Linux, and the ticket for a measurement.
		const others = said.filter((what) => what !== "up refresh");
		assert.equal(others.sort(), ["down ACK 2.04 Changed", "down known", "up CON 0.02 POST", "up question"]);
		assert.ok(said.length - others.length >= 1, "refreshes");
		await commandArrives(bench, name);
		assert.is(await addressOf(bench, name), address);

		const before = board.link.passed().length;
		await board.link.rebind();
		await updated(bench, FIRST_INTERVAL_MS);
		await commandArrives(bench, name);
		const moved = await addressOf(bench, name);
		assert.is.not(moved, address);
		const repair = passedSince(bench, before, moved);
		note(`after the rebinding: ${repair.join(", ")}`);
		assert.equal(repair.slice(0, 4), ["up refresh", "down unknown", "up CON 0.02 POST", "down ACK 2.04 Changed"]);
	},
);

hil(
	"each quarter of an hour it asks by a byte whether it is known, and is told by another",
	{ needs: ["link", "advance"] },
	async (bench) => {
		const { board, note } = bench;
		const name = await register(bench);
		const address = await addressOf(bench, name);
		const from = board.link.passed().length;
		await board.advance("15m");
		await pause(2000);
		const said = passedSince(bench, from, address);
		note(`after a quarter of an hour: ${said.join(", ")}`);
		await commandArrives(bench, name);

		const before = board.link.passed().length;
		await board.link.rebind();
		const told = updated(bench, FIRST_INTERVAL_MS);
		await board.advance("15m");
		await told;
		await commandArrives(bench, name);
		const moved = await addressOf(bench, name);
		const repair = passedSince(bench, before, moved);
		note(`after the rebinding: ${repair.join(", ")}`);
		assert.is.not(moved, address);
		// The clock's jump makes other things due, too, such as a measurement.
		assert.equal(said.filter(isOneByte), ["up question", "down known"]);
		assert.equal(repair.filter(isOneByte).slice(0, 2), ["up question", "down unknown"]);
	},
);

/** Between the first two delays that are measured, 21 and 45 s, and not far above the shorter one. */
const MEASURED_SECONDS = 24;
/** By then the binding of each first delay up to 45 s was alive when the answer came, or was not. */
const MEASURED_MS = 55_000;
/** The binding's second use, so that the clock's jump meets no exchange. */
const QUIET_MS = 6_000;

hil(
	"it measures on sockets of their own how long a binding lives, and tells so",
	{ needs: ["link", "advance"], bindingLifetimeMs: 1000 * MEASURED_SECONDS, limitSeconds: 120 },
	async (bench) => {
		const { board, backend, note } = bench;
		const name = await register(bench);
		const address = await addressOf(bench, name);
		await pause(QUIET_MS);
		// Else it begins 20 to 40 s after it was registered.
		await board.advance("40s");
		await pause(MEASURED_MS);
		const from = board.link.passed().length;
		// This question comes after a silence, too, but a shorter one.
		const lower = Number(await backend.read(name, "/33101/0/1"));
		const sources = new Set(
			board.link
				.passed()
				.slice(0, from)
				.map(({ source }) => source),
		);
		note(
			`a binding of ${MEASURED_SECONDS} s was seen alive after ${lower} s; ${sources.size - 1} addresses of the board`,
		);
		assert.ok(lower >= 0.85 * MEASURED_SECONDS && lower <= MEASURED_SECONDS, `${lower} s`);
		assert.is(await addressOf(bench, name), address, "that of the association is left alone");
		assert.ok(sources.size > 2, "fresh sockets");
	},
);

const KEEPALIVE_SECONDS = 4;
const SILENCE_MS = 20_000;

hil(
	"with a fixed interval nothing but Updates keeps its binding open",
	{ needs: ["link"], bindingLifetimeMs: 6000 },
	async (bench) => {
		const { board, note } = bench;
		const name = await register(bench, { keepaliveSeconds: KEEPALIVE_SECONDS });
		const address = await addressOf(bench, name);
		const from = board.link.passed().length;
		await pause(SILENCE_MS);
		const said = passedSince(bench, from, address);
		note(`in 20 s: ${said.length} datagrams`);
		assert.equal([...new Set(said)].sort(), ["down ACK 2.04 Changed", "up CON 0.02 POST"]);
		const updates = said.filter((what) => what.startsWith("up")).length;
		// A tenth of the interval is chance.
		assert.ok(updates >= 4 && updates <= 6, `${updates} Updates`);
		await commandArrives(bench, name);

		await updated(bench, 2000 * KEEPALIVE_SECONDS);
		const before = board.link.passed().length;
		await board.link.rebind();
		await updated(bench, 2000 * KEEPALIVE_SECONDS);
		await commandArrives(bench, name);
		const moved = await addressOf(bench, name);
		assert.is.not(moved, address);
		const repair = passedSince(bench, before, moved);
		assert.equal(repair.slice(0, 2), ["up CON 0.02 POST", "down ACK 2.04 Changed"]);
	},
);

/** An Update that stays unanswered, and another connection. */
const RECONNECT_MS = 90_000;

hil(
	"over a connection it is reached after silence, and by another connection after another address",
	{ needs: ["link", "connections"], bindingLifetimeMs: 6000, limitSeconds: 150 },
	async (bench) => {
		const { board, backend, note } = bench;
		const serverUri = board.link.connectionUri!;
		const name = await register(bench, { keepaliveSeconds: KEEPALIVE_SECONDS, serverUri });
		const address = await addressOf(bench, name);
		assert.match(address, /^tcp:/);
		await pause(SILENCE_MS);
		await commandArrives(bench, name);
		assert.is(await addressOf(bench, name), address);

		// The NAT knows the connection no more, and says so to nobody.
		await board.link.rebind();
		const startedAt = Date.now();
		while (!(await backend.reaches(name, DEVICE, AT_ONCE_SECONDS)))
			assert.ok(Date.now() - startedAt < RECONNECT_MS, `no command arrives since ${RECONNECT_MS} ms`);
		note(`reached after ${Date.now() - startedAt} ms`);
		assert.is.not(await addressOf(bench, name), address);
		assert.equal(board.link.passed(), [], "no datagram");
	},
);
