// `npm run size`: prints what the firmware needs on the engine; with --write also records it in docs/budget.md.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ceilings, HEAP_AIM_BYTES, SECURED_HEAP_AIM_BYTES, towardsTheAim } from "./budget.js";
import { type ClassSize, type Figures, figure, measureAll, measureObjects, SLOT_BYTES } from "./measure.js";
import { ROOT } from "./objects.js";

/** How many classes the record lists. */
const CLASSES = 16;

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
	const cells = [head, ...rows].map((row) => row.map(show));
	const widths = head.map((_, i) => Math.max(3, ...cells.map((row) => row[i]!.length)));
	const isNumber = head.map((_, i) => typeof rows[0]?.[i] === "number");
	const lines = cells.map((row) =>
		row.map((cell, i) => (isNumber[i] ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!))),
	);
	lines.splice(
		1,
		0,
		widths.map((width, i) => (isNumber[i] ? `${"-".repeat(width - 1)}:` : "-".repeat(width))),
	);
	return lines.map((line) => `| ${line.join(" | ")} |`).join("\n");
}

function show(cell: string | number): string {
	return typeof cell === "number" ? cell.toLocaleString("en-US") : cell;
}

function render(figures: Figures, classes: readonly ClassSize[]): string {
	const { folders, operations } = figures;
	return `# Budget

Made by \`npm run size -- --write\`; not edited by hand. All figures are of the 32-bit desktop engine with the device's
16-byte slots, every module preloaded and bytecode executed in place. \`npm test\` fails above a ceiling.

## Ceilings

${table(
	["what", "used", "ceiling", "why this ceiling"],
	ceilings.map(({ name, limit, reason }) => [name, figure(figures, name), limit, reason]),
)}

${renderHeap(figures, classes)}

## Operations

Steps are the engine's metering count, the same on every machine; garbage is what an operation allocates and drops,
without the datagram that the SDK's \`read()\` makes.

${table(
	["operation", "steps", "garbage bytes"],
	operations.map(({ operation, meter, garbage }) => [operation, meter, garbage]),
)}

${renderStream(figures)}

${renderSecured(figures)}

## Bytecode

${table(
	["folder", "files", "bytes"],
	[
		...folders.map(({ folder, files, bytes }) => [folder, files, bytes]),
		["all", folders.reduce((sum, { files }) => sum + files, 0), figure(figures, "bytecode")],
	],
)}
`;
}

function renderHeap({ heap, stages }: Figures, classes: readonly ClassSize[]): string {
	const over = heap.bytes - HEAP_AIM_BYTES;
	const cures = `${show(over)} too many. What would bring the heap under it:\n\n- ${towardsTheAim.join("\n- ")}`;
	const parts = [heap.stackBytes, heap.slotBytes, heap.chunkBytes].map(show);
	return `## Heap

The smallest fixed heap in which the frozen scenario passes (8 objects, 60 resources, register, 100 commands, 10
observations with 50 notifications; the scenario's own server included): **${show(heap.bytes)} bytes**, of
which ${parts[0]} for the stack, ${parts[1]} for slots and ${parts[2]} for chunks. The engine's tables of names,
symbols, keys and aliases and its own record take ${show(heap.tableBytes)} bytes beside it. The aim is
${show(HEAP_AIM_BYTES)} bytes:
${over > 0 ? cures : "reached."}

The stack is deepest in: ${heap.deepest}. The heap is fullest in: ${heap.fullest}.

What lives after each stage, garbage collected:

${table(
	["stage", "bytes it keeps"],
	stages.map(({ stage, kept }) => [stage, kept]),
)}

What lives at the end of the scenario, by class, the biggest ${CLASSES}:

${table(
	["class", "instances", "bytes"],
	classes
		.slice(0, CLASSES)
		.map(({ class: name, count, slots, chunkBytes }) => [name, count, slots * SLOT_BYTES + chunkBytes]),
)}`;
}

function renderStream({ heap: plain, stream: { heap } }: Figures): string {
	const parts = [heap.stackBytes, heap.slotBytes, heap.chunkBytes].map(show);
	return `## Over TCP

The same device without keys, the frozen scenario over one connection (RFC 8323): **${show(heap.bytes)} bytes** of
heap, ${show(heap.bytes - plain.bytes)} more than over UDP, of which ${parts[0]} for the stack, ${parts[1]} for slots
and ${parts[2]} for chunks. TLS has its memory beside the heap of the engine.

The stack is deepest in: ${heap.deepest}. The heap is fullest in: ${heap.fullest}.`;
}

/** Steps, garbage and bytes on the wire beside those without keys. */
function renderSecured({ operations, secured }: Figures): string {
	const { heap } = secured;
	const over = heap.bytes - SECURED_HEAP_AIM_BYTES;
	const parts = [heap.stackBytes, heap.slotBytes, heap.chunkBytes].map(show);
	const rows = secured.operations.map(({ operation, meter, garbage, received, sent }) => {
		const plain = operations.find((each) => each.operation === operation)!;
		const bytes = (own: number | undefined, other: number | undefined) =>
			own === undefined || other === undefined ? "" : `${other} → ${own}`;
		return [operation, meter, meter - plain.meter, garbage, bytes(received, plain.received), bytes(sent, plain.sent)];
	});
	return `## With OSCORE

The same device with keys, the frozen scenario protected: **${show(heap.bytes)} bytes** of heap, of which
${parts[0]} for the stack, ${parts[1]} for slots and ${parts[2]} for chunks; the aim is
${show(SECURED_HEAP_AIM_BYTES)} bytes: ${over > 0 ? `${show(over)} too many` : "reached"}.

Its server plays from flash what one with keys has said, so that the heap is the device's alone. AES-CCM, SHA-256 and
HMAC are native and count no steps. Each start renews the keys (RFC 8613, B.2), which the registration contains; no
command has to prove that it is fresh.

The stack is deepest in: ${heap.deepest}. The heap is fullest in: ${heap.fullest}.

${table(["operation", "steps", "more than without", "garbage bytes", "bytes received", "bytes sent"], rows)}`;
}

const figures = await measureAll();
const text = render(figures, await measureObjects());
console.log(text);
if (process.argv.includes("--write")) writeFileSync(join(ROOT, "docs/budget.md"), text);
const broken = ceilings.filter(({ name, limit }) => figure(figures, name) > limit);
for (const { name, limit } of broken)
	console.error(`${name}: ${figure(figures, name)} is above its ceiling of ${limit}`);
if (broken.length > 0) process.exitCode = 1;
