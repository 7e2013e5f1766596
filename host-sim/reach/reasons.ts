// Why a target is missed where it is: said beside the number, so that nobody has to guess.

import { type Cell, cellNamed, rebindingSeconds } from "./cell.js";
import { percent } from "./checks.js";
import { oracleOf } from "./policies.js";
import type { Result } from "./result.js";

/** The reason of a miss by yardstick, as far as it is known. */
export function reasonOf(yardstick: string, result: Result): string {
	const cell = cellNamed(result.cell);
	switch (yardstick) {
		case "moving":
			return tooManyMoves(cell);
		case "rebinding":
			return "a second move came before the first was told";
		case "quiet":
			return "at 20 % loss an estimate a little higher leaves a short lifetime one repetition less: 38 s for 46";
		case "reachable":
			return "the loss is an estimate, and with it how often a keepalive has to be sent";
		case "learned":
			return "losses hide answers of probes: two misses are believed, where the loss makes them rare enough";
		case "stock":
			return "too few commands came late in an interval; where that looks like its end, it is tried anew after a day";
		case "peers":
			return cell.udp === "blocked"
				? "over TCP a pong proves nothing (Linux picks a forgotten connection up), and each repair costs a connection"
				: tooManyMoves(cell);
		default:
			return "not known yet";
	}
}

/** Of the moving oracle: it may be silent for as long as the binding lives, however little it is reached. */
function tooManyMoves(cell: Cell): string {
	const { intervalSeconds } = oracleOf(cell);
	const moves = intervalSeconds / rebindingSeconds[cell.rebinding];
	if (moves < 0.5) return "not known yet";
	const reachable = (1 - Math.exp(-moves)) / moves;
	return (
		`the oracle is ${percent(reachable)} reachable: it is silent for ${intervalSeconds.toFixed(0)} s between moves, ` +
		"knows the lifetime, and that no new binding is to be used twice; to learn both among moves costs the difference"
	);
}
