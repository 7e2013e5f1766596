// What differs between boards: how one gets power and its console, and what stands between it and the back end.

import type { SerialLink } from "../../host-sim/console/link.js";
import type { Ability, BoardLink, NetworkSettings } from "./board.js";

/** One kind of board, without anything that the rig does for all of them. */
export interface Machine {
	readonly id: string;
	readonly abilities: ReadonlySet<Ability>;
	readonly link: BoardLink;
	/** What it needs to be told of its network; undefined where it needs no name, as Ethernet. */
	readonly network: NetworkSettings | undefined;
	/** How long a start may take until the banner. */
	readonly startMs: number;
	/** Gives power, or a reset where it cannot be switched; the console is open before the first line leaves. */
	open(): Promise<SerialLink>;
	/** Lets the first instruction run. */
	run(): Promise<void>;
	/** Takes power away, at once. */
	cut(): Promise<void>;
	/** As in BoardPower, for a machine with the ability "tear". */
	mark(): void;
	tear(): string | undefined;
	/** Ends everything that this machine started. */
	close(): Promise<void>;
}

/** Where a test's machine keeps its files, and how it reaches the back end. */
export interface MachinePlace {
	/** For captures and other records of this test. */
	readonly folder: string;
	/** For what the machine itself keeps, such as its flash; removed when the test has passed. */
	readonly state: string;
	/** Sets two boards of one test apart: 1, 2. */
	readonly number: number;
	/** The back end's CoAP address. */
	readonly backend: string;
	/** Where it takes connections, as host and port. */
	readonly connections: string;
	readonly seed: number;
	readonly bindingLifetimeMs: number;
	readonly say: (line: string) => void;
}

/** Makes the machine of one test. */
export type MachineMaker = (place: MachinePlace) => Promise<Machine>;
