// suite: limit=180
// What users of other clients and servers complained about, as far as it takes a NAT to see it. Each title cites the
// complaint; docs/complaints.md has all of them.

import { assert, suite } from "#suite";
import { ContentFormat } from "../../firmware/coap/options.js";
import { Device as DeviceObject } from "../../firmware/lwm2m/objects/device.js";
import { Server as ServerObject } from "../../firmware/lwm2m/objects/server.js";
import type { CoreEvent } from "../backend/core-event.js";
import { observe } from "../backend/operations.js";
import { natProfiles, plainNat } from "../nat/profiles.js";
import { calm, HOUR, MINUTE } from "./reach-bench.js";
import type { CoreService } from "./reach-core.js";
import { COMMAND_PATH, type FirmwareParty } from "./reach-device.js";
import type { ReachOptions } from "./reach-types.js";
import { ReachWorld } from "./reach-world.js";

const test = suite("world/complaints");

const SECOND = 1000;
const DAY = 24 * HOUR;
const TURNS = 8;
/** A command to a device that is there, and its answer. */
const AT_ONCE_MS = SECOND;

/** A device that learns by itself behind a NAT, and what the back end says of it. */
class Site {
	readonly events: CoreEvent[] = [];
	readonly world: ReachWorld;
	readonly device: FirmwareParty;

	constructor(options: Partial<ReachOptions>) {
		const onCoreEvent = (event: CoreEvent): void => void this.events.push(event);
		this.world = new ReachWorld({ ...calm, commandsPerDay: 0, ...options, onCoreEvent });
		this.device = this.world.parties[0] as FirmwareParty;
	}

	pass(milliseconds: number): void {
		this.world.run(milliseconds / DAY);
	}

	count(kind: CoreEvent["kind"]): number {
		return this.events.filter((event) => event.kind === kind).length;
	}

	/** Asks for something, and says after how many milliseconds it was answered. */
	ask(patienceMs: number): number {
		const { latencies } = this.world.figures(0);
		const { length } = latencies;
		this.world.command(0);
		this.pass(patienceMs);
		return latencies[length] ?? Number.POSITIVE_INFINITY;
	}

	get unreachableMs(): number {
		return this.world.figures(0).unreachableMs;
	}

	/** The longest time within which a command would not have arrived. */
	get longestOutageMs(): number {
		return Math.max(0, ...this.world.figures(0).outages.map(({ ms }) => ms));
	}
}

const SECURITIES = ["plain", "oscore"] as const;

test("eclipse-californium/californium#774: behind an LTE NAT of 2 min unreachable until its next Update", () => {
	const site = new Site({ nat: plainNat(2 * MINUTE) });
	site.pass(HOUR);
	site.world.resetFigures();
	site.pass(12 * HOUR);
	assert.ok(site.ask(MINUTE) < AT_ONCE_MS);
	assert.is(site.unreachableMs, 0);
});

test("eclipse-leshan/leshan#852: behind a NAT of 30 s answers came from elsewhere, and were nobody's", () => {
	for (const security of SECURITIES) {
		const site = new Site({ nat: plainNat(30 * SECOND), security });
		site.pass(HOUR);
		for (let turn = 0; turn < TURNS; turn++) {
			// While the command is on its way, so that the answer leaves from the new address.
			site.world.at(site.world.now + 20, () => site.world.rebind(0));
			const ms = site.ask(5 * MINUTE);
			assert.ok(ms < MINUTE, `${security}, turn ${turn}: ${ms} ms`);
		}
		assert.is(site.count("registered"), 1);
	}
});

const MOVES: readonly (readonly [string, Partial<ReachOptions>, notificationMode: number])[] = [
	["eclipse-leshan/leshan#998: the server dropped what came from a new address", { security: "oscore" }, 0],
	["eclipse-leshan/leshan#1636: it ended the observation for it", {}, 1],
	["eclipse-wakaama/wakaama#454: it cleared all observations", {}, 0],
	["the same at a server without the extension", { elective: false }, 1],
];

for (const [title, options, notificationMode] of MOVES)
	test(title, () => {
		const site = new Site({ nat: plainNat(30 * SECOND), ...options });
		const { world, device } = site;
		const { server } = world.service as CoreService;
		device.model.find(ServerObject.objectId, 0)!.set("defaultNotificationMode", notificationMode);
		site.pass(HOUR);
		server.command("device-1", observe(COMMAND_PATH, ContentFormat.Text), MINUTE);
		server.flush();
		site.pass(MINUTE);
		const instance = device.model.find(DeviceObject.objectId, 0)!;
		for (let turn = 0; turn < TURNS; turn++) {
			world.rebind(0);
			instance.set("serialNumber", `early ${turn}`);
			device.device.changed();
			site.pass(10 * MINUTE);
			instance.set("serialNumber", `late ${turn}`);
			device.device.changed();
			site.pass(AT_ONCE_MS);
			assert.is(told(site.events), `late ${turn}`);
		}
		assert.ok(server.isObserved("device-1", COMMAND_PATH));
		// A CON that stays unanswered ends the registration, after which the back end observes anew: never more than once.
		const most = notificationMode === 0 ? 1 : 1 + TURNS;
		assert.ok(site.count("registered") <= most, `registered ${site.count("registered")} times`);
	});

/** What the back end was told last. */
function told(events: readonly CoreEvent[]): string {
	const event = events.filter(({ kind }) => kind === "notified").at(-1);
	return event?.kind === "notified" ? String.fromCharCode(...event.payload) : "";
}

test("eclipse-leshan/leshan#1324: after a change of address packets were discarded until a time-out", () => {
	for (const security of SECURITIES) {
		const site = new Site({ nat: plainNat(30 * SECOND), security });
		site.pass(HOUR);
		site.world.resetFigures();
		for (let turn = 0; turn < TURNS; turn++) {
			site.world.rebind(0);
			site.pass(31 * SECOND);
			const ms = site.ask(10 * MINUTE);
			assert.ok(ms < AT_ONCE_MS, `${security}, turn ${turn}: ${ms} ms`);
		}
		assert.ok(site.longestOutageMs < 31 * SECOND, `${site.longestOutageMs} ms`);
	}
});

test("telefonicaid/lwm2m-node-lib#161: after a change of address 247 s of time-outs", () => {
	const site = new Site({ nat: plainNat(30 * SECOND) });
	site.pass(HOUR);
	for (let turn = 0; turn < TURNS; turn++) {
		site.world.rebind(0);
		const ms = site.ask(5 * MINUTE);
		assert.ok(ms < 35 * SECOND, `turn ${turn}: ${ms} ms`);
	}
});

test("eclipse-leshan/leshan#345: the association was dead after 60 s of silence", () => {
	const site = new Site({ nat: plainNat(MINUTE), security: "oscore" });
	for (let turn = 0; turn < TURNS; turn++) {
		site.pass(HOUR);
		assert.ok(site.ask(MINUTE) < AT_ONCE_MS, `hour ${turn}`);
	}
	assert.is(site.count("registered"), 1);
});

test("eclipse-leshan/leshan#583, #544, #961: lost between changes of address, sleep and new connections", () => {
	for (const binding of ["UT", "UQ"]) {
		const site = new Site({ rebinding: "5-minutes", loss: 0.02, commandsPerDay: 200, firmware: { binding } });
		// In Queue Mode it is the device that says when.
		const wakes = binding === "UQ" ? 30 * MINUTE : DAY;
		for (let at = HOUR; at < 12 * HOUR; at += wakes)
			site.world.at(at, () => void site.device.device.send([COMMAND_PATH]));
		site.pass(12 * HOUR);
		const { latencies, openCommands } = site.world.figures(0);
		assert.ok(latencies.length > 50 && openCommands <= 5, `${latencies.length} answered, ${openCommands} open`);
		assert.is(site.count("registered"), 1);
	}
});

test("eclipse-wakaama/wakaama#292: the NAT closed the way, and the lifetime had to be cut to 120 s", () => {
	const site = new Site({ nat: plainNat(2 * MINUTE) });
	site.pass(HOUR);
	site.world.resetFigures();
	const { length } = site.events;
	site.pass(DAY);
	const updates = site.events.slice(length).filter(({ kind }) => kind === "updated").length;
	assert.ok(updates <= 26, `${updates} Updates a day`);
	assert.is(site.device.model.find(ServerObject.objectId, 0)!.get("lifetime"), DAY / SECOND);
	assert.is(site.unreachableMs, 0);
});

test("eclipse-wakaama/wakaama#261: an Update each 30 s, and the traffic of that", () => {
	const site = new Site({ nat: plainNat(30 * SECOND) });
	site.pass(DAY);
	site.world.resetFigures();
	const { length } = site.events;
	site.pass(DAY);
	const updates = site.events.slice(length).filter(({ kind }) => kind === "updated").length;
	const { bytes } = site.world.figures(0).meter;
	assert.ok(updates <= 26, `${updates} Updates a day`);
	// 82 B each with its answer.
	assert.ok(bytes < (0.5 * 82 * DAY) / (30 * SECOND), `${bytes} B a day`);
	assert.is(site.unreachableMs, 0);
});

test("eclipse-californium/californium#1928: after a new start of the server devices were silent for three days", () => {
	for (const security of SECURITIES) {
		const site = new Site({ nat: plainNat(30 * SECOND), security });
		site.pass(6 * HOUR);
		site.world.restartService(false, 10 * SECOND);
		const ms = site.ask(HOUR);
		assert.ok(ms < 16 * MINUTE, `${security}: ${ms} ms`);
	}
});

test("espressif/esp-idf#12094: one answer to a ping that was lost ended the connection", () => {
	const kinds = new Set<string>();
	const site = new Site({ loss: 0.1, firmware: { binding: "U", onEvent: ({ kind }) => void kinds.add(kind) } });
	site.pass(DAY);
	// It asks again what stays unanswered, and goes on.
	assert.is(site.count("registered"), 1);
	assert.not(kinds.has("waiting"));
	const { packets } = site.world.figures(0).meter.byPurpose.keepalive;
	assert.ok(packets > 2000, `${packets} packets, of which a tenth was lost`);
	assert.ok(site.longestOutageMs < 2 * MINUTE, `${site.longestOutageMs} ms`);
});

test("256dpi/arduino-mqtt#177: a connection failed in silence for 5 min, unless it was asked each 5 s", () => {
	const site = new Site({ nat: natProfiles["udp-blocked"] });
	site.pass(HOUR);
	site.world.resetFigures();
	const waits: number[] = [];
	for (let turn = 0; turn < TURNS; turn++) {
		site.world.rebind(0);
		waits.push(site.ask(HOUR));
	}
	// A connection that was learned to last long is asked each quarter of an hour, however often the address moved.
	assert.ok(Math.max(...waits) < 16 * MINUTE, waits.join());
	const { packets } = site.world.figures(0).meter;
	assert.ok(packets < (TURNS * HOUR) / (10 * SECOND), `${packets} packets`);
});

test.run();
