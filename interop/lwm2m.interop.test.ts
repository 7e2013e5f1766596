// suite: real-network serial limit=400
// Our device, on Node and on XS, at one LwM2M server: ours, or Leshan. The same expectations for both.
// By hand: node --import tsx interop/lwm2m.interop.test.ts --backend leshan

import { suite } from "#suite";
import { missingFor } from "../host-sim/engine/build.js";
import { type Case, orNotYet } from "./cases/case.js";
import { instanceCases } from "./cases/instances.js";
import { readingCases } from "./cases/reading.js";
import { closingCases, registrationCases } from "./cases/registration.js";
import { reportingCases } from "./cases/reporting.js";
import { sendingCases } from "./cases/sending.js";
import { writingCases } from "./cases/writing.js";
import { type Backend, type EngineName, Lab, startBackend } from "./lab.js";
import { installLeshan } from "./leshan/server.js";
import { chosenBackend } from "./options.js";

const CASES: readonly Case[] = [
	...registrationCases,
	...readingCases,
	...writingCases,
	...reportingCases,
	...instanceCases,
	...sendingCases,
	...closingCases,
];

const backendName = chosenBackend();
const reason = backendName === "leshan" ? await installLeshan() : undefined;
if (reason !== undefined) suite.skip(`Leshan: ${reason}`);
else for (const engine of ["node", "xs"] as const) define(engine);

function define(engine: EngineName): void {
	const name = `interop/lwm2m: ${backendName}, device on ${engine}`;
	const test = suite(name);
	const problem = engine === "xs" ? missingFor("xs64") : undefined;
	let backend: Backend;
	let lab: Lab;
	test.before(async () => {
		if (problem !== undefined) return;
		backend = await startBackend(backendName);
		lab = await Lab.open({ backend, engine, endpointName: `interop-${engine}` });
	});
	test.after(async () => {
		await lab?.close();
		await backend?.stop();
	});
	if (problem !== undefined) test.skip("every case", problem);
	else {
		for (const { id, title, only, run } of CASES) {
			if (only !== undefined && only !== backendName) continue;
			const full = `LightweightM2M-1.1-int-${id} ${title}`;
			test(full, () => orNotYet(`${name} > ${full}`, () => run(lab)));
		}
	}
	test.run();
}
