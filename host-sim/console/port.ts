// Serial ports by npm's `serialport`: USB bridges, and the ptys of virtual and simulated boards.

import { SerialPort, type SerialPortMock } from "serialport";
import { ConsoleFailure } from "./failure.js";
import type { ControlLines, LinkListener, SerialLink } from "./link.js";
import { watchAllEvents } from "./poller.js";

/** Of the console (docs/console.md); a pty has none, and takes any. */
export const BAUD_RATE = 115_200;
/** Both lines off let a board with the usual auto-reset circuit run; the system asserts them when a port is opened. */
const RUN: ControlLines = Object.freeze({ dtr: false, rts: false });
/** Of one write; the next waits until the system has taken it. */
const WRITE_LENGTH = 1024;

/** The real class, or the package's own mock of it. */
export type PortClass = typeof SerialPort | typeof SerialPortMock;

/** Opens a port and lets its board run; a ConsoleFailure says why not. */
export async function openPort(
	path: string,
	baudRate: number = BAUD_RATE,
	Port: PortClass = SerialPort,
): Promise<SerialLink> {
	const port = await new Promise<SerialPort | SerialPortMock>((resolve, reject) => {
		// A hang-up at the close would reset some boards.
		const options = { path, baudRate, hupcl: false };
		const opening: SerialPort | SerialPortMock = new Port(options, (error) => {
			if (error === null) resolve(opening);
			else reject(failureOf(path, error));
		});
	});
	watchAllEvents(port.port);
	const link = new PortLink(path, port);
	await link.set(RUN);
	return link;
}

/** What the system's refusal means to a person. */
function failureOf(path: string, { message }: Error): ConsoleFailure {
	if (/No such file|does not exist|File not found/i.test(message)) {
		return new ConsoleFailure("no-such-port", `There is no port ${path}; pinhole boards lists those that there are.`);
	}
	if (/busy|lock|temporarily unavailable|Access denied/i.test(message)) {
		return new ConsoleFailure("port-busy", `Another program uses ${path}; close it and try again.`);
	}
	if (/permission/i.test(message)) {
		return new ConsoleFailure("port-denied", `You may not open ${path}; on Linux the group dialout may.`);
	}
	return new ConsoleFailure("no-such-port", `${path} is no serial port (${message.replace(/^Error:? */, "")}).`);
}

class PortLink implements SerialLink {
	readonly path: string;
	readonly #port: SerialPort | SerialPortMock;
	#listener: LinkListener | undefined;
	/** What came before anybody listened. */
	#early: Uint8Array[] = [];
	/** Ends the write under way when the port closes in its midst. */
	#abandon: (() => void) | undefined;
	#isClosed = false;

	constructor(path: string, port: SerialPort | SerialPortMock) {
		this.path = path;
		this.#port = port;
		port.on("data", (bytes: Buffer) => {
			if (this.#listener === undefined) this.#early.push(bytes);
			else this.#listener.received(bytes);
		});
		// An unplugged bridge is an error here; the close follows.
		port.on("error", () => {});
		port.on("close", () => {
			this.#isClosed = true;
			this.#abandon?.();
			this.#listener?.closed();
		});
	}

	listen(listener: LinkListener): void {
		this.#listener = listener;
		for (const bytes of this.#early) listener.received(bytes);
		this.#early = [];
		if (this.#isClosed) listener.closed();
	}

	async write(bytes: Uint8Array): Promise<void> {
		for (let at = 0; at < bytes.length; at += WRITE_LENGTH) {
			const piece = Buffer.from(bytes.subarray(at, at + WRITE_LENGTH));
			await new Promise<void>((resolve, reject) => {
				this.#abandon = () => reject(this.closedFailure());
				if (this.#isClosed) return this.#abandon();
				this.#port.write(piece, (error) => (error == null ? resolve() : this.#abandon?.()));
			});
		}
	}

	set(lines: ControlLines): Promise<void> {
		return new Promise((resolve) => {
			// A pty has no such lines and says so by an error.
			this.#port.set({ ...lines, brk: false, cts: false, dsr: false }, () => resolve());
		});
	}

	close(): Promise<void> {
		return new Promise((resolve) => {
			if (this.#isClosed || !this.#port.isOpen) return resolve();
			this.#port.close(() => resolve());
		});
	}

	private closedFailure(): ConsoleFailure {
		return new ConsoleFailure("port-closed", `${this.path} has been closed by its other end.`);
	}
}
