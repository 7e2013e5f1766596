// `npm run bench`: one Read and one notification of our device and of its peers, as ratios to a UDP echo in that run.

import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { arch, availableParallelism, loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { measure, type Plan } from "./measure.js";
import { plot } from "./plot.js";
import { type Circumstances, markdown, show } from "./record.js";

const USAGE = `npm run bench -- [--rounds 20] [--size 250] [--warm-up 2000] [--write]

  --rounds   how often all targets take their turn
  --size     operations of one target in its turn
  --warm-up  operations of each target that do not count
  --write    record the run in docs/benchmark.md and docs/benchmark.svg`;

function readOptions(): Plan & { readonly write: boolean } {
	const { values } = parseArgs({
		options: {
			rounds: { type: "string", default: "20" },
			size: { type: "string", default: "250" },
			"warm-up": { type: "string", default: "2000" },
			write: { type: "boolean", default: false },
		},
	});
	const count = (text: string): number => {
		if (!/^[1-9]\d{0,5}$/.test(text)) throw new TypeError(`${text} is no count`);
		return Number(text);
	};
	const { rounds, size, "warm-up": warmUp, write } = values;
	return { rounds: count(rounds), size: count(size), warmUp: count(warmUp), write };
}

/**
 * Puts this process and all that it will start on one processor: a datagram then costs no wake-up of another one, which
 * on a virtual machine takes longer than the work that is to be measured.
 */
function pinToOneProcessor(): boolean {
	try {
		execFileSync("taskset", ["-cp", "0", String(process.pid)], { stdio: "ignore" });
		return true;
	} catch {
		return false;
	}
}

function docs(file: string): string {
	return fileURLToPath(new URL(`../../docs/${file}`, import.meta.url));
}

async function main(): Promise<void> {
	const { write, ...plan } = readOptions();
	const where: Circumstances = {
		date: new Date().toISOString().slice(0, 10),
		processors: availableParallelism(),
		architecture: arch(),
		node: process.versions.node,
		load: loadavg()[0] ?? 0,
		isPinned: pinToOneProcessor(),
	};
	const report = await measure(plan);
	console.log(show(report));
	if (!write) return;
	writeFileSync(docs("benchmark.md"), markdown(report, where));
	writeFileSync(docs("benchmark.svg"), plot(report));
}

// So that the targets end, too: they are killed when this process exits by itself.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));

try {
	await main();
} catch (error) {
	console.error(error instanceof TypeError ? `${error.message}\n\n${USAGE}` : error);
	process.exitCode = error instanceof TypeError ? 2 : 1;
}
