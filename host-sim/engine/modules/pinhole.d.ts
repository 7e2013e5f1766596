// The modules that only the desktop engine has.

declare module "pinhole/tls" {
	/**
	 * TLS 1.2 of mbed TLS. Beside the options of TCP, whose `host` the certificate must name: `trust`, certificates in
	 * PEM of which one must vouch for the server, and `anybody`: where none is given, any server is as good.
	 */
	const TLS: import("../../../firmware/io/ecma-419.js").TcpConstructor;
	export default TLS;
}

declare module "pinhole/random" {
	/** Fills the bytes with the system's true randomness. */
	export default function fill(into: Uint8Array): void;
}

declare module "pinhole/primitives" {
	/** AES-CCM, SHA-256 and HMAC of mbed TLS. */
	const primitives: import("../../../firmware/security/primitives.js").Primitives;
	export default primitives;
}

declare module "pinhole/process" {
	/** One line on stdout. */
	export function print(line: string): void;
	/** One line on stderr. */
	export function log(line: string): void;
	/** The words after the module's name. */
	export function readArguments(): string[];
	/** Each line of stdin without its end; undefined once, at the end of input. Keeps the process alive until then. */
	export function onLine(callback: (line: string | undefined) => void): void;
	/** SIGTERM or SIGINT. The process ends with code 0: when nothing is left to do, or 1.5 s later. */
	export function onTerminate(callback: () => void): void;
	/** Ends the process at once. */
	export function exit(code: number): never;
}

declare module "pinhole/measure" {
	const measure: {
		/** Bytecodes and steps of the engine executed so far: the same count on every machine. */
		meter(): number;
		/** Bytes of slots and chunks in use, garbage not collected yet included. */
		bytes(): number;
		/** How often garbage was collected. */
		collections(): number;
		/** Collects garbage now. */
		collect(): void;
		/** Prints what lives by class, one JSON object a line, on stderr. */
		objects(): void;
	};
	export default measure;
}

declare module "pinhole/device" {
	/** What a board has as its global `device`. */
	const device: import("../../../firmware/io/board.js").BoardDevice;
	export default device;
}
