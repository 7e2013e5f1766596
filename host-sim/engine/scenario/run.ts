// Runs the frozen scenario; prints "passed" at its end. Arguments: "objects" for what lives then, "record" for the
// scenario with OSCORE, whose recording comes in the place of "passed", "stream" for a device over TCP.

import measure from "pinhole/measure";
import { print, readArguments } from "pinhole/process";
import { SecuredBoard } from "./secured.js";
import { Board } from "./server.js";
import { runScenario } from "./story.js";
import { StreamBoard } from "./stream.js";

const [what] = readArguments();

if (what === "record") {
	const board = new SecuredBoard(true);
	runScenario(board, () => {
		const { requests, arrivals } = board;
		print(
			JSON.stringify({ requests, arrivals }, (_name, value: unknown) =>
				value instanceof Uint8Array ? Array.from(value) : value,
			),
		);
	});
} else {
	runScenario(what === "stream" ? new StreamBoard() : new Board(), () => {
		if (what === "objects") measure.objects();
		print("passed");
	});
}
