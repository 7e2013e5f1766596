// The desktop's XS engine as a machine: the firmware in a process, its console a pty, its flash a file.

import { join } from "node:path";
import { createLogger } from "../../host-sim/cli/shared.js";
import type { SerialLink } from "../../host-sim/console/link.js";
import { openPort } from "../../host-sim/console/port.js";
import { XsBoard } from "../../host-sim/device/board-xs.js";
import { missingFor } from "../../host-sim/engine/build.js";
import type { Ability, BoardLink } from "./board.js";
import type { Machine, MachineMaker, MachinePlace } from "./machine.js";
import { natLink } from "./nat-link.js";
import { openRelay } from "./relay.js";

/** From its console to its banner: nothing on a quiet machine. */
const START_MS = 10_000;
const ABILITIES: readonly Ability[] = ["power", "link", "cable", "advance", "fresh-flash", "another"];

/** Why the engine cannot run here, in one sentence; undefined when it can. */
export function whyNoXsBoard(): string | undefined {
	return missingFor("xs64");
}

class XsMachine implements Machine {
	readonly id = "xs";
	readonly abilities: ReadonlySet<Ability> = new Set(ABILITIES);
	readonly network = undefined;
	readonly startMs = START_MS;
	readonly link: BoardLink;
	readonly #place: MachinePlace;
	readonly #closeNat: () => Promise<void>;
	#board: XsBoard | undefined;

	constructor(place: MachinePlace, relay: Awaited<ReturnType<typeof openRelay>>) {
		this.#place = place;
		this.#closeNat = relay.close;
		this.link = natLink(relay.nat, {
			serverUri: `coap://${relay.nat.inside}`,
			connectionUri: undefined,
			bindingLifetimeMs: place.bindingLifetimeMs,
			capture: relay.capture,
			backend: place.backend,
			cable: async (plugged) => this.#board?.cable(plugged),
		});
	}

	async open(): Promise<SerialLink> {
		const { state, number, say } = this.#place;
		this.#board = await XsBoard.start({
			flash: join(state, `flash-${number}.bin`),
			hold: true,
			onError: (text) => say(text.trimEnd()),
		});
		return openPort(this.#board.port);
	}

	async run(): Promise<void> {
		this.#board?.run();
	}

	async cut(): Promise<void> {
		await this.#board?.cut();
		this.#board = undefined;
	}

	mark(): void {}

	tear(): undefined {}

	async close(): Promise<void> {
		await this.cut();
		await this.#closeNat();
	}
}

/** Machines on the 64-bit engine, each behind a relay of its own. */
export const xsMaker: MachineMaker = async (place) =>
	new XsMachine(
		place,
		await openRelay(
			place,
			createLogger("info", (line) => place.say(line.trimEnd())),
		),
	);
