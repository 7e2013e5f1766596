// Connections in the world of reachability: what they cost, and how each end finds out that the NAT forgot them.

import { assert, suite } from "#suite";
import type { Tcp } from "../../firmware/io/ecma-419.js";
import { defaultBehaviour, type NatBehaviour } from "../nat/behaviour.js";
import type { Peer } from "../nat/peer.js";
import { AN_HOUR_OF_A_DAY, calm, DELAY, HOUR, MINUTE } from "./reach-bench.js";
import type { Host, Party, ReachOptions, Service, ServiceNetwork } from "./reach-types.js";
import { ReachWorld } from "./reach-world.js";
import { linux } from "./tcp-stack.js";

const test = suite("world/reach-streams");

/** Keeps a connection, and says a byte through it when it is told to. */
class Caller implements Party {
	readonly events: string[] = [];
	readonly #host: Host;
	#socket: Tcp | undefined;

	constructor(host: Host) {
		this.#host = host;
	}

	start(): void {
		const caller = this;
		const { serverAddress: address, serverPort: port, provider, now } = this.#host;
		let isConnected = false;
		this.#socket = new provider.tcp!.io({
			address,
			port,
			onWritable() {
				if (!isConnected) caller.events.push(`${now()} connected`);
				isConnected = true;
			},
			onReadable() {
				caller.events.push(`${now()} read ${this.read()!.byteLength}`);
			},
			onError() {
				caller.events.push(`${now()} error`);
				this.close();
			},
		});
	}

	send(): void {
		this.#socket!.write(Uint8Array.of(1));
	}
}

/** Answers each byte by another, and believes the device where its connection is. */
class Echo implements Service {
	readonly events: string[] = [];
	readonly #network: ServiceNetwork;

	constructor(network: ServiceNetwork) {
		this.#network = network;
	}

	handleConnected(connection: Peer): void {
		this.events.push(`${this.#network.now()} connected`);
		this.#network.handleKnown(0, connection);
	}

	handleReceived(connection: Peer, bytes: Uint8Array): void {
		this.#network.send(bytes, connection);
	}

	handleDisconnected(): void {
		this.events.push(`${this.#network.now()} disconnected`);
	}

	command(): boolean {
		return false;
	}

	restart(): void {}
}

function streaming(nat: NatBehaviour, instants: readonly number[], options: Partial<ReachOptions> = {}) {
	const world = new ReachWorld({
		...calm,
		nat,
		party: (host) => new Caller(host),
		service: (network) => new Echo(network),
		...options,
	});
	const caller = world.parties[0] as Caller;
	for (const at of instants) world.at(at, () => caller.send());
	return { world, caller, service: world.service as Echo };
}

/** The device's instants count from its start, which the seed decides. */
function since(events: readonly string[]): string[] {
	const begin = Number(events[0]!.split(" ")[0]);
	return events.map((event) => `${Number(event.split(" ")[0]) - begin} ${event.split(" ").slice(1).join(" ")}`);
}

function withTcp(establishedMs: number, whenForgotten: NatBehaviour["tcp"]["whenForgotten"]): NatBehaviour {
	return { ...defaultBehaviour, tcp: { establishedMs, transitoryMs: establishedMs, whenForgotten } };
}

test("a connection carries bytes to the service and back, and every packet is counted", () => {
	const { world, caller } = streaming(withTcp(HOUR, "silent"), [10_000]);
	world.run(MINUTE / 86_400_000);
	assert.equal(
		caller.events.map((event) => event.replace(/^\d+ /, "")),
		["connected", "read 1"],
	);
	// SYN, ACK, byte, ACK of the echo; SYN ACK, ACK of the byte (the first is acknowledged at once), echo.
	assert.equal(world.figures(0).meter.up, { packets: 4, bytes: 44 + 40 + 41 + 40 });
	assert.equal(world.figures(0).meter.down, { packets: 3, bytes: 44 + 40 + 41 });
	assert.is(world.figures(0).unreachableMs, 0);
});

test("a larger machine's time stamps are counted, too", () => {
	const { world } = streaming(withTcp(HOUR, "silent"), [], { tcpStack: linux });
	world.run(MINUTE / 86_400_000);
	assert.is(world.figures(0).meter.bytes, 60 + 60 + 52);
});

test("a connection that the NAT forgot in silence is found out by repetitions only", () => {
	const { world, caller } = streaming(withTcp(MINUTE, "silent"), [200_000]);
	world.run(0.5);
	assert.is(caller.events.length, 2);
	assert.match(caller.events[1]!, /error$/);
	assert.ok(Number(caller.events[1]!.split(" ")[0]) > 200_000 + HOUR / 4, caller.events[1]);
});

test("a connection that the NAT forgot and resets is found out by the next byte", () => {
	const { world, caller } = streaming(withTcp(MINUTE, "reset"), [200_000]);
	world.run(AN_HOUR_OF_A_DAY);
	assert.is(caller.events[1], "200000 error");
	const [outage] = world.figures(0).outages;
	assert.is(outage!.at, Number(caller.events[0]!.split(" ")[0]) + MINUTE);
});

test("a connection that the NAT forgot and picks up again goes on", () => {
	const nat = { ...withTcp(MINUTE, "picked-up"), portPreservation: true };
	const { world, caller } = streaming(nat, [200_000]);
	world.run(AN_HOUR_OF_A_DAY / 10);
	assert.equal(since(caller.events)[1]?.endsWith("read 1"), true);
	assert.is(world.figures(0).outages.length, 2);
});

test("the end of the service's process is heard at once on every connection, and new ones are refused", () => {
	const { world, caller } = streaming(withTcp(HOUR, "silent"), []);
	world.at(20_000, () => world.setServiceDown(true));
	world.at(30_000, () => caller.start());
	world.run(MINUTE / 86_400_000);
	assert.equal(caller.events.slice(1), [`${20_000 + DELAY} error`, `${30_000 + 2 * DELAY} error`]);
});

test.run();
