// The starts of a board, counted in its journal: one small write a start, and while it runs one more at the most for a
// reset of the error code and for the first good run after faults. A board that crashed once a second would write 2 MB
// a day; in 64 KB of flash that are 32 erases of a block, and a block stands 100,000.

import { Reader, Writer } from "../bytes.js";
import type { Store } from "../contract.js";
import type { BoardDevice } from "../io/board.js";
import { CAUSE_LENGTH, ErrorCode, keys } from "./constants.js";
import { describeReset, errorCodeOf } from "./fault.js";

const VERSION = 1;
/** Version, two counters, error code, faults in a row, and a text whose characters are up to 3 bytes long. */
const RECORD_LENGTH = 11 + 3 * (CAUSE_LENGTH + 20);
const MOST_IN_A_ROW = 255;

export class Starts {
	readonly #store: Store | undefined;
	/** Starts in the life of this journal, this one included. */
	count = 0;
	/** Of them those after a fault. */
	faultCount = 0;
	/** Stays until a server resets it, over any number of starts. */
	errorCode: number = ErrorCode.None;
	/** The newest fault in words; undefined: there was none. */
	lastFault: string | undefined;
	/** Faults without a good run, or a start that somebody wanted, between them. */
	faultsInRow = 0;

	/** Counts this start. Without a store it is the first one, each time. */
	constructor(store: Store | undefined, reset: BoardDevice["reset"]) {
		this.#store = store;
		this.read(store?.read(keys.starts));
		this.count++;
		const code = errorCodeOf(reset);
		if (code === ErrorCode.None) this.faultsInRow = 0;
		else {
			this.faultCount++;
			this.faultsInRow = Math.min(this.faultsInRow + 1, MOST_IN_A_ROW);
			this.errorCode = code;
			this.lastFault = describeReset(reset);
		}
		this.write();
	}

	/** A server executed /3/0/12. The fault itself stays known. */
	resetError(): void {
		if (this.errorCode === ErrorCode.None) return;
		this.errorCode = ErrorCode.None;
		this.write();
	}

	/** This run has lasted long enough. */
	handleGoodRun(): void {
		if (this.faultsInRow === 0) return;
		this.faultsInRow = 0;
		this.write();
	}

	private read(record: Uint8Array | undefined): void {
		if (record === undefined) return;
		const reader = new Reader(record);
		if (reader.u8() !== VERSION) return;
		const count = reader.u32();
		const faultCount = reader.u32();
		const errorCode = reader.u8();
		const faultsInRow = reader.u8();
		const text = reader.text(reader.remaining);
		if (reader.failed) return;
		this.count = count;
		this.faultCount = faultCount;
		this.errorCode = errorCode;
		this.faultsInRow = faultsInRow;
		this.lastFault = text === "" ? undefined : text;
	}

	/** A journal that takes nothing more is no reason not to start. */
	private write(): void {
		const writer = new Writer(new Uint8Array(RECORD_LENGTH));
		writer.u8(VERSION);
		writer.u32(this.count);
		writer.u32(this.faultCount);
		writer.u8(this.errorCode);
		writer.u8(this.faultsInRow);
		writer.text(this.lastFault ?? "");
		try {
			this.#store?.write(keys.starts, writer.bytes!.subarray(0, writer.length));
		} catch {
			// Counted again at the next start.
		}
	}
}
