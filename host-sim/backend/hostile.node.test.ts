// suite: limit=120
// The back end among strangers and devices that lie: it goes on, its tables keep their bounds, it amplifies nothing.

import { assert, suite } from "#suite";
import { encodeText } from "../../firmware/bytes.js";
import { Code } from "../../firmware/coap/codes.js";
import { ContentFormat, Option } from "../../firmware/coap/options.js";
import { message, type OptionValue } from "../../firmware/tests/hostile/message.js";
import { Mutator } from "../../firmware/tests/hostile/mutator.js";
import { SeededRandom } from "../nat/seeded-random.js";
import { OBJECT_LIST } from "./bench.js";
import { type Connection, Connections } from "./connections.js";
import { Device } from "./device.js";
import * as operations from "./operations.js";
import { type Peer, PeerTable } from "./peer.js";
import { begin } from "./registration.js";
import { renderEvent } from "./render.js";
import { Schedule } from "./schedule.js";
import { Service } from "./service.js";

const test = suite("backend/hostile");

/**
 * So many bytes at most for each byte that came from an address that never registered; with 3 and less a server need
 * not prove an address first (RFC 9175, 2.4). The most is what /.well-known/core says to the shortest request for it.
 */
const STRANGER_FACTOR = 2;

/** More datagrams than this after one input would be endless work. */
const MOST_DATAGRAMS = 1000;
const A_DAY_MS = 86_400_000;
const DEVICES = 20;
const STRANGERS = 2000;
const OBSERVED = "/3303/0/5700";

/** What went to and fro between the back end and one address. */
interface Traffic {
	received: number;
	sent: number;
	registered: boolean;
}

function register(endpointName: string, more: readonly OptionValue[] = []): Uint8Array {
	const query = [`ep=${endpointName}`, "lt=3600", "lwm2m=1.2", "b=U"].map((text): OptionValue => [15, text]);
	const options: OptionValue[] = [[Option.ContentFormat, ContentFormat.LinkFormat], ...query, ...more];
	return message({ code: Code.Post, path: "/rd", token: "a1", options, payload: encodeText(OBJECT_LIST) });
}

/** A back end in virtual time whose network only counts. */
class Town {
	now = 0;
	readonly traffic = new Map<string, Traffic>();
	/** The newest datagram of the back end. */
	heard: Uint8Array | undefined;
	readonly service: Service;
	#alarmAt = Number.POSITIVE_INFINITY;
	#datagrams = 0;

	constructor() {
		this.service = new Service({
			random: new SeededRandom(5),
			now: () => this.now,
			transmit: (bytes, address) => this.#transmitted(bytes, address),
			alarm: (at) => {
				this.#alarmAt = at;
			},
		});
		this.service.listen((event) => void renderEvent(event, this.now, 0));
	}

	at(address: string): Traffic {
		let traffic = this.traffic.get(address);
		if (traffic === undefined) {
			traffic = { received: 0, sent: 0, registered: false };
			this.traffic.set(address, traffic);
		}
		return traffic;
	}

	receive(address: string, bytes: Uint8Array): void {
		const traffic = this.at(address);
		traffic.received += bytes.length;
		this.heard = undefined;
		this.#datagrams = 0;
		this.service.handleReceived(address, bytes);
		if (this.service.core.endpointNameAt(address) !== undefined) traffic.registered = true;
	}

	run(ms: number): void {
		const end = this.now + ms;
		for (let steps = 0; this.#alarmAt <= end; ) {
			steps = this.#alarmAt > this.now ? 0 : steps + 1;
			assert.ok(steps < 64, "endless work at one instant");
			this.now = Math.max(this.now, this.#alarmAt);
			this.#datagrams = 0;
			this.service.handleTimeout();
		}
		this.now = end;
	}

	#transmitted(bytes: Uint8Array, address: string): void {
		assert.ok(++this.#datagrams < MOST_DATAGRAMS, "endless work");
		this.heard = bytes.slice();
		this.at(address).sent += bytes.length;
	}

	/** The most bytes for each byte that a stranger got. */
	factor(): number {
		let most = 0;
		for (const { received, sent, registered } of this.traffic.values())
			if (!registered) most = Math.max(most, sent / Math.max(1, received));
		return most;
	}
}

function populated(): Town {
	const town = new Town();
	for (let i = 0; i < DEVICES; i++) {
		town.receive(`10.0.0.${i}:5683`, register(`device-${i}`));
		town.service.core.command(0, `device-${i}`, operations.observe(OBSERVED, undefined), 60_000);
		town.service.drain();
	}
	return town;
}

/** What devices and strangers validly say: to register, to send, to answer, to notify. */
function corpusOf(town: Town): Uint8Array[] {
	const id = town.service.core.registration("device-0")!.id;
	const text: readonly OptionValue[] = [[Option.ContentFormat, ContentFormat.Text]];
	const json: readonly OptionValue[] = [[Option.ContentFormat, ContentFormat.SenmlJson]];
	const sent = encodeText('[{"n":"/3303/0/5700","v":21.5}]');
	return [
		register("device-1"),
		register("stranger"),
		register("sleeper", [[Option.UriQuery, "Q"]]),
		register("in-blocks", [
			[Option.Block1, 8],
			[Option.Size1, 100],
		]),
		message({ code: Code.Post, path: `/rd/${id}`, token: "a2", options: [[Option.UriQuery, "lt=60"]] }),
		message({ code: Code.Delete, path: `/rd/${id}`, token: "a3" }),
		message({ code: Code.Post, path: "/dp", token: "a4", options: json, payload: sent }),
		message({ code: Code.Get, path: "/.well-known/core", token: "a5" }),
		message({ code: Code.Get, path: "/.well-known/core", options: [[Option.Block2, 0]] }),
		message({ code: Code.Empty }),
		message({ code: Code.Empty, type: "RST" }),
		message({ code: Code.Empty, type: "ACK" }),
		message({ code: Code.Content, type: "ACK", token: "01", options: text, payload: encodeText("21.5") }),
		message({ code: Code.Content, type: "NON", token: "01", options: [[Option.Observe, 7], ...text] }),
		message({ code: Code.Content, token: "01", options: [[Option.Observe, 8], ...text], payload: encodeText("22") }),
		message({ code: Code.Content, type: "ACK", token: "01", options: [[Option.Block2, 0x0e]], payload: sent }),
		message({ code: Code.Continue, type: "ACK", token: "01", options: [[Option.Block1, 0x0e]] }),
	];
}

function command(town: Town, mutator: Mutator): void {
	const asked = [
		operations.read(OBSERVED, undefined),
		operations.observe(OBSERVED, undefined),
		operations.execute("/3/0/12", ""),
		operations.write("/3/0", true, ContentFormat.SenmlJson, new Uint8Array(3000)),
	];
	const endpointName = `device-${mutator.below(DEVICES)}`;
	town.service.core.command(town.now, endpointName, asked[mutator.below(asked.length)]!, 30_000);
	town.service.drain();
}

function addressFor(mutator: Mutator): string {
	if (mutator.below(2) === 0) return `10.0.0.${mutator.below(DEVICES)}:5683`;
	return `192.0.2.${mutator.below(250)}:${mutator.below(STRANGERS / 250)}`;
}

for (const seed of [1, 2])
	test(`100,000 hostile datagrams of seed ${seed} throw nothing and are not amplified`, () => {
		const town = populated();
		const mutator = new Mutator(seed, corpusOf(town));
		for (let i = 0; i < 100_000; i++) {
			town.receive(addressFor(mutator), mutator.next());
			if (town.heard !== undefined) mutator.overhear(town.heard);
			if (mutator.below(50) === 0) command(town, mutator);
			if (mutator.below(4) === 0) town.run(mutator.below(3000));
		}
		const strangers = [...town.traffic.values()].filter(({ registered, sent }) => !registered && sent > 0).length;
		assert.ok(strangers > 100, `only ${strangers} strangers were answered`);
		assert.ok(town.factor() <= STRANGER_FACTOR, `a stranger got ${town.factor()} bytes for one`);
		suite.record("registrations", town.service.core.registrations().length);
		town.receive("10.9.9.9:9", register("last"));
		assert.ok(town.service.core.registration("last"));
		town.run(A_DAY_MS);
		for (const { lifetimeSeconds } of town.service.core.registrations()) assert.ok(1000 * lifetimeSeconds > A_DAY_MS);
	});

/** What gives a stranger the most for the least: small requests of every method to every place there is. */
test(`a stranger gets at most ${STRANGER_FACTOR} bytes for one`, () => {
	const town = populated();
	let port = 0;
	for (const path of ["", "/rd", "/rd/x", "/dp", "/.well-known/core", "/a"])
		for (const type of ["CON", "NON"] as const)
			for (const more of [[], [[Option.Observe, 0]], [[Option.Block2, 6]], [[Option.Accept, 0]], [[9, 1]]] as const)
				for (let code = 0; code < 0x20; code++) {
					const address = `192.0.2.1:${++port}`;
					town.receive(address, message({ type, code, path, options: more as readonly OptionValue[] }));
					town.run(1000);
				}
	town.run(300_000);
	const most = town.factor();
	suite.record("the most bytes that a stranger gets for one", most);
	assert.ok(most > 1 && most <= STRANGER_FACTOR, String(most));
});

test("strangers beyond the bound push out the oldest, never a device", () => {
	const schedule = new Schedule<Peer | Device | Connection>();
	const random = new SeededRandom(3);
	const table = new PeerTable(random, 16, schedule, undefined, new Connections(random, schedule));
	const devices: Device[] = [];
	const addresses: string[] = [];
	const known = () => addresses.filter((address) => table.at(address) !== undefined);
	for (let i = 0; i < 5000; i++) {
		const address = `192.0.2.1:${random.uint32() % 400}`;
		if (!addresses.includes(address)) addresses.push(address);
		const peer = table.at(address) ?? table.add(address, false);
		const choice = random.uint32() % 8;
		if (choice === 0 && devices.length < 10) {
			const said = { additional: {} };
			const device = new Device(begin(String(i), String(i), 0, address, said));
			devices.push(device);
			table.join(device, peer);
		} else if (choice === 1 && devices.length > 0) table.join(devices[random.uint32() % devices.length]!, peer);
		else if (choice === 2 && devices.length > 5) table.part(devices.shift()!);
		const settled = devices.filter((device) => device.peer !== undefined);
		for (const device of settled) assert.is(table.at(device.peer!.address)?.device, device);
		if (i % 50 === 0) assert.ok(known().length <= 16 + settled.length, `${known().length} peers`);
	}
});

test.run();
