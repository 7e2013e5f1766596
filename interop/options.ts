// What a test of this folder is told: by the command line when run by hand, by the runner through the environment.

import { parseArgs } from "node:util";
import type { BackendName } from "./lab.js";

/** The environment variable by which the runner names the back end. */
export const BACKEND_VARIABLE = "PINHOLE_INTEROP_BACKEND";

/** The back end under test; ours unless another was named. */
export function chosenBackend(): BackendName {
	const { values } = parseArgs({ options: { backend: { type: "string" } } });
	const name = values.backend ?? process.env[BACKEND_VARIABLE] ?? "pinhole";
	if (name === "pinhole" || name === "leshan") return name;
	throw new TypeError(`--backend is pinhole or leshan, not ${name}`);
}
