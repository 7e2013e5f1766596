// A serial port as the console's client uses it, whatever stands behind: a USB bridge, a pty, a mock.

/** Control lines; true is asserted. */
export interface ControlLines {
	readonly dtr: boolean;
	readonly rts: boolean;
}

/** What a link tells its owner. */
export interface LinkListener {
	received(bytes: Uint8Array): void;
	/** It is gone: closed by us, pulled out, or its other end ended. */
	closed(): void;
}

/** An open port. */
export interface SerialLink {
	readonly path: string;
	/** Sets who hears of bytes; those received before are given at once. */
	listen(listener: LinkListener): void;
	/** Resolves when the system has taken the bytes; the caller keeps below 2 kB on their way. */
	write(bytes: Uint8Array): Promise<void>;
	/** Does nothing on a port without such lines (a pty). */
	set(lines: ControlLines): Promise<void>;
	close(): Promise<void>;
}
