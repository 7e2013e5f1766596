// docs/conformance.md: which cases of OMA's and ETSI's test specifications we have passed, and with whom.

import type { FileOutcome } from "../host-sim/suite/outcome.js";

/** How one case ended with one peer. */
export interface CaseResult {
	/** "LightweightM2M-1.1-int-101", "TD_COAP_CORE_01". */
	readonly id: string;
	readonly title: string;
	/** The column of the document. */
	readonly column: string;
	readonly outcome: "passed" | "failed" | "skipped" | "not yet";
	/** Why it is not yet there. */
	readonly note: string;
}

interface Table {
	readonly heading: string;
	readonly words: string;
	/** What its cases' numbers begin with. */
	readonly prefix: string;
	readonly columns: readonly string[];
}

const TABLES: readonly Table[] = [
	{
		heading: "OMA Enabler Test Specification for LwM2M",
		words: `Our device against our back end, with the firmware on Node and on XS, and against Eclipse Leshan (on both
engines). The specification's texts are not at hand: a case is what its title says, so each "passed" is "passed
(from title)". A letter marks a further test of the same case. The last column is npm \`lwm2m-node-lib\`, a server for
LwM2M 1.0.`,
		prefix: "LightweightM2M-1.1-int-",
		columns: ["Node", "XS", "Leshan", "lwm2m-node-lib"],
	},
	{
		heading: "ETSI TD_COAP",
		words: `Our CoAP as a server for libcoap's and npm \`coap\`'s clients, and as a client of theirs.`,
		prefix: "TD_COAP_",
		columns: ["libcoap client", "npm client", "libcoap server", "npm server"],
	},
	{
		heading: "OSCORE (RFC 8613)",
		words: `Cases of our own, as OMA's texts about OSCORE are not at hand: our CoAP with aiocoap in both roles (on
Node, and 11 and 12 on XS), our device (on both engines) at Eclipse Leshan 2.0.0-M15, and what Wireshark's dissector
makes of a capture.`,
		prefix: "OSCORE_",
		columns: ["aiocoap", "Leshan", "Wireshark"],
	},
];

/** Which column a suite's results belong to. */
const COLUMNS: Readonly<Record<string, string>> = {
	"interop/lwm2m: pinhole, device on node": "Node",
	"interop/lwm2m: pinhole, device on xs": "XS",
	"interop/lwm2m: leshan, device on node": "Leshan",
	"interop/lwm2m: leshan, device on xs": "Leshan",
	"interop/lwm2m-node-lib: device on node": "lwm2m-node-lib",
	"interop/lwm2m-node-lib: device on xs": "lwm2m-node-lib",
	"interop/coap: libcoap's client": "libcoap client",
	"interop/coap: npm coap's client": "npm client",
	"interop/coap: libcoap's server": "libcoap server",
	"interop/coap: npm coap's server": "npm server",
	"interop/oscore: aiocoap": "aiocoap",
	"interop/oscore: aiocoap, ours on xs": "aiocoap",
	"interop/oscore: leshan, device on node": "Leshan",
	"interop/oscore: leshan, device on xs": "Leshan",
	"interop/oscore-capture": "Wireshark",
};

const CASE = /^(LightweightM2M-1\.1-int-\w+|TD_COAP_[A-Z]+_\d+\w?|OSCORE_\d+) (.*)$/;

/** The cases among the tests of a file; a test notes under its name that a feature is "not yet: …" there. */
export function readResults(file: FileOutcome): CaseResult[] {
	const results: CaseResult[] = [];
	for (const { suite, test, outcome } of file.tests) {
		const [, id, title] = CASE.exec(test) ?? [];
		const column = COLUMNS[suite];
		if (id === undefined || title === undefined || column === undefined) continue;
		const record = file.records.find(({ name }) => name === `${suite} > ${test}`);
		const note = record === undefined ? "" : String(JSON.parse(record.value)).replace(/^not yet: /, "");
		results.push({ id, title, column, outcome: record === undefined ? outcome : "not yet", note });
	}
	return results;
}

/** The worst of several results, since a column may hold both engines. */
const ORDER = ["failed", "skipped", "not yet", "passed"] as const;

function cell(results: readonly CaseResult[]): string {
	return ORDER.find((outcome) => results.some((result) => result.outcome === outcome)) ?? "";
}

function renderTable({ heading, words, prefix, columns }: Table, results: readonly CaseResult[]): string {
	const own = results.filter(({ id }) => id.startsWith(prefix));
	const ids = [...new Set(own.map(({ id }) => id))].sort((left, right) =>
		left.localeCompare(right, "en", { numeric: true }),
	);
	const rows = ids.map((id) => {
		const cases = own.filter((result) => result.id === id);
		const cells = columns.map((column) => cell(cases.filter((result) => result.column === column)));
		const why = [...new Set(cases.map(({ note }) => note).filter((note) => note !== ""))].join("; ");
		return `| ${[id.slice(prefix.length), cases[0]!.title, ...cells, why].join(" | ")} |`;
	});
	const head = ["Case", "Title", ...columns, "What is missing"];
	const lines = [`| ${head.join(" | ")} |`, `|${" --- |".repeat(head.length)}`, ...rows];
	return `## ${heading}\n\n${words}\n\nCases: ${prefix}N.\n\n${lines.join("\n")}\n`;
}

/** The whole document. */
export function renderConformance(results: readonly CaseResult[]): string {
	const tables = TABLES.map((table) => renderTable(table, results));
	return `# Conformance\n\nWritten by \`npm run test:interop\`; do not edit.\n\n${tables.join("\n")}`;
}

/** The rows of one document that say "passed" more often than those of another. */
export function setBack(promised: string, shown: string): readonly string[] {
	const passes = (text: string): Map<string, number> =>
		new Map(
			text
				.split("\n")
				.filter((line) => line.startsWith("| "))
				.map((line) => [line.split(" | ").slice(0, 2).join(" "), line.split("| passed ").length - 1]),
		);
	const now = passes(shown);
	return [...passes(promised)].filter(([row, count]) => (now.get(row) ?? 0) < count).map(([row]) => row.slice(2));
}
