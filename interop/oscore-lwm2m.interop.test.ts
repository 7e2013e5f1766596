// suite: real-network serial limit=240
// Our device at Leshan under OSCORE: keys renewed at its start (RFC 8613, B.2), as LwM2M asks, then operations both
// ways, over a rebinding too. README.md says what is Leshan's own way there.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, suite } from "#suite";
import { writeCredentials } from "../host-sim/backend/credentials.js";
import { newCredential } from "../host-sim/cli/credentials.js";
import { missingFor } from "../host-sim/engine/build.js";
import { answered, content, decimal, onlyInstance, resource, single } from "./cases/case.js";
import type { ApiNode } from "./driver.js";
import { type EngineName, Lab, SOON_MS, startBackend } from "./lab.js";
import { installLeshan } from "./leshan/server.js";

const ENDPOINT = "urn:dev:mac:24a160fffec0ffee";
/** Rises and falls each second. */
const PRESSURE = "/3323/0/5700";
/** A lifetime after half of which the device says where it is. */
const SHORT_SECONDS = 20;

function define(engine: EngineName): void {
	const test = suite(`interop/oscore: leshan, device on ${engine}`);
	const missing = engine === "xs" ? missingFor("xs64") : undefined;
	if (missing !== undefined) {
		test.skip("every case", missing);
		test.run();
		return;
	}
	const folder = mkdtempSync(join(tmpdir(), "oscore-"));
	const credentials = join(folder, "credentials.json");
	let stop = async (): Promise<unknown> => undefined;
	let lab: Lab;
	test.before(async () => {
		writeCredentials(credentials, [newCredential(ENDPOINT)]);
		const backend = await startBackend("leshan", credentials);
		stop = () => backend.stop();
		lab = await Lab.open({ backend, engine, endpointName: ENDPOINT, credentials, echo: false });
	});
	test.after(async () => {
		await lab.close();
		await stop();
		rmSync(folder, { recursive: true });
	});
	for (const [title, run] of CASES) test(title, () => run(lab));
	test.run();
}

const CASES: readonly (readonly [title: string, run: (lab: Lab) => Promise<void>])[] = [
	[
		"OSCORE_21 the device renews its keys and registers",
		async (lab) => {
			await lab.startDevice();
			await lab.until("registered", () => lab.log.some((line) => line.includes("registered")));
			const registration = await lab.driver.registration();
			assert.is(registration?.secure, true);
			assert.is(registration?.endpoint, ENDPOINT);
		},
	],
	[
		"OSCORE_22 Read of a resource, and of an object",
		async (lab) => {
			assert.is(content(await lab.driver.read("/3/0/0")).value, "Pinhole");
			assert.is(resource(onlyInstance(content(await lab.driver.read("/3"))), 0).value, "Pinhole");
		},
	],
	[
		"OSCORE_23 Write, and the device's own Update after it",
		async (lab) => {
			lab.events.drop();
			answered(await lab.driver.write("/1/0/1", single(1, "INTEGER", "200")), "CHANGED(204)");
			await lab.events.next("UPDATED", SOON_MS);
			assert.is((await lab.driver.registration())?.lifetime, 200);
		},
	],
	[
		"OSCORE_24 Execute, by a server that is known to give no Echo back (RFC 9175, 2.3)",
		async (lab) => {
			lab.events.drop();
			answered(await lab.driver.execute("/1/0/8"), "CHANGED(204)");
			await lab.events.next("UPDATED", SOON_MS);
			assert.ok(lab.log.some((line) => line.includes("operation execute")));
		},
	],
	[
		"OSCORE_25 after a rebinding the device's Update is enough: no keys anew, and the next command arrives",
		async (lab) => {
			answered(await lab.driver.write("/1/0/1", single(1, "INTEGER", String(SHORT_SECONDS))), "CHANGED(204)");
			await lab.until("shortened", async () => (await lab.driver.registration())?.lifetime === SHORT_SECONDS);
			const before = (await lab.driver.registration())!;
			lab.events.drop();
			await lab.line("rebind");
			await lab.events.next("UPDATED", 1000 * SHORT_SECONDS);
			const after = (await lab.driver.registration())!;
			assert.is(after.registrationId, before.registrationId);
			assert.is.not(after.address, before.address);
			assert.is(content(await lab.driver.read("/3/0/0")).value, "Pinhole");
		},
	],
	[
		"OSCORE_26 Observe-Composite, and notifications that Leshan opens and understands",
		async (lab) => {
			lab.events.drop();
			answered(await lab.driver.observeComposite([PRESSURE], "SENML_CBOR"), "CONTENT(205)");
			for (let i = 0; i < 3; i++) assert.is((await lab.events.next("NOTIFICATION", SOON_MS)).kind, "composite");
		},
	],
	[
		"OSCORE_27 an observation that Californium does not find after a rebinding: Resets end it, and a Register tells",
		async (lab) => {
			const before = (await lab.driver.registration())!;
			await lab.line("rebind");
			await lab.until(
				"registered anew",
				async () => (await lab.driver.registration())?.registrationId !== before.registrationId,
				1000 * SHORT_SECONDS,
			);
			await lab.until("heard", async () => (await lab.driver.read("/3/0/0")).status === "CONTENT(205)");
			answered(await lab.driver.observeComposite([PRESSURE], "SENML_CBOR"), "CONTENT(205)");
			lab.events.drop();
			await lab.events.next("NOTIFICATION", SOON_MS);
		},
	],
	[
		"OSCORE_28 a device that starts anew renews the keys again",
		async (lab) => {
			await restart(lab, false);
			assert.is(content(await lab.driver.read("/3/0/0")).value, "Pinhole");
		},
	],
	[
		"OSCORE_29 Execute, where the device was not told that Leshan gives no Echo back: nothing is carried out",
		async (lab) => {
			await restart(lab, true);
			lab.log.length = 0;
			answered(await lab.driver.execute("/1/0/8"), "UNAUTHORIZED(401)");
			assert.not.ok(lab.log.some((line) => line.includes("operation execute")));
		},
	],
	[
		"OSCORE_30 Send",
		async (lab) => {
			lab.deviceOptions = ["--send", "1"];
			await restart(lab, false);
			const { val } = await lab.events.next("SEND", SOON_MS);
			const values = val as Readonly<Record<string, ApiNode | undefined>>;
			assert.ok(decimal(values[PRESSURE]!) > 0);
			await lab.until("told that it arrived", () => lab.log.some((line) => line.includes("sent 2.04 Changed")));
		},
	],
];

async function restart(lab: Lab, echo: boolean): Promise<void> {
	lab.events.drop();
	await lab.stopDevice();
	await lab.events.next("DEREGISTRATION", SOON_MS);
	await lab.startDevice(echo);
	await lab.until("registered", async () => (await lab.driver.registration()) !== undefined);
	await lab.until("renewed", async () => (await lab.driver.read("/3/0/0")).status === "CONTENT(205)");
}

const problem = await installLeshan("2.0.0-M15");
if (problem !== undefined) suite.skip(`Leshan: ${problem}`);
else for (const engine of ["node", "xs"] as const) define(engine);
