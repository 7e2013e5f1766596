// Numbers of the shell.

import type { BackOff } from "../back-off.js";

/** `connection` of a network interface (ECMA-419; the same on Ethernet and Wi-Fi). */
export const connection = Object.freeze({ disconnected: 200, connecting: 300, associated: 400, connected: 500 });

interface NetworkTimes extends BackOff {
	readonly attemptMs: number;
	readonly stableMs: number;
}

/** How the network is sought, in milliseconds. */
export const networkTimes: NetworkTimes = Object.freeze({
	/** Association and DHCP take a few seconds; an access point that lets in but gives no address is given up here. */
	attemptMs: 30_000,
	/** A link that held for so long was good: the next loss begins with the first wait again. */
	stableMs: 30_000,
	/** A router that restarts is sought again within a minute of its return. */
	retryMs: 1_000,
	retryDoublingsMax: 6,
	retryJitter: 0.5,
});

/** What the hardware FIFO of an ESP32's UART holds; no read or write is longer. */
export const FIFO_LENGTH = 128;
