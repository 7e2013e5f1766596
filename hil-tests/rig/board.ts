// What a test knows of a board: the same for the virtual one, the desktop's XS and a real one on a serial port.

import type { Banner, Reply } from "../../host-sim/console/client.js";
import type { CapturedDatagram } from "../../host-sim/nat/pcap.js";
import type { SeededRandom } from "../../host-sim/nat/seeded-random.js";
import type { Backend } from "./backend.js";

/** One event of the agent, as the log tells it. */
export interface BoardEvent {
	readonly kind: string;
	readonly shortServerId: number;
	readonly detail: string;
	/** Milliseconds of the board's own clock. */
	readonly deviceMs: number;
}

/** The settings that `provision` gives a board (docs/console.md). */
export interface Settings {
	readonly endpointName: string;
	readonly accounts: readonly Account[];
	readonly network?: NetworkSettings;
}

export interface NetworkSettings {
	readonly ssid: string;
	readonly password: string;
}

export interface Account {
	readonly serverUri: string;
	readonly shortServerId: number;
	readonly lifetimeSeconds: number;
	readonly keepaliveSeconds?: number;
	readonly credentials?: Readonly<Record<string, string>>;
}

/** The console of a board. */
export interface BoardConsole {
	/** Asks and waits; the members of the answer beside `ok`. A refusal by the board is a ConsoleFailure "refused". */
	request(verb: string, members?: Reply, options?: { readonly within?: number }): Promise<Reply>;
	/** Raw bytes on the line, as noise or as a person's typing. */
	send(bytes: Uint8Array | string): Promise<void>;
	/** The next line from now on that fits. */
	line(pattern: RegExp, options: { readonly within: number }): Promise<string>;
	/** Empties the board's line buffer and waits until it answers, as after noise. */
	resynchronise(options?: { readonly within?: number }): Promise<void>;
	/** All that the board has said since the test began. */
	transcript(): string;
}

/** When the power goes: so many milliseconds from now, or as soon as a line fits. */
export type CutMoment = { readonly afterMs: number } | { readonly line: RegExp };

/** The board's supply. */
export interface BoardPower {
	/** What the board has done until now was seen by others: `tear` never goes back behind it. */
	mark(): void;
	/** Takes the power away, at once. */
	cut(): Promise<void>;
	/** After a cut: makes the flash what it would be had the cut come at some instant since the mark. Says which. */
	tear(): string | undefined;
	/** Takes the power away at a moment; what the board says after it is not heard. */
	cutAt(moment: CutMoment): Promise<void>;
	/** Gives power, and waits for the banner. */
	on(): Promise<Banner>;
	/** Off and on. */
	cycle(): Promise<Banner>;
}

/** The way between the board and the back end, with a NAT in it. */
export interface BoardLink {
	/** What the board is to be provisioned with, so that it reaches the back end through the NAT. */
	readonly serverUri: string;
	/** The same for a connection (RFC 8323); undefined: the NAT of this link carries none. */
	readonly connectionUri: string | undefined;
	/** How long the NAT keeps a binding that nobody refreshes. */
	readonly bindingLifetimeMs: number;
	/** Chance of a datagram to be lost, 0 to 1, in each direction. */
	drop(chance: number): Promise<void>;
	delay(milliseconds: number): Promise<void>;
	/** Up to so much more time, another for each datagram: they change places. */
	jitter(milliseconds: number): Promise<void>;
	/** Chance of a datagram to arrive twice. */
	duplicate(chance: number): Promise<void>;
	/** Nothing passes until `silence(false)`. */
	silence(on: boolean): Promise<void>;
	/** Every binding gets another port, as after a re-dial of the line. */
	rebind(): Promise<void>;
	/** Every binding is forgotten, as after a power cut of the router. */
	forget(): Promise<void>;
	/** What has passed on the NAT's outer side, between it and the back end, oldest first. */
	passed(): readonly CapturedDatagram[];
	/** The cable of the board itself: its network interface sees it. */
	cable(plugged: boolean): Promise<void>;
}

/** What not every board can do; a test that needs what the board lacks is skipped and says so. */
export type Ability = "power" | "link" | "connections" | "cable" | "advance" | "tear" | "fresh-flash" | "another";

/** A board under test. Every wait on it fails at once when the board crashes, or starts unasked. */
export interface Board {
	/** "qemu-riscv32", "xs", or the id of the row in rig.json. */
	readonly id: string;
	readonly console: BoardConsole;
	readonly power: BoardPower;
	readonly link: BoardLink;
	/** The banner of the present run. */
	readonly banner: Banner;
	/** What its settings have to say of the network. */
	readonly network: NetworkSettings | undefined;
	can(ability: Ability): boolean;
	/** The next event of the agent that the test has not seen yet; those before it count as seen. */
	event(kind: string, options: { readonly within: number }): Promise<BoardEvent>;
	/** Moves the board's clock on: "90s", "15m", "12h", "2d". Test builds only. */
	advance(span: string): Promise<void>;
	/** Does what makes the board restart by itself, and waits for the banner. `crash`: it dies of it, as it should. */
	restarts(cause: () => Promise<unknown>, options?: { readonly within?: number; crash?: boolean }): Promise<Banner>;
	/** Ends everything that this board started. */
	close(): Promise<void>;
}

/** What one test is given. */
export interface Bench {
	readonly board: Board;
	readonly backend: Backend;
	/** The run's seed is printed with a failure. */
	readonly random: SeededRandom;
	/** A second board of the same kind, closed with the bench. */
	another(): Promise<Board>;
	/** A line in the test's record and, when it fails, in its report. */
	note(text: string): void;
}
