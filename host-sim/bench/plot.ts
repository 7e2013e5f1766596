// The bars of docs/benchmark.svg: how many times the floor each target takes; readable on white and on black.

import { OPERATIONS, type Operation } from "./line.js";
import type { Report, Row } from "./measure.js";
import { ratio } from "./record.js";

const WIDTH = 720;
const LABEL_WIDTH = 160;
/** Room for the figure behind the longest bar. */
const FIGURE_WIDTH = 60;
const BAR_HEIGHT = 11;
const ROW_HEIGHT = 32;
const HEAD_HEIGHT = 38;
const FOOT_HEIGHT = 30;

const TITLES: Readonly<Record<Operation, string>> = { read: "Read", notify: "Notify" };

const STYLE = `text { font: 13px system-ui, sans-serif; fill: #24292f }
.title { font-weight: 600 } .figure { font-size: 11px }
.median { fill: #1f6feb } .tail { fill: #a5c8ff } .floor { stroke: #8c959f; stroke-dasharray: 3 3 }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 } .median { fill: #58a6ff } .tail { fill: #1f4b85 } .floor { stroke: #6e7681 }
}`;

/** The run as an image. */
export function plot({ rows }: Report): string {
	const longest = Math.max(1, ...OPERATIONS.flatMap((each) => rows[each].flatMap(bars)));
	const scale = (WIDTH - LABEL_WIDTH - FIGURE_WIDTH) / longest;
	let y = 0;
	const parts: string[] = [];
	for (const operation of OPERATIONS) {
		const top = y + HEAD_HEIGHT;
		const bottom = top + rows[operation].length * ROW_HEIGHT;
		const floor = LABEL_WIDTH + scale;
		parts.push(`<text class="title" x="0" y="${y + 22}">${TITLES[operation]}: times as long as the UDP echo</text>`);
		rows[operation].forEach((row, i) => void parts.push(...drawRow(row, top + i * ROW_HEIGHT, scale)));
		parts.push(line(floor, top - 6, bottom - 4));
		y = bottom;
	}
	parts.push(...legend(y + 8));
	const height = y + FOOT_HEIGHT;
	const label = "How long Read and Notify take at each target, as multiples of a UDP echo";
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img">
<title>${label}</title>
<style>
${STYLE}
</style>
${parts.join("\n")}
</svg>
`;
}

function bars({ toFloor }: Row): [median: number, p99: number] {
	return [toFloor.median, toFloor.p99];
}

function drawRow(row: Row, y: number, scale: number): string[] {
	const drawn = bars(row).flatMap((value, i) => {
		const top = y + i * (BAR_HEIGHT + 1);
		const width = value * scale;
		return [
			bar(i === 0 ? "median" : "tail", LABEL_WIDTH, top, width),
			text("figure", LABEL_WIDTH + width + 6, top + 9, ratio(value)),
		];
	});
	return [text("name", 0, y + 15, row.target), ...drawn];
}

function legend(y: number): string[] {
	return [
		bar("median", LABEL_WIDTH, y, BAR_HEIGHT),
		text("figure", LABEL_WIDTH + 18, y + 9, "medians"),
		bar("tail", LABEL_WIDTH + 90, y, BAR_HEIGHT),
		text("figure", LABEL_WIDTH + 108, y + 9, "99th percentiles"),
	];
}

function bar(name: string, x: number, y: number, width: number): string {
	return `<rect class="${name}" x="${x}" y="${y}" width="${width.toFixed(1)}" height="${BAR_HEIGHT}" rx="2"/>`;
}

function line(x: number, top: number, bottom: number): string {
	return `<line class="floor" x1="${x.toFixed(1)}" y1="${top}" x2="${x.toFixed(1)}" y2="${bottom}"/>`;
}

function text(name: string, x: number, y: number, words: string): string {
	return `<text class="${name}" x="${x.toFixed(1)}" y="${y}">${words}</text>`;
}
