// The start of every board: from power-on to a device that is registered, whatever the board is.

import type { BoardConfig, BoardDevice } from "../io/board.js";
import type { TimeModule, TimerModule } from "../io/ecma-419.js";
import type { Application } from "./application.js";
import { System } from "./system.js";

/** What a board is for the firmware: Moddable's modules `timer`, `time` and `mc/config`, and the global `device`. */
export interface Board {
	readonly device: BoardDevice;
	readonly config: BoardConfig;
	readonly timer: TimerModule;
	readonly time: TimeModule;
}

/** Opens journal, console and network, and runs the application once the board is provisioned. Never throws. */
export function boot(board: Board, application: Application): System {
	const system = new System(board, application);
	system.start();
	return system;
}
