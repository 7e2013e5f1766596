// The virtual board as a machine: QEMU with the firmware in flash, behind our NAT of Ethernet frames.

import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildImage, missingForBoard } from "../../boards/qemu-riscv32/build.js";
import { createLogger } from "../../host-sim/cli/shared.js";
import type { SerialLink } from "../../host-sim/console/link.js";
import { openPort } from "../../host-sim/console/port.js";
import { defaultBehaviour } from "../../host-sim/nat/behaviour.js";
import { EthernetNat, insideAddressOf } from "../../host-sim/nat/ethernet.js";
import { SeededRandom } from "../../host-sim/nat/seeded-random.js";
import { tear } from "../../host-sim/qemu/flash-image.js";
import { FlashTrace } from "../../host-sim/qemu/flash-trace.js";
import { Qemu } from "../../host-sim/qemu/qemu.js";
import type { Ability, BoardLink } from "./board.js";
import type { Machine, MachineMaker, MachinePlace } from "./machine.js";
import { natLink } from "./nat-link.js";

/** From power-on to the banner: 0.1 s alone, more beside others. */
const START_MS = 20_000;

const ABILITIES: readonly Ability[] = [
	"power",
	"link",
	"connections",
	"cable",
	"advance",
	"tear",
	"fresh-flash",
	"another",
];

class QemuMachine implements Machine {
	readonly id = "qemu-riscv32";
	readonly abilities: ReadonlySet<Ability> = new Set(ABILITIES);
	readonly network = undefined;
	readonly startMs = START_MS;
	readonly link: BoardLink;
	readonly #image: string;
	readonly #place: MachinePlace;
	readonly #nat: EthernetNat;
	readonly #flash: string;
	readonly #trace: string;
	readonly #random: SeededRandom;
	#qemu: Qemu | undefined;
	#plugged = true;
	/** How long the trace was at the last mark of this run. */
	#markedLength = 0;

	constructor(image: string, place: MachinePlace, nat: EthernetNat) {
		this.#image = image;
		this.#place = place;
		this.#nat = nat;
		this.#flash = join(place.state, `flash-${place.number}.bin`);
		this.#trace = join(place.state, `flash-${place.number}.trace`);
		this.#random = new SeededRandom(place.seed);
		this.link = natLink(nat, {
			serverUri: `coap://${insideOf(place.backend)}`,
			connectionUri: `coap+tcp://${insideOf(place.connections)}`,
			bindingLifetimeMs: place.bindingLifetimeMs,
			capture: outsideOf(place),
			backend: place.backend,
			cable: (plugged) => this.plug(plugged),
		});
	}

	async open(): Promise<SerialLink> {
		this.#markedLength = 0;
		this.#qemu = await Qemu.start({
			image: this.#image,
			flash: this.#flash,
			network: this.#nat.port,
			serial: "pty",
			flashTrace: this.#trace,
			mac: `52:54:00:12:34:${(0x50 + this.#place.number).toString(16)}`,
		});
		await this.plug(this.#plugged);
		return openPort(this.#qemu.console);
	}

	async run(): Promise<void> {
		await this.#qemu?.powerOn();
	}

	/** A command that the driver had not seen the end of is torn: QEMU's reach the file whole or not at all. */
	async cut(): Promise<void> {
		const qemu = this.#qemu;
		this.#qemu = undefined;
		if (qemu === undefined) return;
		await qemu.cutPower();
		if (tear(this.#flash, this.#trace, this.#random.uint32())) this.#place.say("the last command to the flash is torn");
	}

	mark(): void {
		this.#markedLength = statSync(this.#trace).size;
	}

	/** A kill seldom meets one of the few commands, so the flash is made as after a cut within any since the mark. */
	tear(): string | undefined {
		const history = new FlashTrace(this.#trace);
		const first = history.indexAt(this.#markedLength);
		const count = history.commands.length - first;
		if (count === 0) return undefined;
		// One choice more: a cut after the last one.
		const index = this.#random.uint32() % (count + 1);
		writeFileSync(this.#flash, history.imageAt(first + index, this.#random.uint32()));
		return index === count ? `all of ${count} flash commands done` : `torn in flash command ${index + 1} of ${count}`;
	}

	async close(): Promise<void> {
		const end = await this.#qemu?.stop();
		if (end !== undefined && !end.asked) this.#place.say(`QEMU ended by itself: ${end.complaint}`);
		await this.#nat.close();
	}

	private async plug(plugged: boolean): Promise<void> {
		this.#plugged = plugged;
		await this.#qemu?.setLink(plugged);
	}
}

/** Host and port as the board sees them. */
function insideOf(place: string): string {
	const [host = "", port = ""] = place.split(":");
	return `${insideAddressOf(host)}:${port}`;
}

function outsideOf({ folder, number }: MachinePlace): string {
	return join(folder, `backend-${number}.pcap`);
}

/** Builds the image once, for all tests of this process. */
export async function qemuMaker(options: {
	readonly image: string | undefined;
	readonly note: (text: string) => void;
}): Promise<{ readonly missing: string | undefined; readonly maker: MachineMaker }> {
	const missing = missingForBoard();
	if (missing !== undefined) return { missing, maker: () => Promise.reject(new Error(missing)) };
	if (options.image === undefined) options.note("builds its image, where something has changed");
	const image = options.image ?? (await buildImage()).image;
	const maker: MachineMaker = async (place) => {
		const { bindingLifetimeMs } = place;
		const tcp = { establishedMs: bindingLifetimeMs, transitoryMs: bindingLifetimeMs, whenForgotten: "silent" } as const;
		const nat = await EthernetNat.open({
			behaviour: { ...defaultBehaviour, udpTimeoutMs: bindingLifetimeMs, tcp },
			random: new SeededRandom(place.seed),
			captureInside: join(place.folder, `board-${place.number}.pcap`),
			captureOutside: outsideOf(place),
			log: createLogger("info", (line) => place.say(line.trimEnd())),
		});
		return new QemuMachine(image, place, nat);
	};
	return { missing: undefined, maker };
}
