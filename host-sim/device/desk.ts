// A board of the desktop on a test's desk: its power, somebody at its console, and what it says there.

import { setTimeout as wait } from "node:timers/promises";
import { ConsoleClient, type ConsoleEvent } from "../console/client.js";
import { openPort } from "../console/port.js";
import { XsBoard, type XsBoardOptions } from "./board-xs.js";

/** Much, for a computer that does other things, too. */
export const WITHIN = Object.freeze({ within: 20_000 });

/** What `pinhole provision` tells a board that has one server. */
export function settingsFor(endpointName: string, server: string, credentials?: Readonly<Record<string, string>>) {
	const account = { serverUri: `coap://${server}`, shortServerId: 1, lifetimeSeconds: 300 };
	return { endpointName, accounts: [{ ...account, ...(credentials && { credentials }) }] };
}

export class Desk {
	/** What the engine says beside the console: aborts. */
	readonly errors: string[] = [];
	board!: XsBoard;
	client!: ConsoleClient;
	/** Lines "topic text" since the last `says`. */
	#log: string[] = [];
	readonly #flash: string;

	constructor(flash: string) {
		this.#flash = flash;
	}

	/** Gives power; gives the banner. */
	async powerOn(options: Partial<XsBoardOptions> = {}): Promise<Readonly<Record<string, unknown>>> {
		const onError = (text: string): void => void this.errors.push(text);
		this.board = await XsBoard.start({ variant: "xs32", ...options, flash: this.#flash, hold: true, onError });
		const onEvent = (event: ConsoleEvent): void => {
			if (event.kind === "log") this.#log.push(`${event.log.topic} ${event.log.text}`);
		};
		this.client = new ConsoleClient(await openPort(this.board.port), { onEvent });
		this.board.run();
		return { ...(await this.client.waitForBanner(WITHIN)) };
	}

	async cut(): Promise<void> {
		await this.board.cut();
		await this.client.close().catch(() => {});
	}

	/** Waits until the log has such a line. */
	async says(pattern: RegExp): Promise<void> {
		const endAt = Date.now() + WITHIN.within;
		while (!this.#log.some((line) => pattern.test(line))) {
			if (Date.now() > endAt) {
				const said = [...this.#log, ...this.errors].join("\n");
				throw new Error(`the board never said ${pattern}, but:\n${said}`);
			}
			await wait(20);
		}
		this.#log = [];
	}
}
