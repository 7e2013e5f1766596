// The world of reachability itself: what it counts, and what its observer sees, against schedules known beforehand.

import { assert, suite } from "#suite";
import type { Datagram, Udp } from "../../firmware/io/ecma-419.js";
import type { NatBehaviour } from "../nat/behaviour.js";
import type { Peer } from "../nat/peer.js";
import { natProfiles, plainNat } from "../nat/profiles.js";
import { SeededRandom } from "../nat/seeded-random.js";
import { AN_HOUR_OF_A_DAY, calm, DELAY, HALF_A_MINUTE, HOUR, MINUTE } from "./reach-bench.js";
import type { Host, Party, ReachOptions, Service, ServiceNetwork } from "./reach-types.js";
import { ReachWorld } from "./reach-world.js";

const test = suite("world/reach-world");

/** Sends a byte when it is told to, and answers each byte by two. */
class Sender implements Party {
	readonly #host: Host;
	#socket: Udp | undefined;

	constructor(host: Host) {
		this.#host = host;
	}

	start(): void {
		const sender = this;
		this.#socket = new this.#host.provider.udp.io({
			onReadable() {
				for (let one: Datagram | undefined = this.read(); one !== undefined; one = this.read()) sender.send(2);
			},
		});
	}

	send(length: number): void {
		this.#socket!.write(new Uint8Array(length), this.#host.serverAddress, this.#host.serverPort);
	}
}

/** Believes a device where it last heard one byte from; a command is one byte, two bytes are the answer. */
class Listener implements Service {
	readonly heard: string[] = [];
	readonly #network: ServiceNetwork;
	#known: Peer | undefined;
	#ended: ((isAnswered: boolean) => void) | undefined;

	constructor(network: ServiceNetwork) {
		this.#network = network;
	}

	handleReceived(from: Peer, bytes: Uint8Array): void {
		this.heard.push(`${this.#network.now()} ${bytes.length}`);
		if (bytes.length === 1) {
			this.#known = from;
			this.#network.handleKnown(0, from);
		} else this.#ended?.(true);
	}

	command(_host: number, ended: (isAnswered: boolean) => void): boolean {
		if (this.#known === undefined) return false;
		this.#ended = ended;
		this.#network.send(Uint8Array.of(0), this.#known);
		return true;
	}

	restart(): void {
		this.#known = undefined;
		this.#network.handleKnown(0, undefined);
	}
}

/** A world whose device sends one byte at each of some instants, and what its service heard. */
function scheduled(instants: readonly number[], options: Partial<ReachOptions> = {}) {
	const world = new ReachWorld({
		...calm,
		party: (host) => new Sender(host),
		service: (network) => new Listener(network),
		...options,
	});
	for (const at of instants) world.at(at, () => (world.parties[0] as Sender).send(1));
	return { world, service: world.service as Listener };
}

test("a binding that dies makes the device unreachable from its time-out to its next packet, exactly", () => {
	const { world } = scheduled([10_000, 30_000, 100_000, 125_000]);
	world.run(AN_HOUR_OF_A_DAY);
	const { outages, unreachableMs } = world.figures(0);
	// Known 50 ms after the first packet; open until 60 s; a new port at 100 s, known 50 ms later; open until 155 s.
	assert.equal(outages, [
		{ at: 60_000, ms: 40_050 },
		{ at: 155_000, ms: HOUR - 155_000 },
	]);
	assert.is(unreachableMs, 40_050 + HOUR - 155_000);
});

const OBSERVED: readonly NatBehaviour[] = [
	plainNat(HALF_A_MINUTE),
	{ ...plainNat(HALF_A_MINUTE), inboundRefresh: true, portPreservation: true },
	natProfiles["linux-30-120"],
];
for (const [i, nat] of OBSERVED.entries()) {
	test(`what the observer says is what a datagram then meets, NAT ${i}`, () => {
		const random = new SeededRandom(i);
		const instants = Array.from({ length: 200 }, () => 10_000 + Math.floor(random.fraction() * HOUR));
		const { world } = scheduled(instants.slice(0, 100), { nat, rebinding: "5-minutes", delayMs: [0, 0] });
		const verdicts: string[] = [];
		for (const at of instants.slice(100)) {
			let said = false;
			let before = 0;
			// Before, at and after whatever else is due then: a datagram takes no time here.
			world.at(at, () => {
				said = world.sites[0]!.isReachable;
				before = world.figures(0).meter.down.packets;
				world.command(0);
			});
			world.at(at + 1, () => {
				verdicts.push(`${said} ${world.figures(0).meter.down.packets > before}`);
			});
		}
		world.run(AN_HOUR_OF_A_DAY);
		assert.equal([...new Set(verdicts)].sort(), ["false false", "true true"]);
	});
}

test("after a rebinding the device is unreachable until the service has heard it from its new port", () => {
	const { world } = scheduled([10_000, 30_000, 50_000]);
	world.at(35_000, () => world.rebind(0));
	world.at(51_000, () => assert.is(world.sites[0]!.isReachable, true));
	world.run(MINUTE / 86_400_000);
	assert.equal(world.figures(0).outages, [{ at: 35_000, ms: 15_050 }]);
	assert.equal(world.figures(0).rebindingsAt, [35_000]);
});

test("a device whose socket is closed cannot be reached, whatever the NAT lets in", () => {
	const { world } = scheduled([10_000]);
	world.at(20_000, () => world.sites[0]!.board.off());
	world.run(25_000 / 86_400_000);
	assert.is(world.figures(0).unreachableMs, 5_000);
});

test("while the service is down nobody misses anything, and it hears nothing", () => {
	const { world, service } = scheduled([10_000, 30_000, 70_000]);
	world.at(55_000, () => world.setServiceDown(true));
	world.at(80_000, () => world.setServiceDown(false));
	world.run(85_000 / 86_400_000);
	assert.equal(service.heard, ["10050 1", "30050 1"]);
	// The port of the binding that the device made meanwhile is another one.
	assert.equal(world.figures(0).outages, [{ at: 80_000, ms: 5_000 }]);
});

test("it is known when the service was down, and since when it is; each count begins anew", () => {
	const { world } = scheduled([]);
	world.at(10_000, () => world.setServiceDown(true));
	world.at(20_000, () => world.setServiceDown(false));
	world.at(50_000, () => world.setServiceDown(true));
	world.at(70_000, () => world.setServiceDown(false));
	world.run(60_000 / 86_400_000);
	assert.equal(world.figures(0).downs, [
		{ at: 10_000, until: 20_000 },
		{ at: 50_000, until: 60_000 },
	]);
	world.resetFigures();
	world.run(30_000 / 86_400_000);
	assert.equal(world.figures(0).downs, [{ at: 60_000, until: 70_000 }]);
});

test("what the radio loses is paid for, refreshes nothing and arrives nowhere", () => {
	const { world, service } = scheduled([10_000, 20_000], { loss: 1 });
	world.run(AN_HOUR_OF_A_DAY);
	assert.equal(service.heard, []);
	assert.equal(world.figures(0).meter.up, { packets: 2, bytes: 58 });
	assert.is(world.figures(0).meter.down.packets, 0);
});

test("a command takes its round trip, and is paid for in both directions", () => {
	const traffic: string[] = [];
	const onTraffic = (now: number, host: number, isUp: boolean, length: number): void => {
		traffic.push(`${now} ${host} ${isUp ? "up" : "down"} ${length}`);
	};
	const { world } = scheduled([10_000], { onTraffic });
	world.at(20_000, () => world.command(0));
	world.run(AN_HOUR_OF_A_DAY);
	assert.equal(world.figures(0).latencies, [2 * DELAY]);
	assert.equal(traffic, ["10000 0 up 29", "20050 0 down 29", "20050 0 up 30"]);
	assert.is(world.figures(0).meter.bytes, 88);
});

test("a command that the service cannot send yet waits until it knows the device", () => {
	const { world } = scheduled([30_000]);
	world.at(20_000, () => world.command(0));
	world.run(AN_HOUR_OF_A_DAY);
	assert.equal(world.figures(0).latencies, [10_000 + 3 * DELAY]);
	assert.is(world.figures(0).openCommands, 0);
});

test("packets closer than the radio's tail share a waking", () => {
	const { world } = scheduled([0, 1, 2, 3, 10, 19.999, 30, 50].map((second) => 10_000 + second * 1000));
	world.run(AN_HOUR_OF_A_DAY);
	assert.is(world.figures(0).meter.wakeUps, 3);
});

test("where UDP is blocked nothing is heard, and nothing comes back", () => {
	const { world, service } = scheduled([10_000], { nat: natProfiles["udp-blocked"] });
	world.run(AN_HOUR_OF_A_DAY);
	assert.equal(service.heard, []);
});

test("counts begin anew where that is asked, an outage under way included", () => {
	const { world } = scheduled([10_000]);
	world.at(50_000, () => world.resetFigures());
	world.run(MINUTE / 86_400_000);
	assert.is(world.figures(0).meter.packets, 0);
	assert.equal(world.figures(0).outages, [{ at: 50_000, ms: 10_000 }]);
});

test.run();
