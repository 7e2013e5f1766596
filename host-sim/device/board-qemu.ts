// The virtual board for people: QEMU with the firmware in flash, a pty as its serial console, and our NAT before it.

import { buildImage } from "../../boards/qemu-riscv32/build.js";
import { EXIT, Failure, type Logger } from "../cli/shared.js";
import { defaultBehaviour } from "../nat/behaviour.js";
import { type Answer, control } from "../nat/control.js";
import { EthernetNat, type EthernetNatStatus } from "../nat/ethernet.js";
import { SeededRandom } from "../nat/seeded-random.js";
import { Qemu } from "../qemu/qemu.js";

export interface QemuBoardOptions {
	/** The file that is its flash; made where there is none. */
	readonly flash: string;
	/** The image of the firmware, 32 MB; the one of this clone where it is left out. */
	readonly image?: string | undefined;
	/** Of the NAT. */
	readonly log: Logger;
}

/** A board that has power. A restart and an abort keep the process and the console. */
export class QemuBoard {
	/** The serial port of its console, such as /dev/pts/4. */
	readonly port: string;
	/** The exit code once the process has ended; undefined after a signal. */
	readonly ended: Promise<number | undefined>;
	readonly #qemu: Qemu;
	readonly #nat: EthernetNat;

	/** Builds what is missing and gives power. */
	static async start({ flash, image, log }: QemuBoardOptions): Promise<QemuBoard> {
		const random = new SeededRandom(Math.floor(Math.random() * 0xffff_ffff));
		const nat = await EthernetNat.open({ behaviour: defaultBehaviour, random, log });
		try {
			const firmware = image ?? (await buildImage({ build: "test" })).image;
			const qemu = await Qemu.start({ image: firmware, flash, network: nat.port });
			await qemu.powerOn();
			return new QemuBoard(qemu, nat);
		} catch (error) {
			await nat.close();
			throw new Failure(error instanceof Error ? error.message : String(error), EXIT.usage);
		}
	}

	private constructor(qemu: Qemu, nat: EthernetNat) {
		this.port = qemu.console;
		this.ended = qemu.ended.then(async ({ code }) => {
			await nat.close();
			return code ?? undefined;
		});
		this.#qemu = qemu;
		this.#nat = nat;
	}

	/** Carries out a line of words for the NAT, or for the cable: unplug, plug. */
	async control(text: string): Promise<Answer<EthernetNatStatus>> {
		const word = text.trim();
		if (word !== "plug" && word !== "unplug") return control(this.#nat, text);
		await this.#qemu.setLink(word === "plug");
		return { done: word, ...this.#nat.status() };
	}

	/** Takes the power away, at once. */
	async cut(): Promise<void> {
		await this.#qemu.cutPower();
		await this.ended;
	}
}
