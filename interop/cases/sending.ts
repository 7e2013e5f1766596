// Send: what the device tells unasked, and how a server forbids it.

import { assert } from "#suite";
import type { ApiNode } from "../driver.js";
import { type Lab, SOON_MS } from "../lab.js";
import { answered, type Case, content, decimal, single } from "./case.js";

const PRESSURE = "/3323/0/5700";
const TEMPERATURE = "/3303/0/5700";

/** Seconds between two Sends of the device. */
const PERIOD = 1;
/** Longer than that, and than what is under way takes. */
const SILENCE_MS = 2500;

type Values = Readonly<Record<string, ApiNode | undefined>>;

export const sendingCases: readonly Case[] = [
	{
		id: "306",
		title: "Send",
		async run(lab) {
			await restart(lab, ["--send", String(PERIOD)]);
			const first = await sent(lab);
			const second = await sent(lab);
			// The motor runs: the receiver fills and the housing grows warm.
			for (const path of [PRESSURE, TEMPERATURE]) assert.ok(value(second, path) > value(first, path), path);
		},
	},
	{
		id: "307",
		title: "Muting Send",
		async run(lab) {
			answered(await lab.driver.write("/1/0/23", single(23, "BOOLEAN", true)), "CHANGED(204)");
			await lab.until("the device is muted", () => lab.log.at(-1)?.includes("unsent") === true);
			lab.events.drop();
			assert.is(await lab.events.comes("SEND", SILENCE_MS), false);
			answered(await lab.driver.write("/1/0/23", single(23, "BOOLEAN", false)), "CHANGED(204)");
			await sent(lab);
		},
	},
	{
		id: "306b",
		title: "Send, in LwM2M CBOR where the server knows it",
		async run(lab) {
			await restart(lab, ["--send", String(PERIOD), "--send-format", "lwm2m-cbor"]);
			assert.ok(value(await sent(lab), PRESSURE) > 0);
		},
	},
	{
		id: "109",
		title: "Behavior in Queue Mode",
		// Leshan takes a device for awake for 93 s, whatever that says.
		only: "pinhole",
		async run(lab) {
			await restart(lab, ["--awake", "2", "--send", "6"]);
			await lab.events.next("SLEEPING", SOON_MS);
			assert.is((await lab.driver.registration())?.queuemode, true);
			const askedAt = Date.now();
			const answer = lab.driver.ask("GET", "/3/0/0?timeout=20");
			await lab.events.next("AWAKE", SOON_MS);
			const wokeMs = Date.now() - askedAt;
			assert.is(content(await answer).value, "Pinhole");
			assert.ok(wokeMs > 1000, `awake after ${wokeMs} ms`);
		},
	},
	{
		id: "311",
		title: "Send command",
		async run(lab) {
			await restart(lab, ["--send", String(PERIOD), "--send-format", "senml-json"]);
			const before = lab.log.length;
			await sent(lab);
			await sent(lab);
			const told = lab.log.slice(before).filter((line) => line.includes("sent"));
			assert.ok(told.length > 0 && told.every((line) => line.includes("sent 2.04 Changed")), told.join("\n"));
			await restart(lab, []);
		},
	},
];

/** The same device, started anew with other options. */
async function restart(lab: Lab, options: readonly string[]): Promise<void> {
	await lab.stopDevice();
	lab.events.drop();
	lab.deviceOptions = options;
	await lab.startDevice();
	await lab.events.next("REGISTRATION", SOON_MS);
}

/** What the next Send tells, by path. */
async function sent(lab: Lab): Promise<Values> {
	const event = await lab.events.next("SEND", SOON_MS);
	assert.is(event.ep, lab.driver.endpointName);
	return event.val as Values;
}

function value(values: Values, path: string): number {
	const node = values[path];
	assert.ok(node, `no ${path} in ${JSON.stringify(values)}`);
	return decimal(node);
}
