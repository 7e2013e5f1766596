// Read and Discover, in every format that both sides know.

import { assert } from "#suite";
import type { FormatName } from "../driver.js";
import type { Lab } from "../lab.js";
import { answered, type Case, content, decimal, onlyInstance, resource, resourceIds, unlessMissing } from "./case.js";

/** A single value in a format. */
function readsManufacturer(format: FormatName): Case["run"] {
	return async (lab) => {
		const node = content(unlessMissing(await lab.driver.read("/3/0/0", format)));
		assert.equal(node, { kind: "singleResource", id: 0, type: "STRING", value: "Pinhole" });
	};
}

/** An instance in a format that carries trees: types and values of each kind. */
function readsInstances(format: FormatName | undefined): Case["run"] {
	return async (lab) => {
		const device = content(unlessMissing(await lab.driver.read("/3/0", format)));
		assert.is(device.id, 0);
		assert.is(resource(device, 0).value, "Pinhole");
		assert.is(resource(device, 2).value, lab.driver.endpointName);
		assert.equal(resource(device, 11), { kind: "multiResource", id: 11, type: "INTEGER", values: { "0": "0" } });
		const server = content(await lab.driver.read("/1/0", format));
		assert.is(resource(server, 0).value, "1");
		assert.is(resource(server, 6).value, true);
		const temperature = content(await lab.driver.read("/3303/0", format));
		assert.is(resource(temperature, 5700).type, "FLOAT");
		assert.is(decimal(resource(temperature, 5604)), 120);
		assert.is(decimal(resource(temperature, 5603)), -20);
		assert.is(resource(temperature, 5701).value, "Cel");
	};
}

export const readingCases: readonly Case[] = [
	{ id: "201", title: "Querying basic information in Plain Text", run: readsManufacturer("TEXT") },
	{ id: "203", title: "Querying basic information in TLV", run: readsInstances("TLV") },
	{ id: "204", title: "Querying basic information in JSON", run: readsInstances("JSON") },
	{ id: "211", title: "Querying basic information in CBOR", run: readsManufacturer("CBOR") },
	{
		id: "221",
		title: "Attempt to perform operations on Security",
		async run(lab) {
			answered(await lab.driver.read("/0"), "UNAUTHORIZED(401)");
			answered(await lab.driver.read("/0/0"), "UNAUTHORIZED(401)");
			answered(await lab.driver.read("/0/0/0"), "UNAUTHORIZED(401)");
			answered(await lab.driver.remove("/0/0"), "UNAUTHORIZED(401)");
			answered(await lab.driver.discover("/0"), "UNAUTHORIZED(401)");
		},
	},
	{
		id: "222",
		title: "Read on Object",
		async run(lab) {
			const object = content(await lab.driver.read("/3303"));
			assert.is(object.id, 3303);
			const instance = onlyInstance(object);
			assert.is(instance.id, 0);
			assert.equal(resourceIds(instance), [5601, 5602, 5603, 5604, 5700, 5701, 5750]);
		},
	},
	{ id: "223", title: "Read on Object Instance", run: readsInstances(undefined) },
	{
		id: "224",
		title: "Read on Resource",
		async run(lab) {
			const rows: [path: string, type: string, value: unknown][] = [
				["/3/0/2", "STRING", lab.driver.endpointName],
				["/1/0/0", "INTEGER", "1"],
				["/3306/0/5850", "BOOLEAN", true],
				["/3200/0/5500", "BOOLEAN", false],
			];
			for (const [path, type, value] of rows) {
				const node = content(await lab.driver.read(path));
				assert.equal([node.kind, node.type, node.value], ["singleResource", type, value], path);
			}
			const range = content(await lab.driver.read("/3303/0/5604"));
			assert.equal([range.type, decimal(range)], ["FLOAT", 120]);
			answered(await lab.driver.read("/3/0/99"), "NOT_FOUND(404)");
			answered(await lab.driver.read("/3/1/0"), "NOT_FOUND(404)");
			answered(await lab.driver.read("/9"), "NOT_FOUND(404)");
			answered(await lab.driver.read("/3/0/4"), "METHOD_NOT_ALLOWED(405)");
		},
	},
	{
		id: "225",
		title: "Read on Resource Instance",
		async run(lab) {
			const node = content(await lab.driver.read("/3/0/11/0"));
			assert.equal(node, { kind: "resourceInstance", id: 0, type: "INTEGER", value: "0" });
			answered(await lab.driver.read("/3/0/11/7"), "NOT_FOUND(404)");
		},
	},
	{ id: "231", title: "Querying basic information in SenML JSON", run: readsInstances("SENML_JSON") },
	{ id: "232", title: "Querying basic information in SenML CBOR", run: readsInstances("SENML_CBOR") },
	{
		id: "237",
		title: "Read on Object without specifying Content-Type",
		async run(lab) {
			assert.is(resource(onlyInstance(content(await lab.driver.read("/3"))), 3).value, "0.1.0");
		},
	},
	{
		id: "260",
		title: "Discover Command",
		async run(lab) {
			assert.equal(await discovered(lab, "/3303/0/5700"), ["/3303/0/5700"]);
			const instance = await discovered(lab, "/3303/0");
			const ids = [5601, 5602, 5603, 5604, 5605, 5700, 5701, 5750];
			assert.equal(instance, ["/3303/0", ...ids.map((id) => `/3303/0/${id}`)]);
			assert.equal(await discovered(lab, "/3303"), ["/3303", ...instance]);
			const device = answered(await lab.driver.discover("/3"), "CONTENT(205)");
			const errors = device.objectLinks?.find((link) => link.url === "/3/0/11");
			assert.is(errors?.attributes.dim, "1");
			answered(await lab.driver.discover("/3304"), "NOT_FOUND(404)");
		},
	},
	{
		id: "651",
		title: "Device Object: querying the readable resources",
		async run(lab) {
			const device = content(await lab.driver.read("/3/0"));
			for (const id of [0, 1, 2, 3, 11, 16]) resource(device, id);
			for (const id of [4, 5]) assert.not(resourceIds(device).includes(id), `/3/0/${id} is executable only`);
		},
	},
	{
		id: "652",
		title: "Device Object: querying the firmware version",
		async run(lab) {
			assert.is(content(await lab.driver.read("/3/0/3")).value, "0.1.0");
		},
	},
	{
		id: "657",
		title: "Device Object: Error Code",
		async run(lab) {
			const node = content(await lab.driver.read("/3/0/11"));
			assert.equal(node, { kind: "multiResource", id: 11, type: "INTEGER", values: { "0": "0" } });
		},
	},
];

/** The paths that a Discover lists. */
async function discovered(lab: Lab, path: string): Promise<string[]> {
	const { objectLinks } = answered(await lab.driver.discover(path), "CONTENT(205)");
	return (objectLinks ?? []).map((link) => link.url);
}
