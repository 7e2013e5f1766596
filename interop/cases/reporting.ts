// Observe, its ends, and the attributes that slow it down.

import { assert } from "#suite";
import type { ApiNode } from "../driver.js";
import { type Lab, SOON_MS } from "../lab.js";
import {
	answered,
	type Case,
	content,
	decimal,
	NotYet,
	onlyInstance,
	resource,
	single,
	unlessMissing,
} from "./case.js";

/** Rises each second while the motor runs, and falls while it does not. */
const PRESSURE = "/3323/0/5700";

export const reportingCases: readonly Case[] = [
	{
		id: "301",
		title: "Observation and Notification of parameter values",
		async run(lab) {
			const first = content(await lab.driver.observe(PRESSURE));
			let last = decimal(first);
			for (let i = 0; i < 3; i++) {
				const value = decimal(await notified(lab, PRESSURE));
				assert.is.not(value, last);
				last = value;
			}
		},
	},
	{
		id: "303",
		title: "Cancel Observations using Observe with Cancel parameter",
		async run(lab) {
			content(await lab.driver.cancel(PRESSURE));
			const again = await lab.driver.cancel(PRESSURE);
			assert.is(again.httpStatus, 404);
			assert.match(again.text, new RegExp(`^no observation for path ${PRESSURE}`));
			await silent(lab);
		},
	},
	{
		id: "302",
		title: "Cancel Observations using Reset operation",
		async run(lab) {
			content(await lab.driver.observe(PRESSURE));
			await notified(lab, PRESSURE);
			const forgotten = await lab.driver.forget(PRESSURE);
			assert.equal([forgotten.httpStatus, forgotten.text], [200, ""]);
			await silent(lab);
		},
	},
	{
		id: "660",
		title: "Observation of an object, in a format that carries trees",
		async run(lab) {
			for (const format of ["TLV", "SENML_CBOR"] as const) {
				content(await lab.driver.observe("/3323", format));
				const object = await notified(lab, "/3323");
				assert.is(object.id, 3323);
				assert.ok(decimal(resource(onlyInstance(object), 5700)) > 0);
				content(await lab.driver.cancel("/3323"));
			}
			answered(await lab.driver.observe("/3/0/99"), "NOT_FOUND(404)");
		},
	},
	{
		id: "560",
		title: "Delayed report: the server's default minimum period",
		async run(lab) {
			answered(await lab.driver.write("/1/0/2", single(2, "INTEGER", "2")), "CHANGED(204)");
			await notifiesEveryTwoSeconds(lab);
			answered(await lab.driver.write("/1/0/2", single(2, "INTEGER", "0")), "CHANGED(204)");
		},
	},
	{
		id: "261",
		title: "Write-Attribute Operation on multiple resources",
		async run(lab) {
			for (const path of [PRESSURE, "/3303/0/5700"]) {
				answered(await lab.driver.attributes(path, { pmin: 2, pmax: 6 }), "CHANGED(204)");
			}
			for (const path of [PRESSURE, "/3303/0/5700"]) {
				const { objectLinks } = answered(await lab.driver.discover(path), "CONTENT(205)");
				assert.equal(objectLinks, [{ url: path, attributes: { pmin: "2", pmax: "6" } }]);
			}
		},
	},
	{
		id: "261b",
		title: "Write-Attribute Operation: a notification comes not sooner than pmin",
		async run(lab) {
			await notifiesEveryTwoSeconds(lab);
		},
	},
	{
		id: "304",
		title: "Observe-Composite Operation",
		async run(lab) {
			const paths = ["/3/0/0", "/3323/0/5700"];
			answered(unlessMissing(await lab.driver.observeComposite(paths, "SENML_CBOR")), "CONTENT(205)");
			const event = await lab.events.next("NOTIFICATION", SOON_MS, (data) => data.kind === "composite");
			assert.equal([...(event.paths as string[])].sort(), [...paths].sort());
		},
	},
	{
		id: "310",
		title: "Observe-Composite and modification of parameter values",
		async run(lab) {
			const paths = ["/3306/0/5850", "/1/0/6"];
			answered(unlessMissing(await lab.driver.observeComposite(paths, "SENML_CBOR")), "CONTENT(205)");
			for (const on of [false, true]) {
				lab.events.drop();
				answered(await lab.driver.write("/3306/0/5850", single(5850, "BOOLEAN", on)), "CHANGED(204)");
				const val = (data: { readonly val?: unknown }) => data.val as Readonly<Record<string, ApiNode | undefined>>;
				await lab.events.next("NOTIFICATION", SOON_MS, (data) => val(data)["/3306/0/5850"]?.value === on);
			}
			answered(await lab.driver.cancelComposite(paths), "CONTENT(205)");
		},
	},
	{
		id: "305",
		title: "Cancel Observation-Composite Operation",
		async run(lab) {
			const answer = await lab.driver.cancelComposite(["/3/0/0", "/3323/0/5700"]);
			if (answer.httpStatus !== 200) throw new NotYet("there is no composite observation to cancel");
			answered(answer, "CONTENT(205)");
			await silent(lab);
		},
	},
];

/** The value of the next notification of a path. */
async function notified(lab: Lab, path: string): Promise<ApiNode> {
	const event = await lab.events.next("NOTIFICATION", SOON_MS, (data) => data.res === path);
	assert.is(event.ep, lab.driver.endpointName);
	assert.is(event.kind, "single");
	return event.val as ApiNode;
}

/** The pressure changes each second, and a minimum period of 2 s is in force. */
async function notifiesEveryTwoSeconds(lab: Lab): Promise<void> {
	content(await lab.driver.observe(PRESSURE));
	await notified(lab, PRESSURE);
	const startedAt = Date.now();
	await notified(lab, PRESSURE);
	const tookMs = Date.now() - startedAt;
	assert.ok(tookMs > 1800 && tookMs < 4000, `${tookMs} ms`);
	content(await lab.driver.cancel(PRESSURE));
}

/** What is cancelled stays silent, at the device itself too. */
async function silent(lab: Lab): Promise<void> {
	// One more may be under way; a Reset answers it.
	await new Promise((resolve) => setTimeout(resolve, 2500));
	lab.events.drop();
	const notifications = () => lab.log.filter((line) => line.includes("notify")).length;
	const before = notifications();
	assert.is(await lab.events.comes("NOTIFICATION", 2500), false);
	assert.is(notifications(), before, "the device has stopped");
}
