// What each presence mode costs in a day, measured packet by packet in the world: the tables of docs/presence.md.

import type { AgentEvent } from "../../firmware/agent/agent.js";
import type { SendOptions, SendRecord } from "../../firmware/lwm2m/outgoing.js";
import { plainNat } from "../nat/profiles.js";
import type { FirmwareParty } from "./reach-device.js";
import type { ReachOptions } from "./reach-types.js";
import { ReachWorld } from "./reach-world.js";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** What a measurement is here: a text of the Device object, four bytes long. */
const PATH = "/3/0/1";

/** A way to live, and what the application tells meanwhile. */
export interface Life {
	readonly title: string;
	readonly options: Partial<ReachOptions>;
	/** Each so many milliseconds; 0: nothing is told. */
	readonly sampleMs: number;
	readonly send: SendOptions;
}

/** TCP, where it lives longer, is another story (docs/reach.md). */
const byUdp = { binding: "U" };
const connected = { title: "connected", options: {}, sampleMs: 0, send: {} };
const stock = { elective: false, firmware: { binding: "UQ" } };
const hinted = { firmware: { binding: "UQ" } };
const told = { title: "", sampleMs: HOUR, send: { timestamps: true } };

export const lives: readonly Life[] = [
	...[30, 65, 120, 300].map((seconds) => ({
		...connected,
		title: `connected, UDP binding ${seconds} s`,
		options: { nat: plainNat(seconds * SECOND), firmware: byUdp },
	})),
	{ ...connected, title: "connected, UDP binding 30 s, TCP for 2 h", options: { nat: plainNat(30 * SECOND) } },
	{
		...told,
		title: "connected, binding 120 s, and a value each hour",
		options: { nat: plainNat(120 * SECOND), firmware: byUdp },
	},
	{ ...told, title: "window of 93 s, a value each hour, stock server", options: stock },
	{ ...told, title: "window, a value each hour, server with the hint", options: hinted },
	{ ...told, title: "window, a value each 5 min, each sent at once", sampleMs: 5 * MINUTE, options: hinted },
	{
		...told,
		title: "window, a value each 5 min, sent together each hour",
		sampleMs: 5 * MINUTE,
		send: { deferrableMs: HOUR - 5 * MINUTE },
		options: hinted,
	},
];

export interface Cost {
	readonly bytes: number;
	readonly wakeUps: number;
	/** Time in which the radio has to listen. */
	readonly awakeMs: number;
}

/** The second day of a life: the first one is for learning. */
export function measure({ options, sampleMs, send }: Life, security: ReachOptions["security"]): Cost {
	let awakeSince = 0;
	let awakeMs = 0;
	let now = (): number => 0;
	const onEvent = ({ kind }: AgentEvent): void => {
		if (kind === "asleep") awakeMs += now() - awakeSince;
		if (kind === "awake") awakeSince = now();
	};
	const world = new ReachWorld({
		seed: 1,
		nat: plainNat(120 * SECOND),
		loss: 0,
		rebinding: "never",
		backend: "stable",
		security,
		commandsPerDay: 0,
		...options,
		firmware: { ...options.firmware, onEvent },
	});
	now = () => world.now;
	const { device } = world.parties[0] as FirmwareParty;
	const sample = (at: number): void => {
		const record: SendRecord = { path: PATH, value: String(1000 + ((at / MINUTE) % 9000)) };
		device.send([record], send);
		world.at(at + sampleMs, () => sample(at + sampleMs));
	};
	if (sampleMs > 0) world.at(10 * MINUTE, () => sample(10 * MINUTE));
	world.run(1);
	awakeMs = 0;
	awakeSince = world.now;
	world.resetFigures();
	world.run(1);
	const isAlwaysAwake = options.firmware?.binding?.includes("Q") !== true;
	const { meter } = world.figures(0);
	return { bytes: meter.bytes, wakeUps: meter.wakeUps, awakeMs: isAlwaysAwake ? DAY : awakeMs };
}

/** The table as it stands in the document. */
export function renderCosts(): string {
	const rows = lives.map((life) => {
		const plain = measure(life, "plain");
		const secured = measure(life, "stand-in");
		const cells = [plain.bytes, secured.bytes, plain.wakeUps].map(grouped);
		return `| ${[life.title, ...cells, duration(plain.awakeMs)].join(" | ")} |`;
	});
	const head = "| Mode | NoSec, bytes/day | OSCORE, bytes/day | Wake-ups/day | Radio listens/day |";
	return [head, "| --- | ---: | ---: | ---: | ---: |", ...rows].join("\n");
}

/** "94,401". */
function grouped(number: number): string {
	return String(number).replace(/\B(?=(\d{3})+$)/g, ",");
}

function duration(ms: number): string {
	if (ms >= DAY) return "always";
	return ms >= 10 * MINUTE ? `${Math.round(ms / MINUTE)} min` : `${Math.round(ms / SECOND)} s`;
}
