// suite: real-network serial limit=180
// Our device at a foreign LwM2M 1.0 server: npm lwm2m-node-lib, which knows resources and plain text only.

import { assert, suite } from "#suite";
import { missingFor } from "../host-sim/engine/build.js";
import { PinholeProcess } from "../host-sim/story/process.js";
import type { EngineName } from "./lab.js";
import { installNodeLib, NodeLibServer } from "./lwm2m-node-lib/peer.js";

const SOON_MS = 8000;
const XS_READY_MS = 300_000;

interface NodeLibLab {
	readonly server: NodeLibServer;
	readonly endpointName: string;
	/** The library's own number of our device. */
	id: number;
	device: PinholeProcess | undefined;
	start(): Promise<PinholeProcess>;
}

type NodeLibCase = readonly [id: string, title: string, run: (lab: NodeLibLab) => Promise<void>];

const PRESSURE = ["3323", "0", "5700"];

const CASES: readonly NodeLibCase[] = [
	[
		"101",
		"Initial Registration",
		async (lab) => {
			lab.device = await lab.start();
			const { values } = await lab.server.next("registration", SOON_MS);
			const [endpointName, lifetime, version, binding, links] = values;
			assert.equal([endpointName, lifetime, binding], [lab.endpointName, "300", "U"]);
			// It looks at no version, so it takes the one that is offered first.
			assert.is(version, "1.2");
			assert.match(String(links), /^<\/>;rt="oma\.lwm2m"/);
			const { result } = await lab.server.call("listDevices");
			const own = (result as { id: number; name: string }[]).find(({ name }) => name === lab.endpointName);
			assert.ok(own);
			lab.id = own.id;
		},
	],
	[
		"104",
		"Registration Update Trigger",
		async ({ server, id }) => {
			assert.is((await server.call("execute", id, "1", "0", "8", "")).error, undefined);
			await server.next("updateRegistration", SOON_MS);
		},
	],
	[
		"201",
		"Querying basic information in Plain Text",
		async ({ server, id, endpointName }) => {
			const rows: [path: string[], text: string][] = [
				[["3", "0", "0"], "Pinhole"],
				[["3", "0", "2"], endpointName],
				[["1", "0", "1"], "300"],
				[["3303", "0", "5604"], "120"],
				[["3306", "0", "5850"], "1"],
			];
			for (const [path, text] of rows) assert.equal(await server.call("read", id, ...path), { result: text });
			assert.match((await server.call("read", id, "3", "0", "99")).error ?? "", /4\.04/);
			assert.match((await server.call("read", id, "0", "0", "0")).error ?? "", /4\.01/);
		},
	],
	[
		"205",
		"Setting basic information in Plain Text",
		async ({ server, id }) => {
			for (const value of ["0", "1"]) {
				assert.is((await server.call("write", id, "3306", "0", "5850", value)).error, undefined);
				assert.equal(await server.call("read", id, "3306", "0", "5850"), { result: value });
			}
		},
	],
	[
		"256",
		"Write Operation Failure",
		async ({ server, id }) => {
			assert.match((await server.call("write", id, "3", "0", "0", "Other")).error ?? "", /4\.05/);
			assert.match((await server.call("write", id, "3306", "0", "5852", "7")).error ?? "", /4\.00/);
			assert.match((await server.call("write", id, "3306", "0", "5850", "perhaps")).error ?? "", /4\.00/);
		},
	],
	[
		"241b",
		"Executable resources with and without an argument, and what cannot be executed",
		async ({ server, id }) => {
			assert.is((await server.call("execute", id, "3323", "0", "5605", "")).error, undefined);
			assert.is((await server.call("execute", id, "3323", "0", "5605", "0='all'")).error, undefined);
			assert.match((await server.call("execute", id, "3303", "0", "5700", "")).error ?? "", /4\.05/);
		},
	],
	[
		"260",
		"Discover Command",
		async ({ server, id }) => {
			assert.equal(await server.call("discover", id, ...PRESSURE), { result: "</3323/0/5700>" });
			assert.match(String((await server.call("discover", id, "3303", "0")).result), /^<\/3303\/0>,<\/3303\/0\/5601>/);
			assert.match(String((await server.call("discover", id, "3303")).result), /^<\/3303>;ver=1\.1,<\/3303\/0>/);
		},
	],
	[
		"261",
		"Write-Attribute Operation on multiple resources",
		async ({ server, id }) => {
			for (const resource of ["5601", "5700"]) {
				const path = ["3303", "0", resource];
				assert.is((await server.call("writeAttributes", id, ...path, { pmin: 1, pmax: 9 })).error, undefined);
				const result = `</3303/0/${resource}>;pmin=1;pmax=9`;
				assert.equal(await server.call("discover", id, ...path), { result });
			}
		},
	],
	[
		"301",
		"Observation and Notification of parameter values",
		async ({ server, id }) => {
			const { result, error } = await server.call("observe", id, ...PRESSURE);
			assert.is(error, undefined);
			let last = String(result);
			for (let i = 0; i < 3; i++) {
				const [value, ...path] = (await server.next("value", SOON_MS)).values;
				assert.equal(path.slice(0, 3), PRESSURE);
				assert.match(String(value), /^\d+$/);
				assert.is.not(value, last);
				last = String(value);
			}
		},
	],
	[
		"302",
		"Cancel Observations using Reset operation",
		async ({ server, id }) => {
			await server.call("cancelObserver", id, ...PRESSURE);
			await new Promise((resolve) => setTimeout(resolve, 1500));
			server.drop();
			assert.is(await server.comes("value", 2500), false);
		},
	],
	[
		"103",
		"Deregistration",
		async (lab) => {
			await lab.device?.stop();
			lab.device = undefined;
			await lab.server.next("unregistration", SOON_MS);
			assert.equal(await lab.server.call("listDevices"), { result: [] });
		},
	],
];

const reason = installNodeLib();
if (reason !== undefined) suite.skip(reason);
else for (const engine of ["node", "xs"] as const) define(engine);

function define(engine: EngineName): void {
	const test = suite(`interop/lwm2m-node-lib: device on ${engine}`);
	const problem = engine === "xs" ? missingFor("xs64") : undefined;
	const endpointName = `foreign-${engine}`;
	let lab: NodeLibLab;
	test.before(async () => {
		if (problem !== undefined) return;
		const server = await NodeLibServer.start();
		const words = [
			"device",
			"--nosec",
			"--server",
			`coap://${server.coap}`,
			"--endpoint",
			endpointName,
			"--engine",
			engine,
		];
		const start = () => PinholeProcess.start([...words, "--no-keepalive"], { readyMs: XS_READY_MS });
		lab = { server, endpointName, id: 0, device: undefined, start };
	});
	test.after(async () => {
		await lab?.device?.stop();
		await lab?.server.stop();
	});
	if (problem !== undefined) test.skip("every case", problem);
	else for (const [id, title, run] of CASES) test(`LightweightM2M-1.1-int-${id} ${title}`, () => run(lab));
	test.run();
}
