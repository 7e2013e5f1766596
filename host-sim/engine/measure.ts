// The figures of `npm run size`, all on the 32-bit engine with everything preloaded and bytecode executed in place.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { compileFiles, firmwareModules } from "./bytecode.js";
import { fingerprint, OUT, ROOT } from "./objects.js";
import { type RunOptions, type RunResult, runOnXs } from "./run.js";

const VARIANT = "xs32";
/** Of the device, and of the 32-bit engine. */
export const SLOT_BYTES = 16;
const SCENARIO = "host-sim/engine/scenario";
/** The scenario's device and server are preloaded, too, as an application would be: their code costs no heap. */
const helpers = ["machine", "server", "secured", "stream", "story", "reach"].map((name) => `${SCENARIO}/${name}.ts`);

/** How exact the smallest heap is. */
const STEP_BYTES = 16;
const AMPLE_BYTES = 1 << 20;
const AMPLE_SLOTS = 4096;

/** Bytes of bytecode and names of one folder. */
export interface FolderSize {
	readonly folder: string;
	readonly files: number;
	readonly bytes: number;
}

export interface HeapSize {
	/** Slots, chunks and stack together: the smallest total in which the scenario passes. */
	readonly bytes: number;
	/** Its parts. */
	readonly stackBytes: number;
	readonly slotBytes: number;
	readonly chunkBytes: number;
	/** The calls, innermost first, in which one slot of the stack less is too few, and one step of the heap less. */
	readonly deepest: string;
	readonly fullest: string;
	/** Beside the heap: the engine's tables of names, symbols, keys and aliases, and its own record. */
	readonly tableBytes: number;
}

export interface OperationCost {
	readonly operation: string;
	readonly meter: number;
	readonly garbage: number;
	/** Bytes of the datagrams; undefined where there is none, or more than one. */
	readonly received?: number;
	readonly sent?: number;
}

export interface StageSize {
	readonly stage: string;
	readonly kept: number;
}

/** What lives at the end of the scenario, by class. */
export interface ClassSize {
	readonly class: string;
	readonly count: number;
	readonly slots: number;
	readonly chunkBytes: number;
}

function options(more: RunOptions): RunOptions {
	return { preload: [...firmwareModules(), ...helpers], lines: false, ...more };
}

/** Bytes of the firmware's bytecode by folder, without line numbers, as on the device. */
export async function measureBytecode(): Promise<FolderSize[]> {
	const paths = firmwareModules();
	const compiled = await compileFiles(VARIANT, paths);
	const folders = new Map<string, { files: number; bytes: number }>();
	for (const [i, path] of paths.entries()) {
		const folder = dirname(path);
		const sum = folders.get(folder) ?? { files: 0, bytes: 0 };
		folders.set(folder, { files: sum.files + 1, bytes: sum.bytes + bytecodeLength(readFileSync(compiled[i]!.file)) });
	}
	return [...folders].map(([folder, sum]) => ({ folder, ...sum })).sort((a, b) => (a.folder < b.folder ? -1 : 1));
}

/** The contents of a file's atoms of names and code, without the headers. */
function bytecodeLength(file: Buffer): number {
	const HEADER = 8;
	let length = 0;
	for (let at = HEADER; at < file.length; at += file.readUInt32BE(at))
		if (/SYMB|CODE/.test(file.toString("latin1", at + 4, at + HEADER))) length += file.readUInt32BE(at) - HEADER;
	return length;
}

/** The scenario without keys or with them: the file that runs it, and what is preloaded for that beside the rest. */
interface Scenario {
	readonly entry: string;
	readonly preload: readonly string[];
	readonly args?: readonly string[];
}

const PLAIN: Scenario = { entry: `${SCENARIO}/run.ts`, preload: [] };
/** Over TCP. */
const STREAM: Scenario = { ...PLAIN, args: ["stream"] };

/** Records what the server with keys says, and makes of it a program that plays it from flash. */
async function recordSecured(): Promise<Scenario> {
	const { exitCode, stdout, stderr } = await runScenario(PLAIN, { args: ["record"] });
	if (exitCode !== 0) throw new Error(`the scenario with keys cannot be recorded:\n${stderr}`);
	const folder = join(OUT, "recordings", fingerprint(stdout));
	mkdirSync(folder, { recursive: true });
	const rows = stdout.trim().replaceAll(/\[([\d,]*)\]/g, "Uint8Array.of($1)");
	writeFileSync(join(folder, "recording.ts"), `export const recording = ${rows};\n`);
	writeFileSync(join(folder, "run.ts"), REPLAY);
	const at = relative(ROOT, folder);
	return { entry: `${at}/run.ts`, preload: [`${at}/recording.ts`] };
}

/** Run from out/engine/recordings/HASH. */
const REPLAY = `import { print } from "pinhole/process";
import { ReplayedBoard } from "../../../../${SCENARIO}/secured.js";
import { runScenario } from "../../../../${SCENARIO}/story.js";
import { recording } from "./recording.js";
runScenario(new ReplayedBoard(recording), () => print("passed"));
`;

function runScenario({ entry, preload, args }: Scenario, more: RunOptions): Promise<RunResult> {
	const all = options({ ...(args !== undefined && { args }), ...more });
	return runOnXs(VARIANT, entry, { ...all, preload: [...all.preload!, ...preload] });
}

async function passes(scenario: Scenario, arenaBytes: number, stackSlots: number): Promise<boolean> {
	const { exitCode, stdout } = await runScenario(scenario, { arenaBytes, stackSlots });
	return exitCode === 0 && stdout === "passed\n";
}

/** The calls in which a run ended: "encode, read, handleRequest". */
async function callsAtEnd(scenario: Scenario, arenaBytes: number, stackSlots: number): Promise<string> {
	const { stderr } = await runScenario(scenario, { arenaBytes, stackSlots });
	return [...stderr.matchAll(/^ at (\S+) \(/gm)].map((match) => match[1]).join(", ");
}

/** The least number, within a step, that is enough; `most` must be. */
async function smallest(most: number, step: number, isEnough: (value: number) => Promise<boolean>): Promise<number> {
	let [low, high] = [0, most];
	while (high - low > step) {
		const middle = Math.ceil((low + high) / 2 / step) * step;
		if (await isEnough(middle)) high = middle;
		else low = middle;
	}
	return high;
}

/** Bisects first the stack, then the heap that contains it. */
async function measureHeap(scenario: Scenario): Promise<HeapSize> {
	const ample = await runScenario(scenario, { arenaBytes: AMPLE_BYTES, stackSlots: AMPLE_SLOTS });
	if (ample.stdout !== "passed\n") throw new Error(`the scenario does not pass in any heap:\n${ample.stderr}`);
	const slots = await smallest(AMPLE_SLOTS, 1, (count) => passes(scenario, AMPLE_BYTES, count));
	const bytes = await smallest(AMPLE_BYTES, STEP_BYTES, (count) => passes(scenario, count, slots));
	const { stderr } = await runScenario(scenario, { arenaBytes: bytes, stackSlots: slots, report: true });
	return {
		bytes,
		stackBytes: slots * SLOT_BYTES,
		...(JSON.parse(stderr) as Pick<HeapSize, "slotBytes" | "chunkBytes" | "tableBytes">),
		deepest: await callsAtEnd(scenario, AMPLE_BYTES, slots - 1),
		fullest: await callsAtEnd(scenario, bytes - STEP_BYTES, slots),
	};
}

/** Steps and garbage of the named operations, and what each stage of a device's life keeps. */
async function measureCosts(args: readonly string[]): Promise<{ operations: OperationCost[]; stages: StageSize[] }> {
	const { exitCode, stdout, stderr } = await runOnXs(VARIANT, `${SCENARIO}/costs.ts`, options({ args }));
	if (exitCode !== 0) throw new Error(`the operations cannot be measured:\n${stderr}`);
	const lines = stdout
		.trim()
		.split("\n")
		.map((line) => JSON.parse(line) as OperationCost | StageSize);
	return {
		operations: lines.filter((line) => "operation" in line),
		stages: lines.filter((line) => "stage" in line),
	};
}

/** The classes of what lives at the end of the scenario, biggest first. */
export async function measureObjects(): Promise<ClassSize[]> {
	const { stderr } = await runScenario(PLAIN, { args: ["objects"] });
	return stderr
		.trim()
		.split("\n")
		.map((line) => JSON.parse(line) as ClassSize);
}

/** Everything that a ceiling may name. */
export interface Figures {
	readonly folders: readonly FolderSize[];
	readonly heap: HeapSize;
	readonly operations: readonly OperationCost[];
	readonly stages: readonly StageSize[];
	/** The same device over TCP. */
	readonly stream: { readonly heap: HeapSize };
	/** The same device with OSCORE. */
	readonly secured: { readonly heap: HeapSize; readonly operations: readonly OperationCost[] };
}

export async function measureAll(): Promise<Figures> {
	const secured = {
		heap: await measureHeap(await recordSecured()),
		operations: (await measureCosts(["secured"])).operations,
	};
	const stream = { heap: await measureHeap(STREAM) };
	const heap = await measureHeap(PLAIN);
	return { folders: await measureBytecode(), heap, ...(await measureCosts([])), stream, secured };
}

/** What learning and measuring keep, beyond being told: the stages of scenario/reach. */
function reachHeap(stages: readonly StageSize[]): number {
	const kept = (name: string) => {
		const found = stages.find(({ stage }) => stage === name);
		if (found === undefined) throw new Error(`no stage is called "${name}"`);
		return found.kept;
	};
	return kept("reach: learning") + kept("reach: measuring") - kept("reach: told");
}

/** The measured value that a ceiling's name stands for. */
export function figure(figures: Figures, name: string): number {
	if (name === "bytecode") return figures.folders.reduce((sum, { bytes }) => sum + bytes, 0);
	const isSecured = name.startsWith("secured ");
	const { heap, operations } = isSecured ? figures.secured : figures;
	const [operation, kind] = name.split(" ").slice(isSecured ? 1 : 0);
	if (name === "reach heap") return reachHeap(figures.stages);
	if (name === "stream heap") return figures.stream.heap.bytes;
	if (name === "stream stack") return figures.stream.heap.stackBytes;
	if (operation === "heap") return heap.bytes;
	if (operation === "stack") return heap.stackBytes;
	const cost = operations.find((each) => each.operation === operation);
	if (cost === undefined || (kind !== "steps" && kind !== "garbage")) throw new Error(`nothing is called "${name}"`);
	return kind === "steps" ? cost.meter : cost.garbage;
}
