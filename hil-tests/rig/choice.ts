// From the name in --board to a machine: the virtual board, the desktop's XS, a row of rig.json, or a bare port.

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { listPorts } from "../../host-sim/console/ports.js";
import type { RunPlan } from "./fixture.js";
import { lockBoard } from "./lock.js";
import type { MachineMaker } from "./machine.js";
import { qemuMaker } from "./qemu-machine.js";
import { type BoardRow, RigError, readRig } from "./registry.js";
import { awaitPort, prepareSerialBoard, serialMaker } from "./serial-machine.js";
import type { Task } from "./worker.js";
import { whyNoXsBoard, xsMaker } from "./xs-machine.js";

/** The checkout. */
const ROOT = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

const LOOPBACK = "127.0.0.1";

/** A board for this process alone. */
export interface BoardChoice {
	readonly plan: RunPlan;
	/** Gives the board back. */
	release(): void;
}

/** Throws, with one sentence, where there is no such board or somebody else has it. */
export async function chooseBoard(task: Task, note: (text: string) => void): Promise<BoardChoice> {
	if (task.board === "xs") return virtual(task, whyNoXsBoard(), xsMaker);
	if (task.board === "qemu-riscv32") {
		const { missing, maker } = await qemuMaker({ image: task.image, note });
		return virtual(task, missing, maker);
	}
	const rig = readRig(task.rigFile);
	const row = rig.boards.find(({ id }) => id === task.board) ?? bareRow(task.board);
	if (row === undefined) {
		throw new RigError(
			`There is no board "${task.board}": npm run hil -- boards lists those of ${task.rigFile} and all others.`,
		);
	}
	const port = await awaitPort(row, listPorts, 0);
	const release = lockBoard(row.serialNumber ?? port);
	try {
		const folder = join(task.out, row.id);
		await prepareSerialBoard(row, port, { folder, root: ROOT, note });
		return { ...choose(task, undefined, serialMaker(row), rig.address ?? LOOPBACK), release };
	} catch (error) {
		release();
		throw error;
	}
}

/** "/dev/ttyUSB0": a board of which nothing is known but where it is. */
function bareRow(name: string): BoardRow | undefined {
	if (!name.startsWith("/dev/") && !/^COM\d+$/.test(name)) return undefined;
	return { id: name.replace(/^.*\//, "").toLowerCase(), board: "unknown", port: name, reset: "uart-rts" };
}

/** A machine that is to prove all has all tools: there the want of one is a failure, elsewhere it skips. */
function virtual(task: Task, missing: string | undefined, maker: MachineMaker): BoardChoice {
	if (missing !== undefined && process.env.CI === "true") throw new RigError(`${missing}; run ./setup.`);
	// Two runs of one checkout would write into the same records.
	return { ...choose(task, missing, maker, LOOPBACK), release: lockBoard(task.board, task.out) };
}

function choose(task: Task, missing: string | undefined, maker: MachineMaker, address: string): BoardChoice {
	const { board, seed, out, attempts, cuts } = task;
	const plan: RunPlan = {
		board: board.replace(/^.*\//, ""),
		missing,
		maker,
		address,
		seed,
		folder: join(out, board.replace(/[^\w.-]/g, "_")),
		attempts,
		repeat: (suite, title) => {
			const what = cuts === undefined ? `--filter "${suite}: ${title}"` : `--campaign ${cuts}`;
			return `npm run hil -- --board ${board} ${what} --seed ${seed}`;
		},
	};
	return { plan, release: () => {} };
}
