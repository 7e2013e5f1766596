// With CI=true a skip is a failure, unless `.ci/allowed-skips` lists it with its reason: `name: reason`, one a line.

import type { Skip } from "./report.js";

/** Reads the list; `#` begins a comment line. A line without a reason is an error. */
export function allowedSkips(text: string): Skip[] {
	return text
		.split("\n")
		.map((line) => line.trim())
		.filter((line) => line !== "" && !line.startsWith("#"))
		.map((line) => {
			const [name = "", ...rest] = line.split(": ");
			if (rest.length === 0) throw new Error(`.ci/allowed-skips: no reason given in "${line}"`);
			return { name, reason: rest.join(": ") };
		});
}

/** The skips that nobody allowed. */
export function forbiddenSkips(skips: readonly Skip[], allowed: readonly Skip[]): Skip[] {
	return skips.filter((skip) => !allowed.some((entry) => entry.name === skip.name));
}
