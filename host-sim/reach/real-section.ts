// The trials behind a real Linux NAT, as a part of the page; `npm run reach:real` makes their record.

import { existsSync, readFileSync } from "node:fs";
import { markdownTable } from "./markdown.js";
import type { TrialResult } from "./real/trial.js";

const RECORD = "docs/reach/real.ndjson";
const DAY = 86_400;

/** What the record says, or how to get one. */
export function realSection(): string {
	if (!existsSync(RECORD))
		return "## Behind a real Linux NAT\n\nNot run yet: `npm run reach:real -- docs/reach/real.ndjson`.";
	const lines = readFileSync(RECORD, "utf8").trim().split("\n");
	const rows = lines.map((line) => rowOf(JSON.parse(line) as TrialResult));
	const head = [
		"time-outs UDP / stream / TCP",
		"client",
		"bytes a day, as counted",
		"words that arrived",
		"back after a rebinding",
	];
	return `## Behind a real Linux NAT

The same device beside a Mosquitto client with TLS and libcoap, each behind a NAT of the kernel of its own; bytes
are the kernel's counts of a silent time, extrapolated to a day. A word is a command after a silence of minutes. Mind
that the silences are short: what a client does once an hour may be in or not.

${markdownTable([head, ...rows])}`;
}

function rowOf({ contestant, times, silentSeconds, bytes, words, recoveredSeconds }: TrialResult): string[] {
	const { udp, stream, tcp } = times;
	const arrived = words.filter((word) => word.arrived).length;
	return [
		`${udp} / ${stream ?? udp} / ${tcp ?? "days"} s`,
		contestant,
		`${(((bytes / silentSeconds) * DAY) / 1000).toFixed(1)} kB`,
		`${arrived} of ${words.length}`,
		recoveredSeconds === undefined ? "no" : `${recoveredSeconds.toFixed(0)} s`,
	];
}
