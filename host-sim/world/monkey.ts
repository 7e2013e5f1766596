// A device through hours of faults that a seed draws, then in calm: whatever state they left it in, it must come back
// within a bound, stay within reach, and not be spendthrift. Each seed is a world of its own.

import { execute } from "../backend/operations.js";
import type { NatBehaviour } from "../nat/behaviour.js";
import { portOf } from "../nat/peer.js";
import { natProfiles, plainNat } from "../nat/profiles.js";
import { Chance } from "./chance.js";
import type { CoreService } from "./reach-core.js";
import type { FirmwareParty } from "./reach-device.js";
import { ReachWorld } from "./reach-world.js";
import { streamPeerOf } from "./tcp-listener.js";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Faults come for so long. */
const ADVERSE_MS = 6 * HOUR;
/** Then the device must be reachable: the longest wait of a Register that failed, the deadline of a liveness check. */
const BACK_MS = 35 * MINUTE;
/** From then on it is watched. */
const WATCHED_MS = 6 * HOUR;

/** What is asked of a device in calm. */
export const bounds = Object.freeze({
	backMs: BACK_MS,
	/**
	 * Three long intervals that each end with another address, and then a measurement. Where a NAT preserves ports
	 * nobody sees an address change, and a lifetime that shrank is found out when it is verified, within a day.
	 */
	unreachableMs: HOUR,
	/**
	 * 20 s, the shortest lifetime that is met, after losses that are remembered for a day: a byte each 9.6 s is 11 kB,
	 * 300 protected commands a day are 1.5, what is measured at first is 1. Over connections whose lifetime is still
	 * sought each attempt that failed costs another connection: 16 kB at most.
	 */
	bytesPerHour: 17_000,
	/** A protected Update each 19 s: a server that knows nothing of refreshes cannot say that more is not needed. */
	stockBytesPerHour: 22_000,
	/** The deadline of liveness, and what an exchange may be late. */
	silentMs: 15 * MINUTE,
});

/** Lifetimes of a network that is met, in seconds. */
const LIFETIMES = [20, 30, 65, 120, 300, 900] as const;
const LABELS = ["home", "mobile", "office"] as const;

/** What became of a device. */
export interface Ending {
	/** The server knows the extension Reach. A stock one tells nobody that a bound which was proven holds no more. */
	readonly isOurs: boolean;
	/** The last NAT gave the same port after the end of a binding. */
	readonly preservesPorts: boolean;
	/** After the last fault; `Infinity`: not at all while it was watched. */
	readonly backMs: number;
	/** Of the watched time. */
	readonly unreachableMs: number;
	readonly bytesPerHour: number;
	/** The longest time in which it sent nothing. */
	readonly silentMs: number;
	/** The faults, for people. */
	readonly diary: readonly string[];
}

/** How long a fault may last. */
const FAULT_MS = [5 * SECOND, 20 * MINUTE] as const;

class Monkey {
	readonly world: ReachWorld;
	readonly #chance: Chance;
	readonly #isOurs: boolean;
	readonly #diary: string[] = [];
	#sentAt = 0;
	#silentMs = 0;
	#nat: NatBehaviour;
	#label = "home";
	#isBlocked = false;
	#isLinkDown = false;

	constructor(seed: number) {
		const chance = new Chance(seed);
		this.#chance = chance;
		this.#nat = this.#anyNat();
		this.#isOurs = chance.happens(0.7);
		const commandsPerDay = chance.pick([0, 0, 50, 300]);
		this.#note(0, `${this.#isOurs ? "our" : "stock"} server, ${commandsPerDay} commands a day`);
		this.world = new ReachWorld({
			seed,
			nat: this.#nat,
			loss: 0,
			rebinding: "never",
			backend: "stable",
			security: chance.pick(["plain", "plain", "stand-in"]),
			lifetimeSeconds: chance.pick([3_600, 86_400]),
			elective: this.#isOurs,
			commandsPerDay,
			firmware: { onEvent: (event) => this.#note(this.world.now, `  ${event.kind} ${event.detail}`) },
			onTraffic: (now, _host, isUp) => this.#handleTraffic(now, isUp),
		});
	}

	run(): Ending {
		const { world } = this;
		for (let at = MINUTE; at < ADVERSE_MS; at += this.#chance.whole([SECOND, 20 * MINUTE]))
			world.at(at, () => this.#hurt());
		world.at(ADVERSE_MS, () => this.#heal());
		let backAt = Number.POSITIVE_INFINITY;
		const site = world.sites[0]!;
		for (let at = ADVERSE_MS + SECOND; at < ADVERSE_MS + BACK_MS + WATCHED_MS; at += SECOND)
			world.at(at, () => {
				if (backAt === Number.POSITIVE_INFINITY && site.isReachable) backAt = world.now;
			});
		world.at(ADVERSE_MS + BACK_MS, () => {
			world.resetFigures();
			this.#sentAt = world.now;
			this.#silentMs = 0;
		});
		for (let at = ADVERSE_MS; at < ADVERSE_MS + BACK_MS + WATCHED_MS; at += HOUR / 2)
			world.at(at, () =>
				this.#note(
					world.now,
					`learned ${JSON.stringify((world.parties[0] as FirmwareParty).device.reachStatuses()[0])}`,
				),
			);
		world.run((ADVERSE_MS + BACK_MS + WATCHED_MS) / DAY);
		const { meter, unreachableMs } = world.figures(0);
		return {
			isOurs: this.#isOurs,
			preservesPorts: this.#nat.portPreservation,
			backMs: backAt - ADVERSE_MS,
			unreachableMs,
			bytesPerHour: Math.round((meter.bytes * HOUR) / WATCHED_MS),
			silentMs: Math.max(this.#silentMs, world.now - this.#sentAt),
			diary: this.#diary,
		};
	}

	#handleTraffic(now: number, isUp: boolean): void {
		if (!isUp) return;
		this.#silentMs = Math.max(this.#silentMs, now - this.#sentAt);
		this.#sentAt = now;
	}

	#note(now: number, text: string): void {
		this.#diary.push(`${(now / SECOND).toFixed(3)} ${text}`);
	}

	#anyNat(): NatBehaviour {
		const lifetimeMs = this.#chance.pick(LIFETIMES) * SECOND;
		const plain = plainNat(lifetimeMs);
		const tcpMs = this.#chance.pick(LIFETIMES) * SECOND;
		const whenForgotten = this.#chance.pick(["silent", "reset", "picked-up"] as const);
		const nat = this.#chance.happens(0.3) ? natProfiles["linux-30-120"] : plain;
		return {
			...nat,
			portPreservation: this.#chance.happens(0.3),
			tcp: { establishedMs: Math.max(65_000, tcpMs), transitoryMs: 30_000, whenForgotten },
			blocksUdp: this.#chance.happens(0.15),
		};
	}

	#hurt(): void {
		const { world } = this;
		const chance = this.#chance;
		const site = world.sites[0]!;
		const party = world.parties[0] as FirmwareParty;
		const untilHealed = (heal: () => void): void => {
			const end = world.now + chance.mostlyShort(FAULT_MS);
			if (end < ADVERSE_MS) world.at(end, heal);
		};
		const kind = chance.whole([0, 13]);
		this.#note(world.now, `fault ${FAULTS[kind]}`);
		switch (kind) {
			case 0:
				site.loss = chance.pick([0.05, 0.3, 0.7, 1]);
				return untilHealed(() => {
					site.loss = 0;
				});
			case 1: {
				site.moveBehind({ ...this.#nat, blocksUdp: true });
				this.#isBlocked = true;
				return untilHealed(() => {
					this.#isBlocked = false;
					site.moveBehind(this.#nat);
				});
			}
			case 2:
			case 3:
				return world.restartService(kind === 2, chance.mostlyShort(FAULT_MS));
			case 4:
				return world.rebind(0);
			case 5:
				this.#nat = this.#anyNat();
				return site.moveBehind(this.#nat);
			case 6: {
				party.device.handleNetwork(undefined);
				this.#isLinkDown = true;
				return untilHealed(() => {
					this.#isLinkDown = false;
					party.device.handleNetwork(this.#label);
				});
			}
			case 7:
				this.#nat = this.#anyNat();
				site.moveBehind(this.#nat);
				this.#label = chance.pick(LABELS);
				this.#isLinkDown = false;
				return party.device.handleNetwork(this.#label);
			default:
				return this.#trouble(kind, untilHealed);
		}
	}

	/** Faults of other kinds than the network's. */
	#trouble(kind: number, untilHealed: (heal: () => void) => void): void {
		const { world } = this;
		const { device } = world.parties[0] as FirmwareParty;
		switch (kind) {
			case 8:
				return this.#order("/1/0/4");
			case 9:
				return this.#order("/1/0/8");
			case 10:
				world.setConnectionsRefused(true);
				return untilHealed(() => world.setConnectionsRefused(false));
			case 11:
				return this.#forge([0x01]);
			case 12:
				return this.#forge([this.#chance.pick([0x30, 0x31, 0x32, 0x33, 0x00, 0x20])]);
			default:
				device.stop();
				return device.start();
		}
	}

	#order(path: string): void {
		const { server } = this.world.service as CoreService;
		server.command("device-1", execute(path, ""), MINUTE);
		server.flush();
	}

	#forge(bytes: readonly number[]): void {
		const site = this.world.sites[0]!;
		if (site.known === undefined || streamPeerOf(site.known) !== undefined) return;
		for (let i = 0; i < 5; i++)
			this.world.at(this.world.now + i * SECOND, () => {
				const { known } = site;
				if (known !== undefined && streamPeerOf(known) === undefined && portOf(known) > 0)
					site.sendDown(known, Uint8Array.from(bytes));
			});
	}

	/** The last fault is over; the network that the device is in then stays. */
	#heal(): void {
		const { world } = this;
		const site = world.sites[0]!;
		this.#note(world.now, `healed: ${JSON.stringify(this.#nat)}`);
		site.loss = 0;
		if (this.#isBlocked) site.moveBehind(this.#nat);
		world.setServiceDown(false);
		world.setConnectionsRefused(false);
		// Nothing but what healed tells the device so.
		if (this.#isLinkDown) (world.parties[0] as FirmwareParty).device.handleNetwork(this.#label);
	}
}

const FAULTS = [
	"loss",
	"UDP blocked",
	"restart with state",
	"restart without state",
	"rebinding",
	"another NAT",
	"link down",
	"another network",
	"disabled",
	"trigger",
	"connections refused",
	"forged: unknown",
	"forged: byte",
	"stop and start",
];

/** Lets a device live through the faults of a seed. */
export function live(seed: number): Ending {
	return new Monkey(seed).run();
}

/** What it is to be blamed for; nothing, if all is well. */
export function misdeedsOf(ending: Ending): string[] {
	const { backMs, bytesPerHour, isOurs, preservesPorts, silentMs, unreachableMs } = ending;
	const misdeeds: string[] = [];
	if (backMs > bounds.backMs) misdeeds.push(`back after ${backMs / SECOND} s`);
	if (isOurs && !preservesPorts && unreachableMs > bounds.unreachableMs)
		misdeeds.push(`out of reach for ${unreachableMs / SECOND} s`);
	if (bytesPerHour > (isOurs ? bounds.bytesPerHour : bounds.stockBytesPerHour))
		misdeeds.push(`${bytesPerHour} B an hour`);
	if (silentMs > bounds.silentMs) misdeeds.push(`silent for ${silentMs / SECOND} s`);
	return misdeeds;
}

/** The command that repeats a life, and shows it. */
export function again(seed: number): string {
	return `MONKEY_SEED=${seed} node --import tsx host-sim/world/monkey.node.test.ts`;
}
