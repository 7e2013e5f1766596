// The desktop engine's own modules, host-sim/engine/modules, as a program on XS sees them.

declare module "pinhole/random" {
	export default function fill(into: Uint8Array): void;
}

declare module "pinhole/process" {
	/** The words after the module's name. */
	export function readArguments(): string[];
	/** A line to stderr. */
	export function log(text: string): void;
	/** Called once, on SIGTERM or SIGINT. */
	export function onTerminate(callback: () => void): void;
	export function exit(code: number): void;
}
