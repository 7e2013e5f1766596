// suite: limit=120
// Send through loss, rebindings and restarts: what the application was told is true, and each value counts once.

import { assert, suite } from "#suite";
import { decode } from "../../firmware/lwm2m/formats/codec.js";
import type { Entry } from "../../firmware/lwm2m/formats/format.js";
import { Path } from "../../firmware/lwm2m/path.js";
import { defaultBehaviour } from "../nat/behaviour.js";
import type { FirmwareParty } from "./reach-device.js";
import type { ReachOptions } from "./reach-types.js";
import { ReachWorld } from "./reach-world.js";

const test = suite("world/send");

const PATH = "/3/0/1";
const MINUTE = 60_000;
const SAMPLE_MS = 7 * MINUTE;
const DAYS = 0.5;
const COUNT = Math.floor((DAYS * 1440 - 60) / 7);

/** A device that tells a number each seven minutes; gives what arrived, and how many it was told of. */
function live(options: Partial<ReachOptions>): { arrived: number[]; sent: number; unsent: number } {
	const arrived: number[] = [];
	let sent = 0;
	let unsent = 0;
	const { firmware, ...rest } = options;
	const world = new ReachWorld({
		seed: 5,
		nat: defaultBehaviour,
		loss: 0,
		rebinding: "never",
		backend: "stable",
		security: "plain",
		commandsPerDay: 24,
		...rest,
		firmware: {
			...firmware,
			onEvent: ({ kind }) => {
				if (kind === "sent") sent++;
				if (kind === "unsent") unsent++;
			},
		},
		onCoreEvent: (event) => {
			if (event.kind !== "sent") return;
			const entries: Entry[] = [];
			assert.ok(decode(event.contentFormat, event.payload, new Path(), { typeOf: () => undefined }, entries));
			for (const { value } of entries) arrived.push(Number(value));
		},
	});
	const { device } = world.parties[0] as FirmwareParty;
	for (let i = 0; i < COUNT; i++) {
		const deferrableMs = i % 3 === 0 ? 0 : 20 * MINUTE;
		world.at((i + 1) * SAMPLE_MS, () => {
			device.send([{ path: PATH, value: String(i) }], { deferrableMs, timestamps: true });
		});
	}
	world.run(DAYS);
	return { arrived, sent, unsent };
}

const everything = Array.from({ length: COUNT }, (_, i) => i);

const LIVES: readonly (readonly [string, Partial<ReachOptions>])[] = [
	["a fifth of all datagrams lost", { loss: 0.2 }],
	["a rebinding each five minutes", { loss: 0.05, rebinding: "5-minutes" }],
	["keys", { loss: 0.2, rebinding: "hourly", security: "stand-in" }],
	["the true keys", { loss: 0.05, rebinding: "hourly", security: "oscore" }],
	["Queue Mode", { loss: 0.1, firmware: { binding: "UQ" } }],
	["Queue Mode under keys", { loss: 0.1, rebinding: "hourly", security: "stand-in", firmware: { binding: "UQ" } }],
	["a server without the extension", { loss: 0.1, rebinding: "hourly", elective: false }],
];

for (const [title, options] of LIVES)
	test(`${title}: each value arrives once, and in order, and the device knows`, () => {
		const { arrived, sent, unsent } = live(options);
		assert.equal(arrived, everything);
		assert.equal([sent, unsent], [COUNT, 0]);
		suite.record(title, arrived.length);
	});

test("over restarts of the back end none is lost; what was under way then may come twice", () => {
	for (const backend of ["restarts-with-state", "restarts-without-state"] as const) {
		const { arrived, unsent } = live({ loss: 0.05, backend });
		assert.equal(
			[...new Set(arrived)].sort((left, right) => left - right),
			everything,
		);
		assert.is(unsent, 0);
	}
});

test.run();
