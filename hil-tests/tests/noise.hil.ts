// Noise on the console: random bytes change nothing, break nothing, and the next line is understood.

import { assert } from "#suite";
import { hil } from "../rig/suite.js";
import { register } from "./steps.js";

/** A pty of a process takes a megabyte in a second or two, a UART of 115200 baud in 87. */
const NOISE_LENGTH: Readonly<Record<string, number>> = { xs: 1_000_000 };
const OTHER_NOISE_LENGTH = 100_000;
/** Below what ptys and UARTs buffer. */
const PIECE_LENGTH = 1024;

hil("survives random bytes, and stays registered", { limitSeconds: 120 }, async (bench) => {
	const { board, backend, random } = bench;
	const name = await register(bench);
	const length = NOISE_LENGTH[board.id] ?? OTHER_NOISE_LENGTH;
	const piece = new Uint8Array(PIECE_LENGTH);
	for (let sent = 0; sent < length; sent += piece.length) {
		random.fill(piece);
		await board.console.send(piece);
	}
	await board.console.resynchronise({ within: 20_000 });
	assert.is((await board.console.request("status")).state, "running");
	assert.is(await backend.read(name, "/3/0/0"), "Pinhole");
});

hil("half a request is forgotten with the next line", {}, async ({ board }) => {
	await board.console.send('#7+0 {"verb":"provision","settings":{"endpointName":"x","acc');
	await board.console.send("\r\n\u0000\u0007\u001b[A\xff\n#8 {\n{}\n#\n");
	await board.console.resynchronise();
	assert.is((await board.console.request("status")).provisioned, false);
});
