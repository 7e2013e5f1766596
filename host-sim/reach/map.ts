// All cells in one image: a small square each, lifetime and loss down, all other circumstances across.

import { type Cell, cellNamed, dimensions } from "./cell.js";
import type { Result } from "./result.js";

const SIDE = 5;
/** Between groups of rows and of columns. */
const GAP = 4;
const LEFT = 92;
const TOP = 40;

/** The colours stand for the share of the silent time in which a command would not have arrived; light and dark. */
const BANDS = [
	[0.001, "at most 0.1 %", "#2da44e", "#3fb950"],
	[0.01, "1 %", "#a3d9b1", "#1f6f3a"],
	[0.05, "5 %", "#f2cc60", "#9e7a1a"],
	[0.2, "20 %", "#f0883e", "#bd561d"],
	[1, "more", "#cf222e", "#f85149"],
] as const;

const REBINDINGS: Readonly<Record<Cell["rebinding"], string>> = {
	never: "nothing moves",
	daily: "rebinding daily",
	hourly: "hourly",
	"5min": "each 5 minutes",
};

/** Across: rebinding and UDP make groups, the rest fills them. */
function column({ rebinding, udp, backEnd, nat, security }: Cell): { readonly group: number; readonly place: number } {
	const { rebinding: rebindings, udp: udps, backEnd: backEnds, nat: nats, security: securities } = dimensions;
	return {
		group: rebindings.indexOf(rebinding) * udps.length + udps.indexOf(udp),
		place:
			(backEnds.indexOf(backEnd) * nats.length + nats.indexOf(nat)) * securities.length + securities.indexOf(security),
	};
}

const GROUP_WIDTH = dimensions.backEnd.length * dimensions.nat.length * dimensions.security.length * SIDE;
const GROUP_COUNT = dimensions.rebinding.length * dimensions.udp.length;
const BLOCK_HEIGHT = dimensions.lossPercent.length * SIDE;

/** The image; cells that were not run stay empty. */
export function cellMap(results: readonly Pick<Result, "cell" | "silence">[]): string {
	const width = LEFT + GROUP_COUNT * (GROUP_WIDTH + GAP);
	const bottom = TOP + dimensions.lifetimeSeconds.length * (BLOCK_HEIGHT + GAP);
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${bottom + 52}" role="img">
<title>How long a device is out of reach, in every cell</title>
<style>
${style()}
</style>
${[...columnTitles(), ...rowTitles(), ...legend(bottom + 14), ...bandPaths(results)].join("\n")}
</svg>
`;
}

function style(): string {
	const fills = (tone: 2 | 3): string => BANDS.map((band, i) => `.b${i} { fill: ${band[tone]} }`).join(" ");
	return `text { font: 11px system-ui, sans-serif; fill: #24292f }
${fills(2)}
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 }
${fills(3)}
}`;
}

function columnTitles(): string[] {
	const { rebinding, udp } = dimensions;
	return rebinding.flatMap((one, i) => [
		text(LEFT + i * udp.length * (GROUP_WIDTH + GAP), 14, REBINDINGS[one]),
		...udp.map((other, j) => text(LEFT + (i * udp.length + j) * (GROUP_WIDTH + GAP), 30, `UDP ${other}`)),
	]);
}

function rowTitles(): string[] {
	return dimensions.lifetimeSeconds.map((lifetime, i) => text(0, TOP + i * (BLOCK_HEIGHT + GAP) + 14, `${lifetime} s`));
}

function legend(y: number): string[] {
	const { backEnd, nat, security } = dimensions;
	const across = `back end ${backEnd.join(", ")}, in each NAT ${nat.join(", ")}, in each ${security.join(", ")}`;
	return [
		text(0, y + 9, "out of reach:"),
		...BANDS.flatMap(([, words], i) => {
			const x = LEFT + i * 110;
			return [`<rect class="b${i}" x="${x}" y="${y}" width="10" height="10"/>`, text(x + 16, y + 9, words)];
		}),
		text(0, y + 30, `each block: down loss ${dimensions.lossPercent.join(", ")} %, across ${across}`),
	];
}

/** One path for each colour: squares of thousands of elements would be ten times as long. */
function bandPaths(results: Parameters<typeof cellMap>[0]): string[] {
	const paths: string[][] = BANDS.map(() => []);
	for (const { cell: id, silence } of results) {
		const cell = cellNamed(id);
		const { group, place } = column(cell);
		const x = LEFT + group * (GROUP_WIDTH + GAP) + place * SIDE;
		const row = dimensions.lossPercent.indexOf(cell.lossPercent);
		const y = TOP + dimensions.lifetimeSeconds.indexOf(cell.lifetimeSeconds) * (BLOCK_HEIGHT + GAP) + row * SIDE;
		const band = BANDS.findIndex(([most]) => 1 - silence.reachable <= most);
		paths[band]!.push(`M${x} ${y}h${SIDE - 1}v${SIDE - 1}h${1 - SIDE}z`);
	}
	return paths.map((path, i) => `<path class="b${i}" d="${path.join("")}"/>`);
}

function text(x: number, y: number, words: string): string {
	return `<text x="${x}" y="${y}">${words}</text>`;
}
