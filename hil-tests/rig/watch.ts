// What no test asked for: a crash, or a start of the board that nobody ordered.

import { type Banner, readLines } from "../../host-sim/console/protocol.js";

/** A fault that ends a test at once. */
export class BoardFault extends Error {}

/** What boards say when they die, each in its own way. */
const CRASHES: readonly (readonly [pattern: RegExp, what: string])[] = [
	[/^XS abort\b/, "the engine aborted"],
	[/^E [\d.]+ board /, "the board failed"],
	[/Guru Meditation Error/, "the chip panicked"],
	[/\babort\(\) was called at PC\b/, "the SDK aborted"],
	[/Brownout detector was triggered/, "the supply broke down"],
	[/Task watchdog got triggered|Interrupt wdt timeout/, "the SDK's watchdog bit"],
	[/assert failed:|\*\*\*ERROR\*\*\* A stack overflow in task/, "an assertion of the SDK failed"],
];

/** The banner in a line; a reset in the midst of one has joined it with what came before. */
export function readBanner(line: string): Banner | undefined {
	const last = readLines(line).at(-1);
	return last?.kind === "banner" ? last.banner : undefined;
}

/** Judges each line; a start is in order only when it was expected. */
export class Watch {
	#startsExpected = 0;
	#crashExpected = false;

	/** The next banner is what the test, or the rig for it, asked for. */
	expectStart(): void {
		this.#startsExpected = 1;
	}

	/** The test itself brings the board to its end: what it then says is no fault until the next banner. */
	expectCrash(): void {
		this.#crashExpected = true;
		this.expectStart();
	}

	/** What is wrong with this line, if anything. */
	judge(line: string): BoardFault | undefined {
		const crash = CRASHES.find(([pattern]) => pattern.test(line));
		if (crash !== undefined) return this.#crashExpected ? undefined : new BoardFault(`${crash[1]}: ${line}`);
		const banner = readBanner(line);
		if (banner === undefined) return undefined;
		const why = `reset ${banner.reset}, cause ${banner.cause ?? "unknown"}`;
		if (this.#startsExpected === 0) return new BoardFault(`the board started by itself: ${why}`);
		const hasCrashed = banner.reset === "watchdog" && !this.#crashExpected;
		this.#startsExpected = 0;
		this.#crashExpected = false;
		return hasCrashed ? new BoardFault(`the board had crashed: ${why}`) : undefined;
	}
}
