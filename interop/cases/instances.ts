// Create, Delete and the composite operations.

import { assert } from "#suite";
import type { ApiNode } from "../driver.js";
import { answered, type Case, content, decimal, NotYet, single, unlessMissing } from "./case.js";

/** An instance of Set Point (3308), with or without a number. */
function setPoint(value: string, id?: number): ApiNode {
	return { kind: "instance", ...(id === undefined ? {} : { id }), resources: [single(5900, "FLOAT", value)] };
}

/** The versions that the server speaks (1.2): a resource of several instances that a server may write. */
const VERSIONS = "/1/0/25";

export const instanceCases: readonly Case[] = [
	{
		id: "228",
		title: "Write on Resource Instance",
		async run(lab) {
			const values = { 0: "1.2", 1: "1.1", 2: "1.0" };
			const whole: ApiNode = { kind: "multiResource", id: 25, type: "STRING", values };
			answered(unlessMissing(await lab.driver.write(VERSIONS, whole)), "CHANGED(204)");
			const node: ApiNode = { kind: "resourceInstance", id: 1, type: "STRING", value: "1.1" };
			for (const value of ["1.0", "1.1"]) {
				answered(unlessMissing(await lab.driver.write(`${VERSIONS}/1`, { ...node, value })), "CHANGED(204)");
				assert.is(content(await lab.driver.read(`${VERSIONS}/1`)).value, value);
				const all = content(await lab.driver.read(VERSIONS));
				assert.equal(Object.values(all.values ?? {}), ["1.2", value, "1.0"], "the other instances stay");
			}
		},
	},
	{
		id: "229",
		title: "Read-Composite Operation",
		async run(lab) {
			const answer = unlessMissing(await lab.driver.readComposite(["/3/0/0", "/1/0"], "SENML_CBOR"));
			const nodes = content(answer) as unknown as Record<string, ApiNode>;
			assert.is(nodes["/3/0/0"]?.value, "Pinhole");
			assert.is(nodes["/1/0"]?.kind, "instance");
		},
	},
	{
		id: "235",
		title: "Read-Composite Operation on root path",
		async run(lab) {
			const answer = unlessMissing(await lab.driver.readComposite(["/"], "SENML_CBOR"));
			const root = (content(answer) as unknown as Record<string, ApiNode>)["/"];
			assert.is(root?.kind, "root");
			const ids = (root?.objects ?? []).map((object) => object.id);
			for (const id of [1, 3, 3200, 3303, 3306, 3323]) assert.ok(ids.includes(id), `/${id}`);
			assert.not(ids.includes(0), "Security is never read");
		},
	},
	{
		id: "236",
		title: "Read-Composite Operation, partial presence",
		async run(lab) {
			const answer = unlessMissing(await lab.driver.readComposite(["/3/0/0", "/3/0/99"], "SENML_CBOR"));
			const nodes = content(answer) as unknown as Record<string, ApiNode | null>;
			assert.is(nodes["/3/0/0"]?.value, "Pinhole");
			assert.not(nodes["/3/0/99"]);
		},
	},
	{
		id: "230",
		title: "Write-Composite Operation",
		async run(lab) {
			for (const on of [false, true]) {
				const nodes = { "/3306/0/5850": single(5850, "BOOLEAN", on), "/1/0/2": single(2, "INTEGER", "0") };
				answered(unlessMissing(await lab.driver.writeComposite(nodes, "SENML_CBOR")), "CHANGED(204)");
				assert.is(content(await lab.driver.read("/3306/0/5850")).value, on);
			}
		},
	},
	{
		id: "270",
		title: "Create Object Instance",
		async run(lab) {
			const answer = await lab.driver.create("/3308", setPoint("6500", 5));
			if (answer.status === "NOT_FOUND(404)")
				throw new NotYet("the device has no object whose instances can be created");
			answered(unlessMissing(answer), "CREATED(201)");
			assert.is(decimal(content(await lab.driver.read("/3308/5/5900"))), 6500);
			answered(await lab.driver.create("/3308", setPoint("7000", 5)), "BAD_REQUEST(400)");
			assert.is(decimal(content(await lab.driver.read("/3308/5/5900"))), 6500, "what is there is not made anew");
		},
	},
	{
		id: "270b",
		title: "Create Object Instance, its number given by the device",
		async run(lab) {
			const answer = await lab.driver.create("/3308", setPoint("7000"));
			if (answer.status === "NOT_FOUND(404)")
				throw new NotYet("the device has no object whose instances can be created");
			const { location } = answered(unlessMissing(answer), "CREATED(201)");
			assert.match(location ?? "", /^3308\/\d+$/);
			assert.is(decimal(content(await lab.driver.read(`/${location}/5900`))), 7000);
			answered(await lab.driver.remove(`/${location}`), "DELETED(202)");
		},
	},
	{
		id: "290",
		title: "Delete Object Instance",
		async run(lab) {
			if (!(await lab.driver.read("/3308/5")).success) throw new NotYet("there is no instance that may be deleted");
			answered(await lab.driver.remove("/3308/5"), "DELETED(202)");
			answered(await lab.driver.read("/3308/5"), "NOT_FOUND(404)");
			answered(await lab.driver.remove("/3308/5"), "NOT_FOUND(404)");
		},
	},
	{
		id: "680",
		title: "Device Object: attempt to create an instance",
		async run(lab) {
			const second: ApiNode = { kind: "instance", id: 1, resources: [single(14, "STRING", "+01:00")] };
			answered(await lab.driver.create("/3", second), "METHOD_NOT_ALLOWED(405)");
		},
	},
	{
		id: "685",
		title: "Device Object: attempt to delete the instance",
		async run(lab) {
			answered(await lab.driver.remove("/3/0"), "METHOD_NOT_ALLOWED(405)");
			assert.is(content(await lab.driver.read("/3/0/0")).value, "Pinhole");
		},
	},
];
