// A small writer of line charts as SVG: linear or logarithmic axes, readable on white and on black.

/** One axis: its range, its ticks with their words, and what it says. */
export interface Axis {
	readonly title: string;
	readonly from: number;
	readonly to: number;
	readonly isLogarithmic?: boolean;
	readonly ticks: readonly (readonly [value: number, words: string])[];
}

/** A line of points; `tone` chooses its colour, and without a name it is in no legend. */
export interface Series {
	readonly name: string;
	readonly tone: number;
	readonly points: readonly (readonly [x: number, y: number])[];
	readonly style: "line" | "dashed" | "steps" | "points";
}

export interface Chart {
	readonly title: string;
	readonly x: Axis;
	readonly y: Axis;
	readonly series: readonly Series[];
}

const WIDTH = 760;
const PLOT = { left: 64, top: 34, width: 500, height: 260 } as const;
const HEIGHT = PLOT.top + PLOT.height + 46;
const LEGEND_LEFT = PLOT.left + PLOT.width + 18;

/** Light and dark of each tone: ours, the oracle, and the peers after them. */
const TONES = [
	["#1f6feb", "#58a6ff"],
	["#24292f", "#e6edf3"],
	["#cf222e", "#ff7b72"],
	["#1a7f37", "#3fb950"],
	["#9a6700", "#d29922"],
	["#8250df", "#bc8cff"],
	["#bf3989", "#f778ba"],
	["#0a7b83", "#39c5cf"],
	["#bc4c00", "#ffa657"],
	["#6e7781", "#8b949e"],
	["#953800", "#f0883e"],
	["#57606a", "#adbac7"],
] as const;

function style(): string {
	const tone = (dark: 0 | 1) =>
		TONES.map((pair, i) => `.l${i} { stroke: ${pair[dark]} } .d${i} { fill: ${pair[dark]} }`).join(" ");
	return `text { font: 12px system-ui, sans-serif; fill: #24292f }
.title { font-weight: 600; font-size: 13px } .small { font-size: 11px }
.grid { stroke: #d0d7de; stroke-width: 1 } .line { fill: none; stroke-width: 2 } .dashed { stroke-dasharray: 6 4 }
${tone(0)}
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 } .grid { stroke: #30363d }
${tone(1)}
}`;
}

/** Charts one below the other in one image. */
export function drawCharts(label: string, charts: readonly Chart[]): string {
	const height = charts.length * HEIGHT;
	const body = charts.map((chart, i) => `<g transform="translate(0 ${i * HEIGHT})">\n${drawChart(chart)}\n</g>`);
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img">
<title>${escaped(label)}</title>
<style>
${style()}
</style>
${body.join("\n")}
</svg>
`;
}

function drawChart({ title, x, y, series }: Chart): string {
	const { left, top, width, height } = PLOT;
	const across = (value: number): number => left + width * share(x, value);
	const down = (value: number): number => top + height * (1 - share(y, value));
	const parts = [text("title", 0, 16, title)];
	for (const [value, words] of y.ticks)
		parts.push(
			rule(left, down(value), left + width, down(value)),
			text("small", left - 6, down(value) + 4, words, "end"),
		);
	for (const [value, words] of x.ticks)
		parts.push(
			rule(across(value), top, across(value), top + height),
			text("small", across(value), top + height + 16, words, "middle"),
		);
	parts.push(
		text("small", left + width / 2, top + height + 34, x.title, "middle"),
		text("small", left, top - 8, y.title),
	);
	for (const one of series) parts.push(...drawSeries(one, across, down));
	const named = series.filter(({ name }) => name !== "");
	for (const [i, one] of named.entries()) parts.push(...legend(one, top + 10 + 18 * i));
	return parts.join("\n");
}

function drawSeries({ points, tone, style: kind }: Series, across: Map1, down: Map1): string[] {
	const places = points.map(([x, y]) => [across(x), down(y)] as const);
	const dots = places.map(([x, y]) => `<circle class="d${tone}" cx="${fixed(x)}" cy="${fixed(y)}" r="3"/>`);
	if (kind === "points" || places.length < 2) return dots;
	const path = places.map(([x, y], i) => {
		if (i === 0) return `M${fixed(x)} ${fixed(y)}`;
		return kind === "steps" ? `H${fixed(x)}V${fixed(y)}` : `L${fixed(x)} ${fixed(y)}`;
	});
	const line = `<path class="line l${tone}${kind === "dashed" ? " dashed" : ""}" d="${path.join("")}"/>`;
	return kind === "line" && places.length < 12 ? [line, ...dots] : [line];
}

type Map1 = (value: number) => number;

function legend({ name, tone, style: kind }: Series, y: number): string[] {
	const mark =
		kind === "points"
			? `<circle class="d${tone}" cx="${LEGEND_LEFT + 8}" cy="${y}" r="4"/>`
			: `<path class="line l${tone}${kind === "dashed" ? " dashed" : ""}" d="M${LEGEND_LEFT} ${y}h16"/>`;
	return [mark, text("small", LEGEND_LEFT + 22, y + 4, name)];
}

/** Where a value lies on its axis, from 0 to 1; what is beyond is drawn at the edge. */
function share({ from, to, isLogarithmic }: Axis, value: number): number {
	const place = isLogarithmic
		? Math.log(Math.max(value, from) / from) / Math.log(to / from)
		: (value - from) / (to - from);
	return Math.min(1, Math.max(0, place));
}

function rule(x1: number, y1: number, x2: number, y2: number): string {
	return `<line class="grid" x1="${fixed(x1)}" y1="${fixed(y1)}" x2="${fixed(x2)}" y2="${fixed(y2)}"/>`;
}

function text(name: string, x: number, y: number, words: string, anchor = "start"): string {
	const placed = anchor === "start" ? "" : ` text-anchor="${anchor}"`;
	return `<text class="${name}" x="${fixed(x)}" y="${fixed(y)}"${placed}>${escaped(words)}</text>`;
}

function escaped(words: string): string {
	return words.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}

function fixed(value: number): string {
	return String(Math.round(10 * value) / 10);
}
