// What a board gives the firmware: the global `device` and the module `mc/config`. Nothing else tells boards apart.

import type { Primitives } from "../security/primitives.js";
import type {
	FlashModule,
	NetworkInterfaceConstructor,
	ResolverConstructor,
	SerialConstructor,
	TcpConstructor,
	UdpConstructor,
} from "./ecma-419.js";

/** Why the board started. "watchdog" includes every abort of the engine; "unknown" where the chip does not say. */
export type ResetReason = "power-on" | "restart" | "watchdog" | "brown-out" | "deep-sleep" | "unknown";

/** The global `device`, in ECMA-419's way: constructors with the board's own options beside them. */
export interface BoardDevice {
	readonly serial: {
		readonly console: { readonly io: SerialConstructor } & object;
		/** A cellular modem that hears AT commands; not there where there is none. */
		readonly modem?: { readonly io: SerialConstructor } & object;
	};
	readonly network: {
		readonly udp: { readonly io: UdpConstructor };
		/** Not there where the board's image has none: then UDP is the only way. */
		readonly tcp?: { readonly io: TcpConstructor } & object;
		/** TLS in the shape of TCP, with its options beside it. */
		readonly tls?: { readonly io: TcpConstructor } & object;
		readonly dns: { readonly io: ResolverConstructor } & object;
		readonly interface: { readonly io: NetworkInterfaceConstructor; readonly kind: "ethernet" | "wifi" };
	};
	/** The partition of the journal. */
	readonly storage: { readonly journal: { readonly io: FlashModule; readonly path: string } };
	/** True randomness of the chip; throws when the source is unfit. */
	readonly random: { fill(into: Uint8Array): void };
	readonly reset: {
		readonly reason: ResetReason;
		/** What ended the last run, in words, where the board could record it: "memory full", "stack overflow", … */
		readonly cause: string | undefined;
	};
	/**
	 * The image that runs has proved itself: later starts run it, too. Not there where no bootloader goes back to the
	 * image before. To be called at the first registration after a start; again does no harm.
	 */
	readonly image?: { confirm(): void };
	/** Cryptography of the chip or the SDK; without it accounts with credentials are refused. */
	readonly primitives?: Primitives;
	/** Slots and chunks of the engine in use, once garbage is collected; not there where the board cannot tell. */
	readonly heap?: { readonly usedBytes: number };
	/** Starts anew, at once. */
	restart(): void;
}

/** `mc/config`: what the image is. */
export interface BoardConfig {
	/** The name of the folder in `boards`, or "xs" and "node" on the desktop. */
	readonly board: string;
	readonly version: string;
	/** The commit the image was made of, 7 characters, with "+" where the tree had changes. */
	readonly commit: string;
	readonly build: "debug" | "instrumented" | "release" | "test";
}
