// The weather maker: while a storm lasts it draws faults at the scenario's rates, and in the end heals all of them.

import type { Chance, Range } from "./chance.js";
import type { Counters } from "./counters.js";
import type { SimulatedDevice } from "./device.js";
import type { Disk } from "./disk.js";
import type { Conditions, Link } from "./link.js";
import type { EventQueue, Occasion } from "./queue.js";
import type { Rates, Scenario, Weather } from "./scenarios.js";
import type { Site } from "./site.js";

/** What a storm can reach. */
export interface Exposed {
	readonly queue: EventQueue;
	now(): number;
	readonly sites: readonly Site[];
	readonly devices: readonly SimulatedDevice[];
	restart(keepsState: boolean): void;
	/** The process of the back end is down: it neither hears nor answers. */
	setDown(down: boolean): void;
	/** The back end changes something that a device keeps. */
	keep(device: SimulatedDevice): void;
	/** The enemy has its say. */
	listenToEnemy(): void;
	readonly disk: Pick<Disk<unknown>, "failAfter" | "heal">;
}

/** How long a fault lasts that does not pass at once. */
const DURATIONS: Readonly<Record<"powerCut" | "flash" | "cut" | "noNames" | "noSockets" | "down", Range>> = {
	powerCut: [1_000, 600_000],
	flash: [60_000, 1_800_000],
	cut: [5_000, 5_400_000],
	noNames: [5_000, 1_800_000],
	noSockets: [1_000, 300_000],
	down: [0, 60_000],
};

/** How a link behaves when all is well. */
export const CALM: Conditions = {
	loss: 0,
	duplicate: 0,
	reorder: 0,
	reorderMs: 0,
	corrupt: 0,
	delayMs: [5, 120],
	mtu: 1500,
};
/** Within so many operations a flash fails: a change takes three, a fresh bank some dozens. */
const FLASH_OPERATIONS: Range = [0, 20];
/** What is overtaken is late by up to this. */
const REORDER_MS = 20_000;

export class Storm {
	readonly #exposed: Exposed;
	readonly #scenario: Scenario;
	readonly #chance: Chance;
	readonly #counters: Counters;
	readonly #planned = new Set<Occasion>();

	constructor(exposed: Exposed, scenario: Scenario, chance: Chance, counters: Counters) {
		this.#exposed = exposed;
		this.#scenario = scenario;
		this.#chance = chance;
		this.#counters = counters;
	}

	begin(): void {
		const { sites, devices } = this.#exposed;
		const rates = this.#scenario.rates;
		for (const device of devices) this.#beginDevice(device, rates);
		for (const site of sites) {
			if (rates.weather > 0) this.#changeWeather(site);
			this.#beginSite(site, rates);
		}
		this.#repeat(rates.restart, () => this.#restart(true));
		this.#repeat(rates.restartEmpty, () => this.#restart(false));
		this.#repeat(rates.diskFailure, () => this.#failDisk());
		this.#repeat(rates.replay, () => this.#exposed.listenToEnemy());
	}

	/** Everything is healed at once. */
	end(): void {
		const { sites, devices } = this.#exposed;
		for (const occasion of this.#planned) occasion.run = undefined;
		this.#planned.clear();
		this.#exposed.disk.heal();
		this.#exposed.setDown(false);
		for (const site of sites) {
			site.conditions = CALM;
			site.up.cut = false;
			site.down.cut = false;
			site.resolves = true;
			site.socketsWork = true;
		}
		for (const device of devices) {
			device.healFlash();
			device.powerOn();
		}
	}

	#beginDevice(device: SimulatedDevice, rates: Rates): void {
		this.#repeat(rates.powerCut, () => this.#cutPower(device));
		this.#repeat(rates.flashCut, () => {
			device.flash.cutAfter(this.#chance.mostlyShort(FLASH_OPERATIONS));
			this.#exposed.keep(device);
		});
		this.#repeat(rates.flashFailure, () =>
			this.#during(DURATIONS.flash, (bad) => {
				this.#counters.add("flash failures");
				if (bad) device.flash.failAfter(this.#chance.whole(FLASH_OPERATIONS));
				else device.flash.heal();
			}),
		);
	}

	#beginSite(site: Site, rates: Rates): void {
		const { now } = this.#exposed;
		const { cut, noNames, noSockets } = DURATIONS;
		this.#repeat(rates.weather, () => this.#changeWeather(site));
		this.#repeat(rates.rebinding, () => site.nat.rebind(now()));
		this.#repeat(rates.natReboot, () => site.nat.reboot(now()));
		this.#repeat(rates.cut, () => this.#during(cut, (bad) => setCut([site.up, site.down], bad)));
		this.#repeat(rates.halfCut, () => {
			const half = this.#chance.happens(0.5) ? site.up : site.down;
			this.#during(cut, (bad) => setCut([half], bad));
		});
		this.#repeat(rates.noNames, () => {
			this.#during(noNames, (bad) => {
				site.resolves = !bad;
			});
		});
		this.#repeat(rates.noSockets, () => {
			this.#during(noSockets, (bad) => {
				site.socketsWork = !bad;
			});
		});
	}

	#cutPower(device: SimulatedDevice): void {
		if (!device.isOn) return;
		this.#counters.add("power cuts");
		device.powerOff();
		this.#plan(this.#chance.whole(DURATIONS.powerCut), () => device.powerOn());
	}

	#restart(keepsState: boolean): void {
		this.#counters.add(keepsState ? "back-end restarts" : "back-end restarts, empty");
		this.#exposed.restart(keepsState);
		this.#during(DURATIONS.down, (bad) => this.#exposed.setDown(bad));
	}

	#failDisk(): void {
		this.#exposed.disk.failAfter(this.#chance.whole([0, 3]));
	}

	#changeWeather(site: Site): void {
		site.conditions = drawConditions(this.#chance, this.#scenario.weather);
	}

	/** Lets a fault begin now and end by itself. */
	#during(lasting: Range, set: (bad: boolean) => void): void {
		set(true);
		this.#plan(this.#chance.mostlyShort(lasting), () => set(false));
	}

	#repeat(perHour: number, happen: () => void): void {
		if (perHour === 0) return;
		this.#plan(this.#chance.wait(perHour), () => {
			happen();
			this.#repeat(perHour, happen);
		});
	}

	#plan(delayMs: number, run: () => void): void {
		const { queue, now } = this.#exposed;
		const occasion: Occasion = queue.add(now() + delayMs, () => {
			this.#planned.delete(occasion);
			run();
		});
		this.#planned.add(occasion);
	}
}

function setCut(links: readonly Link[], cut: boolean): void {
	for (const link of links) link.cut = cut;
}

function drawConditions(chance: Chance, weather: Weather): Conditions {
	const slowest = chance.within(weather.delayMs);
	return {
		loss: chance.within([0, weather.loss]),
		duplicate: chance.within([0, weather.duplicate]),
		reorder: chance.within([0, weather.reorder]),
		reorderMs: REORDER_MS,
		corrupt: chance.within([0, weather.corrupt]),
		delayMs: [weather.delayMs[0], Math.ceil(slowest)],
		mtu: chance.pick(weather.mtu),
	};
}
