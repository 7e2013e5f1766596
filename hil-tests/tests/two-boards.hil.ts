// Two boards at one back end: each is itself, and one's end is not the other's.

import { assert } from "#suite";
import { hil } from "../rig/suite.js";
import { provision, REGISTER_MS, restart, settingsFor } from "./steps.js";

const MOTOR = "/3306/0/5850";

hil(
	"two boards side by side do not disturb each other",
	{ needs: ["another", "power"], limitSeconds: 90 },
	async (bench) => {
		const { backend } = bench;
		const boards = { left: bench.board, right: await bench.another() };
		for (const [name, board] of Object.entries(boards)) {
			await provision(board, settingsFor(board, name));
			await restart(board);
			await board.event("registered", { within: REGISTER_MS });
		}
		await backend.write("left", MOTOR, "false");
		assert.is(await backend.read("right", MOTOR), "true");
		await boards.left.power.cut();
		assert.is(await backend.read("right", "/3/0/0"), "Pinhole");
		await boards.left.power.on();
		await boards.left.event("registered", { within: REGISTER_MS });
		assert.is(await backend.read("left", "/3/0/0"), "Pinhole");
		assert.is((await backend.registrations()).length, 2);
	},
);
