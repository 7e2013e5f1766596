// A world in which nothing counts but whether a device can be reached, and what that costs: lean enough for weeks.
// Rebindings, restarts and commands come from sources of their own, so that every party lives through the same ones.

import { plainPrimitives } from "../../firmware/tests/security/plain-primitives.js";
import { Keyring } from "../backend/keyring.js";
import { addressOf, type Peer } from "../nat/peer.js";
import { nextRebindingAt } from "../nat/rebinding.js";
import { Chance, type Range } from "./chance.js";
import { publicAddress } from "./internet.js";
import { EventQueue, type Occasion } from "./queue.js";
import { CoreService } from "./reach-core.js";
import { FirmwareParty } from "./reach-device.js";
import { ReachSite, SERVER_ADDRESS, SERVER_PORT } from "./reach-site.js";
import type { Figures, Host, Party, ReachOptions, Service, ServiceNetwork } from "./reach-types.js";
import { standIn } from "./stand-in.js";
import type { VirtualSegment } from "./tcp-end.js";
import { streamPeerOf, TcpListener } from "./tcp-listener.js";
import { lwip } from "./tcp-stack.js";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const DELAY_MS: Range = [20, 60];
const LIFETIME_SECONDS = 86_400;
/** Devices are switched on within this time. */
const START_MS: Range = [0, 5_000];
const RESTART_PER_DAY = 4;
const RESTART_DOWN_MS: Range = [5_000, 60_000];
/** A command that failed is given again after this. */
const REPEAT_MS = 1_000;

/** A command that waits for its answer, for whom and since when. */
interface Wish {
	readonly host: number;
	readonly at: number;
}

export class ReachWorld {
	readonly sites: ReachSite[] = [];
	readonly hosts: Host[] = [];
	readonly parties: Party[] = [];
	readonly service: Service;
	readonly #options: ReachOptions;
	readonly #queue = new EventQueue();
	readonly #byAddress = new Map<string, ReachSite>();
	readonly #listener = this.#listen();
	#latencies: number[][] = [];
	/** Commands whose host the service does not know now. */
	readonly #wishes: Set<Wish>[] = [];
	readonly #nextCommands: (Occasion | undefined)[] = [];
	readonly #commandChances: Chance[] = [];
	#openCommands: number[] = [];
	#commandsPerDay: number;
	#isServiceDown = false;
	#now = 0;

	constructor(options: ReachOptions) {
		const { seed, deviceCount = 1, rebinding, backend } = options;
		const chance = new Chance(seed);
		const rebindingChance = chance.fork();
		const restartChance = chance.fork();
		const commandChance = chance.fork();
		this.#options = options;
		this.#commandsPerDay = options.commandsPerDay;
		const names = Array.from({ length: deviceCount }, (_, i) => `device-${i + 1}`);
		const keyring = this.#keyring(names);
		const network: ServiceNetwork = {
			queue: this.#queue,
			chance: chance.fork(),
			names,
			now: () => this.#now,
			send: (bytes, to) => this.#send(bytes, to),
			close: (connection) => this.#listener.close(streamPeerOf(connection)!),
			handleKnown: (host, at) => this.#handleKnown(host, at),
		};
		for (const [index, name] of names.entries()) {
			this.#addSite(index, name, chance.fork());
			this.#commandChances.push(commandChance.fork());
			this.#rebindOnce(index, nextRebindingAt(0, rebinding, rebindingChance), rebindingChance.fork());
		}
		this.service =
			options.service?.(network) ??
			new CoreService(network, keyring, { reach: options.elective ?? true }, options.onCoreEvent);
		for (const [index, host] of this.hosts.entries()) {
			const party = options.party?.(host) ?? this.#firmware(host, keyring);
			this.parties.push(party);
			this.#queue.add(host.chance.whole(START_MS), () => party.start());
			this.#planCommand(index);
		}
		if (backend !== "stable") this.#restartOnce(restartChance);
	}

	/** Milliseconds since the begin. */
	get now(): number {
		return this.#now;
	}

	/** Runs on for some days; `onDay` after each of them. */
	run(days: number, onDay?: (day: number) => void): void {
		const begin = this.#now;
		for (let day = 1; day <= Math.ceil(days); day++) {
			this.#runUntil(begin + Math.round(Math.min(day, days) * DAY_MS));
			onDay?.(day);
		}
	}

	/** From now on so many are given a day, at random times; 0: none. */
	set commandsPerDay(count: number) {
		this.#commandsPerDay = count;
		for (const host of this.hosts) this.#planCommand(host.index);
	}

	figures(index: number): Figures {
		const site = this.sites[index]!;
		site.settle();
		return {
			meter: site.meter,
			unreachableMs: site.unreachableMs,
			outages: site.allOutages(),
			latencies: this.#latencies[index]!,
			openCommands: this.#openCommands[index]!,
			rebindingsAt: site.rebindingsAt,
			downs: site.allDowns(),
			moves: site.moves,
		};
	}

	/** Counts begin anew. */
	resetFigures(): void {
		for (const site of this.sites) site.reset();
		this.#latencies = this.#latencies.map(() => []);
	}

	/** Lets something happen at an instant. */
	at(instant: number, happen: () => void): void {
		this.#queue.add(Math.max(this.#now, Math.ceil(instant)), happen);
	}

	/** The mappings of a device's NAT get other ports, now. */
	rebind(index: number): void {
		this.sites[index]!.rebind();
	}

	/** The service neither hears nor answers; it loses nothing by that. */
	setServiceDown(isDown: boolean): void {
		this.#isServiceDown = isDown;
		this.#listener.setDown(isDown);
		for (const site of this.sites) site.handleServiceDown(isDown);
	}

	/** Nobody listens for connections any more, or somebody does again; datagrams are heard all the same. */
	setConnectionsRefused(areRefused: boolean): void {
		this.#listener.setDown(areRefused);
	}

	/** The service is killed, and starts again after a while. */
	restartService(keepsState: boolean, downMs: number): void {
		this.setServiceDown(true);
		this.#queue.add(this.#now + downMs, () => {
			this.setServiceDown(false);
			this.service.restart(keepsState);
		});
	}

	/** Gives a device a command, and waits for its answer however long that takes. */
	command(index: number): void {
		this.#openCommands[index]!++;
		this.#wish({ host: index, at: this.#now });
	}

	#runUntil(endAt: number): void {
		for (let next = this.#queue.take(endAt); next !== undefined; next = this.#queue.take(endAt)) {
			this.#now = next.at;
			next.run!();
		}
		this.#now = endAt;
	}

	#keyring(names: readonly string[]): Keyring | undefined {
		const { security, seed } = this.#options;
		if (security === "plain") return undefined;
		return new Keyring(security === "oscore" ? plainPrimitives : standIn(plainPrimitives), names, seed);
	}

	#addSite(index: number, name: string, chance: Chance): void {
		const { nat, loss, delayMs = DELAY_MS, tcpStack = lwip, onTraffic } = this.#options;
		const now = (): number => this.#now;
		const site = new ReachSite(
			index,
			publicAddress(index),
			nat,
			{
				queue: this.#queue,
				loss,
				delayMs,
				now,
				tcpStack,
				arrive: (from, bytes) => this.#arrive(index, from, bytes),
				arriveSegment: (from, segment) => this.#arriveSegment(index, from, segment),
				isConnected: (from) => this.#listener.isConnected(from),
				carry: (isUp, length) => onTraffic?.(this.#now, index, isUp, length),
			},
			chance,
		);
		this.sites.push(site);
		this.#byAddress.set(site.publicAddress, site);
		this.#latencies.push([]);
		this.#openCommands.push(0);
		this.#wishes.push(new Set());
		this.hosts.push({
			index,
			name,
			provider: site.board.provider,
			serverAddress: SERVER_ADDRESS,
			serverPort: SERVER_PORT,
			chance: chance.fork(),
			now,
		});
	}

	#firmware(host: Host, keyring: Keyring | undefined): Party {
		const { lifetimeSeconds = LIFETIME_SECONDS, keepaliveMs } = this.#options;
		const keys =
			keyring === undefined ? undefined : { oscore: keyring.credentials[host.index]!, primitives: keyring.primitives };
		return new FirmwareParty(host, {
			lifetimeSeconds,
			keepaliveMs,
			elective: undefined,
			extras: this.#options.firmware,
			keys,
		});
	}

	#arrive(index: number, from: Peer, bytes: Uint8Array): void {
		this.#options.onArrive?.(this.#now, index, bytes.length);
		if (!this.#isServiceDown) this.service.handleReceived(from, bytes);
	}

	#arriveSegment(index: number, from: Peer, segment: VirtualSegment): void {
		this.#options.onArrive?.(this.#now, index, segment.length);
		this.#listener.receive(from, segment);
		this.sites[index]!.settle();
	}

	#send(bytes: Uint8Array, to: Peer): void {
		if (this.#isServiceDown) return;
		const stream = streamPeerOf(to);
		if (stream === undefined) this.#siteAt(to)?.sendDown(to, bytes);
		else this.#listener.send(stream, bytes);
	}

	#siteAt(peer: Peer): ReachSite | undefined {
		return this.#byAddress.get(addressOf(peer));
	}

	#listen(): TcpListener {
		return new TcpListener({
			queue: this.#queue,
			now: () => this.#now,
			sendSegment: (to, segment) => this.#siteAt(to)?.sendSegmentDown(to, segment),
			handleConnected: (connection, room) =>
				this.service.handleConnected?.(connection, room, this.#siteAt(streamPeerOf(connection)!)!.index),
			handleReceived: (connection, bytes) => this.service.handleReceived(connection, bytes),
			handleWritable: (connection, room) => this.service.handleWritable?.(connection, room),
			handleDisconnected: (connection) => {
				this.#siteAt(streamPeerOf(connection)!)?.settle();
				this.service.handleDisconnected?.(connection);
			},
		});
	}

	#handleKnown(index: number, at: Peer | undefined): void {
		this.sites[index]!.handleKnown(at);
		const wishes = this.#wishes[index]!;
		if (at === undefined || wishes.size === 0) return;
		const waiting = [...wishes];
		wishes.clear();
		// After the core has done what it does just now.
		this.#queue.add(this.#now, () => {
			for (const wish of waiting) this.#wish(wish);
		});
	}

	#wish(wish: Wish): void {
		const isTaken =
			!this.#isServiceDown && this.service.command(wish.host, (isAnswered) => this.#end(wish, isAnswered));
		if (isTaken) return;
		if (this.#isServiceDown) this.#wishAgain(wish);
		else this.#wishes[wish.host]!.add(wish);
	}

	#wishAgain(wish: Wish): void {
		this.#queue.add(this.#now + REPEAT_MS, () => this.#wish(wish));
	}

	#end(wish: Wish, isAnswered: boolean): void {
		if (!isAnswered) return this.#wishAgain(wish);
		this.#openCommands[wish.host]!--;
		this.#latencies[wish.host]!.push(this.#now - wish.at);
	}

	#planCommand(index: number): void {
		const next = this.#nextCommands[index];
		if (next !== undefined) next.run = undefined;
		this.#nextCommands[index] = undefined;
		if (this.#commandsPerDay === 0) return;
		const waitMs = gapMs(DAY_MS / this.#commandsPerDay, this.#commandChances[index]!);
		this.#nextCommands[index] = this.#queue.add(this.#now + waitMs, () => {
			this.#planCommand(index);
			this.command(index);
		});
	}

	#rebindOnce(index: number, at: number, chance: Chance): void {
		if (at === Infinity) return;
		this.#queue.add(at, () => {
			this.rebind(index);
			this.#rebindOnce(index, nextRebindingAt(this.#now, this.#options.rebinding, chance), chance);
		});
	}

	#restartOnce(chance: Chance): void {
		this.#queue.add(this.#now + gapMs(DAY_MS / RESTART_PER_DAY, chance), () => {
			this.restartService(this.#options.backend === "restarts-with-state", chance.whole(RESTART_DOWN_MS));
			this.#restartOnce(chance);
		});
	}
}

/** A gap between things that happen without memory of each other. */
function gapMs(meanMs: number, chance: Chance): number {
	return Math.ceil(-meanMs * Math.log(1 - chance.fraction())) + 1;
}
