// Write and Execute, in every format that both sides know, and the mistakes that a server can make.

import { assert } from "#suite";
import type { ApiNode, FormatName } from "../driver.js";
import { answered, type Case, content, decimal, resource, single, unlessMissing } from "./case.js";

const MOTOR = "/3306/0/5850";

/** A Boolean there and back. */
function writesMotor(format: FormatName): Case["run"] {
	return async (lab) => {
		for (const on of [false, true]) {
			const node = single(5850, "BOOLEAN", on);
			answered(unlessMissing(await lab.driver.write(MOTOR, node, { format })), "CHANGED(204)");
			assert.is(content(await lab.driver.read(MOTOR)).value, on);
		}
	};
}

/** Several values of an instance at once, and others of it left alone. */
function writesInstance(format: FormatName | undefined): Case["run"] {
	return async (lab) => {
		for (const [storing, period] of [
			[false, "3"],
			[true, "0"],
		] as const) {
			const resources = [single(6, "BOOLEAN", storing), single(2, "INTEGER", period)];
			const instance: ApiNode = { kind: "instance", id: 0, resources };
			const options = { replace: false, ...(format === undefined ? {} : { format }) };
			answered(unlessMissing(await lab.driver.write("/1/0", instance, options)), "CHANGED(204)");
			const server = content(await lab.driver.read("/1/0"));
			assert.equal([resource(server, 6).value, resource(server, 2).value], [storing, period]);
			assert.is(resource(server, 0).value, "1", "what was not written stays");
		}
	};
}

export const writingCases: readonly Case[] = [
	{ id: "205", title: "Setting basic information in Plain Text", run: writesMotor("TEXT") },
	{ id: "212", title: "Setting basic information in CBOR", run: writesMotor("CBOR") },
	{ id: "215", title: "Setting basic information in TLV", run: writesInstance("TLV") },
	{ id: "220", title: "Setting basic information in JSON", run: writesInstance("JSON") },
	{ id: "226", title: "Write (Partial Update) on Object Instance", run: writesInstance(undefined) },
	{
		id: "227",
		title: "Write (Replace) on Resource",
		async run(lab) {
			for (const value of ["120", "0"]) {
				answered(await lab.driver.write("/1/0/2", single(2, "INTEGER", value)), "CHANGED(204)");
				assert.is(content(await lab.driver.read("/1/0/2")).value, value);
			}
			answered(await lab.driver.write("/3306/0/5750", single(5750, "STRING", "Motor — Ω")), "CHANGED(204)");
			assert.is(content(await lab.driver.read("/3306/0/5750")).value, "Motor — Ω");
		},
	},
	{ id: "233", title: "Setting basic information in SenML CBOR", run: writesInstance("SENML_CBOR") },
	{ id: "234", title: "Setting basic information in SenML JSON", run: writesInstance("SENML_JSON") },
	{
		id: "256",
		title: "Write Operation Failure",
		async run(lab) {
			answered(await lab.driver.write("/3/0/0", single(0, "STRING", "Other")), "METHOD_NOT_ALLOWED(405)");
			assert.is(content(await lab.driver.read("/3/0/0")).value, "Pinhole");
			answered(await lab.driver.write("/3306/0/5852", single(5852, "INTEGER", "7")), "BAD_REQUEST(400)");
			answered(await lab.driver.write("/3306/7/5850", single(5850, "BOOLEAN", true)), "NOT_FOUND(404)");
			answered(await lab.driver.write("/1/0/1", single(1, "INTEGER", "-1")), "BAD_REQUEST(400)");
			const mixed = [single(0, "STRING", "Other"), single(13, "TIME", 1_700_000_000_000)];
			const refused = await lab.driver.write("/3/0", { kind: "instance", id: 0, resources: mixed }, { replace: false });
			assert.is(refused.success, false, refused.text);
		},
	},
	{
		id: "670",
		title: "Device Object: setting the current time",
		async run(lab) {
			const writtenMs = 1_700_000_000_000;
			answered(await lab.driver.write("/3/0/13", single(13, "TIME", writtenMs)), "CHANGED(204)");
			const time = content(await lab.driver.read("/3/0/13"));
			assert.is(time.type, "TIME");
			const ageMs = Number(time.value) - writtenMs;
			assert.ok(ageMs >= 0 && ageMs < 10_000, `the clock runs on from what was written: ${ageMs} ms later`);
		},
	},
	{
		id: "241b",
		title: "Executable resources with and without an argument, and what cannot be executed",
		async run(lab) {
			const number = async (path: string) => decimal(content(await lab.driver.read(path)));
			const before = await number("/3323/0/5601");
			await lab.until("the pressure has risen", async () => (await number("/3323/0/5700")) > before);
			answered(await lab.driver.execute("/3323/0/5605"), "CHANGED(204)");
			assert.ok((await number("/3323/0/5601")) > before, "the minimum starts over");
			answered(await lab.driver.execute("/3323/0/5605", "0='all'"), "CHANGED(204)");
			answered(await lab.driver.execute("/3303/0/5700"), "METHOD_NOT_ALLOWED(405)");
			answered(await lab.driver.execute("/3/0/99"), "NOT_FOUND(404)");
		},
	},
];
