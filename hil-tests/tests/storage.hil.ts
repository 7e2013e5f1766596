// The journal in flash: it cleans itself up while it runs, wears evenly, and what does not fit changes nothing.

import { assert } from "#suite";
import { ConsoleFailure } from "../../host-sim/console/failure.js";
import type { Board } from "../rig/board.js";
import { hil } from "../rig/suite.js";
import { member, provision, REGISTER_MS, register, restart, settingsFor } from "./steps.js";

async function journal(board: Board): Promise<{ erases: number; cleanUps: number; records: number }> {
	const { erases, cleanUps, records } = member(await board.console.request("statistics"), "journal");
	return { erases: Number(erases), cleanUps: Number(cleanUps), records: Number(records) };
}

/** Settings of about 1 KB, the longest that a board takes: so that few of them fill a block. */
function longSettings(board: Board, number: number) {
	const settings = settingsFor(board, `wear-${number}`);
	const first = settings.accounts[0]!;
	const accounts = [1, 2, 3, 4].map((shortServerId) => ({
		...first,
		shortServerId,
		serverUri: `coap://${"a".repeat(80)}.${number}.invalid:5683`,
	}));
	return { ...settings, accounts };
}

/** More than the journal has banks, would it use one of them only. */
const CLEAN_UPS = 3;

hil(
	"settings written over and over are cleaned up, bank after bank, and the last ones stand",
	{ limitSeconds: 120 },
	async ({ board, note }) => {
		const before = await journal(board);
		let now = before;
		let count = 0;
		for (; now.cleanUps < before.cleanUps + CLEAN_UPS; now = await journal(board)) {
			for (let turn = 0; turn < 5; turn++) await provision(board, longSettings(board, ++count));
			if (count > 1000) throw new Error("1,000 provisionings, and the journal has not cleaned up");
		}
		note(`${count} provisionings of 500 B cleaned up ${now.cleanUps - before.cleanUps} times`);
		assert.ok(now.erases <= before.erases + 1, `one bank was erased ${now.erases - before.erases} times`);
		assert.is(now.records, before.records + 1, "old settings are gone");
		await restart(board);
		assert.is(board.banner.endpoint, `wear-${count}`);
	},
);

hil("settings that are too long for the board are refused by it, and leave the old ones", {}, async ({ board }) => {
	await provision(board, settingsFor(board, "kept"));
	await provision(board, settingsFor(board, "x".repeat(1000))).then(
		() => assert.unreachable("1,000 characters of a name were taken"),
		(error: unknown) => {
			assert.ok(error instanceof ConsoleFailure, String(error));
			assert.match(error.message, /^The board refuses: .*endpointName is longer than 64 bytes/);
		},
	);
	await restart(board);
	assert.is(board.banner.endpoint, "kept");
});

/** Texts that a server may write and that are kept; together they are longer than the journal takes. */
const KEPT = ["/3306/0/5750", "/3323/0/5750", "/3303/0/5750", "/3200/0/5750"];
const TEXT_LENGTH = 3500;

hil(
	"a full journal refuses what does not fit, and keeps all that it took",
	{ needs: ["power", "link"] },
	async (bench) => {
		const { board, backend, note } = bench;
		const name = await register(bench);
		const expected = new Map<string, string>();
		let refusals = 0;
		for (const path of KEPT) {
			const before = await backend.read(name, path);
			const text = `${path} `.padEnd(TEXT_LENGTH, "x");
			const { status, success } = await backend.ask("PUT", name, path, { text });
			note(`${path}: ${status}`);
			if (!success) refusals++;
			expected.set(path, success ? text : before);
		}
		for (const [path, text] of expected) assert.is(await backend.read(name, path), text, `${path} before the cut`);
		await board.power.cycle();
		await board.event("registered", { within: REGISTER_MS });
		for (const [path, text] of expected) assert.is(await backend.read(name, path), text, `${path} after the cut`);
		await provision(board, settingsFor(board, name));
		assert.ok(refusals > 0, "nothing was refused: is the journal larger than this test knows?");
	},
);
