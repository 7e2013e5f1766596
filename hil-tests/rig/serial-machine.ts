// A real board on a serial port: flashed where it must be, reset by its kind, cut off where its supply can be switched.

import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { createLogger } from "../../host-sim/cli/shared.js";
import { ConsoleClient } from "../../host-sim/console/client.js";
import type { SerialLink } from "../../host-sim/console/link.js";
import { openPort } from "../../host-sim/console/port.js";
import { listPorts } from "../../host-sim/console/ports.js";
import type { Ability, BoardLink, NetworkSettings } from "./board.js";
import { flash, imageOf, whyFlash } from "./flash.js";
import type { Machine, MachineMaker, MachinePlace } from "./machine.js";
import { natLink } from "./nat-link.js";
import { type BoardRow, portOf } from "./registry.js";
import { openRelay } from "./relay.js";
import { play, RUN, reset } from "./reset.js";
import { type Supply, supplyOf, whyNoSupply } from "./supply.js";

const DEFAULT_BAUD = 115_200;
/** ROM, boot loader, and our own start. */
const START_MS = 15_000;
/** What the capacitors of a board need to run empty. */
const POWER_OFF_MS = 1500;
/** Until the computer has found a board again that got power. */
const RETURN_MS = 10_000;
const LOOK_MS = 200;

class SerialMachine implements Machine {
	readonly id: string;
	readonly abilities: ReadonlySet<Ability>;
	readonly network: NetworkSettings | undefined;
	readonly startMs = START_MS;
	readonly link: BoardLink;
	readonly #row: BoardRow;
	readonly #supply: Supply | undefined;
	readonly #closeNat: () => Promise<void>;
	#serial: SerialLink | undefined;
	#isOff = false;

	constructor(row: BoardRow, place: MachinePlace, link: BoardLink, closeNat: () => Promise<void>) {
		this.id = row.id;
		this.#row = row;
		this.link = link;
		this.network = networkOf(row);
		this.#closeNat = closeNat;
		const missing = whyNoSupply(row);
		if (missing !== undefined) place.say(`no power cuts: ${missing}`);
		this.#supply = missing === undefined ? supplyOf(row, join(place.folder, "uhubctl.log")) : undefined;
		const power: readonly Ability[] = missing === undefined ? ["power"] : [];
		this.abilities = new Set<Ability>(["link", "advance", ...power]);
	}

	async open(): Promise<SerialLink> {
		if (this.#isOff) await this.#supply?.set(true);
		this.#isOff = false;
		this.#serial = await openPort(await awaitPort(this.#row), this.#row.baud ?? DEFAULT_BAUD);
		await play(this.#serial, [RUN], pause);
		return this.#serial;
	}

	async run(): Promise<void> {
		const serial = this.#serial!;
		const ways = {
			restart: () => serial.write(Buffer.from("\nrestart\n")),
			powerCycle: async () => {
				await this.#supply!.set(false);
				await pause(POWER_OFF_MS);
				await this.#supply!.set(true);
			},
		};
		await reset(this.#row.reset, serial, ways, pause);
	}

	async cut(): Promise<void> {
		if (this.#supply === undefined) throw new Error(`the supply of ${this.id} cannot be switched`);
		await this.#supply.set(false);
		this.#isOff = true;
		await pause(POWER_OFF_MS);
	}

	mark(): void {}

	tear(): undefined {}

	async close(): Promise<void> {
		if (this.#isOff) await this.#supply?.set(true);
		await this.#closeNat();
	}
}

/** Where the board is plugged in: Espressif's own USB goes with the chip's power, and may come back elsewhere. */
export async function awaitPort(
	row: BoardRow,
	list: typeof listPorts = listPorts,
	withinMs: number = RETURN_MS,
): Promise<string> {
	for (const endAt = Date.now() + withinMs; ; await pause(LOOK_MS)) {
		const { ports } = await list();
		const port = portOf(row, ports);
		const isThere = ports.some(({ path }) => path === port) || (port !== undefined && existsSync(port));
		if (port !== undefined && isThere) return port;
		if (Date.now() < endAt) continue;
		throw new Error(row.serialNumber === undefined ? `There is no port ${port}.` : `${row.id} is not plugged in.`);
	}
}

function networkOf({ id, network }: BoardRow): NetworkSettings | undefined {
	if (network === undefined) return undefined;
	const password = process.env[network.passwordVariable];
	if (password === undefined)
		throw new Error(`The network of ${id} needs its password in ${network.passwordVariable}.`);
	return { ssid: network.ssid, password };
}

/** The machine of a row, behind a relay of its own at the address that the board reaches. */
export function serialMaker(row: BoardRow): MachineMaker {
	return async (place) => {
		if (place.number > 1) throw new Error("a second board of the same row is not there");
		const relay = await openRelay(
			place,
			createLogger("info", (line) => place.say(line.trimEnd())),
		);
		const { backend, bindingLifetimeMs } = place;
		const { capture, close, nat } = relay;
		const serverUri = `coap://${nat.inside}`;
		const none = { connectionUri: undefined, cable: undefined };
		const link = natLink(nat, { serverUri, bindingLifetimeMs, capture, backend, ...none });
		return new SerialMachine(row, place, link, close);
	};
}

/** Flashes the board if it does not run what this checkout would make; throws where that fails. */
export async function prepareSerialBoard(
	row: BoardRow,
	port: string,
	options: { readonly folder: string; readonly root: string; readonly note: (text: string) => void },
): Promise<void> {
	const { folder, root, note } = options;
	if (row.flash === undefined) return;
	mkdirSync(folder, { recursive: true });
	const wanted = imageOf(row.board, "test");
	const why = whyFlash(await bannerOf(row, port), wanted);
	if (why === undefined) return;
	note(why);
	await flash({ ...row, flash: row.flash }, port, { wanted, log: join(folder, "flash.log"), root, say: note });
}

/** What the board says when it starts; undefined: nothing that is a banner. */
async function bannerOf(row: BoardRow, port: string): Promise<ConsoleClient["banner"]> {
	const link = await openPort(port, row.baud ?? DEFAULT_BAUD);
	const client = new ConsoleClient(link);
	try {
		await play(link, [RUN], pause);
		const restart = () => link.write(Buffer.from("\nrestart\n"));
		await reset(row.reset, link, { restart, powerCycle: restart }, pause);
		return await client.waitForBanner({ within: START_MS }).catch(() => undefined);
	} finally {
		await client.close();
	}
}
