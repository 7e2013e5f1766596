// The plots of docs/reach.md, from the results of the default set.

import { type Cell, cellId, dimensions } from "./cell.js";
import { type Axis, type Chart, drawCharts, type Series } from "./chart.js";
import { quietCells } from "./cover.js";
import { OURS, oracleOf, policies } from "./policies.js";
import type { Result } from "./result.js";
import type { StormResult } from "./storm.js";

/** The plots by file name. */
export function plots(results: readonly Result[], storms: readonly StormResult[]): Map<string, string> {
	const known = new Map(results.map((result) => [`${result.cell} ${result.policy}`, result]));
	const find: Find = (cell, policy) => known.get(`${cellId(cell)} ${policy}`);
	const all = new Map<string, string>();
	all.set(
		"bytes.svg",
		drawCharts(
			"Bytes a day over the lifetime of the binding",
			[0, 1, 5, 20].map((p) => bytes(find, p)),
		),
	);
	all.set("reachability.svg", drawCharts("Unreachable seconds a day over bytes a day", [reachability(results)]));
	all.set("latency.svg", drawCharts("How long a command takes", [latency(find, "never"), latency(find, "hourly")]));
	all.set("recovery.svg", drawCharts("Unreachable after a rebinding", [recovery(find)]));
	all.set("learning.svg", drawCharts("The learned lower bound over the first day", [learning(find)]));
	const worst = [...storms].sort((left, right) => right.peak - left.peak)[0];
	if (worst !== undefined) all.set("storm.svg", drawCharts("What hits the back end after an hour", [storm(worst)]));
	return all;
}

type Find = (cell: Cell, policy: string) => Result | undefined;

/** The oracle has the tone after ours; a stock server's line is ours, dashed. */
const ORACLE_TONE = 1;

function toneOf(index: number): number {
	return index === 0 ? 0 : index === 1 ? 0 : index;
}

function seriesOf(draw: (policy: string) => readonly (readonly [number, number])[]): Series[] {
	return policies
		.map(({ name, title }, i): Series => {
			const style = i === 1 ? "dashed" : "line";
			return { name: title, tone: toneOf(i), points: draw(name), style };
		})
		.filter(({ points }) => points.length > 0);
}

const LIFETIMES: Axis = {
	title: "lifetime of the binding, seconds",
	from: 10,
	to: 3_600,
	isLogarithmic: true,
	ticks: dimensions.lifetimeSeconds.filter((each) => each !== 350).map((each) => [each, String(each)]),
};

function decades(title: string, from: number, to: number, words: (value: number) => string): Axis {
	const ticks: [number, string][] = [];
	for (let value = from; value <= to; value *= 10) ticks.push([value, words(value)]);
	return { title, from, to, isLogarithmic: true, ticks };
}

const kilo = (value: number): string => (value >= 1e6 ? `${value / 1e6} MB` : `${value / 1e3} kB`);
const BYTES = decades("bytes a day, both directions, headers included", 1_000, 10_000_000, kilo);

function bytes(find: Find, lossPercent: number): Chart {
	const cells = quietCells().filter((cell) => cell.lossPercent === lossPercent);
	const points = cells.map((cell) => [cell.lifetimeSeconds, oracleOf(cell).bytesPerDay] as const);
	const oracle: Series = { name: "Oracle", tone: ORACLE_TONE, points, style: "dashed" };
	const others = seriesOf((policy) =>
		cells.flatMap((cell) => {
			const result = find(cell, policy);
			return result === undefined ? [] : [[cell.lifetimeSeconds, result.silence.bytesPerDay] as const];
		}),
	);
	return { title: `Loss ${lossPercent} %`, x: LIFETIMES, y: BYTES, series: [oracle, ...others] };
}

/** Below this, an unreachable time is drawn as this: a logarithm has no zero. */
const LEAST_SECONDS = 1;

function reachability(results: readonly Result[]): Chart {
	const quiet = new Set(quietCells().map(cellId));
	const y: Axis = { ...decades("unreachable seconds a day (1: none)", LEAST_SECONDS, 100_000, String) };
	const series = policies.map(({ name, title }, i): Series => {
		const points = results
			.filter(({ policy, cell }) => policy === name && quiet.has(cell))
			.map(({ silence }) => [silence.bytesPerDay, Math.max(LEAST_SECONDS, 86_400 * (1 - silence.reachable))] as const);
		return { name: title, tone: i === 1 ? 11 : toneOf(i), points, style: "points" };
	});
	return { title: "Every lifetime and loss, nothing moves", x: { ...BYTES, title: "bytes a day" }, y, series };
}

const PARTS = ["p50", "p90", "p99", "max"] as const;
const duration = (ms: number): string => (ms < 1000 ? `${ms} ms` : `${ms / 1000} s`);

function latency(find: Find, rebinding: Cell["rebinding"]): Chart {
	const cell: Cell = { ...quietCells()[0]!, lifetimeSeconds: 120, lossPercent: 1, rebinding };
	const x: Axis = { title: "share of the commands", from: 0, to: 3, ticks: PARTS.map((part, i) => [i, part]) };
	const y = decades("from the wish to the answer", 10, 100_000_000, duration);
	const series = seriesOf((policy) => {
		const result = find(cell, policy);
		if (result === undefined || result.commands.count === 0) return [];
		return PARTS.map((part, i) => [i, result.commands[`${part}Ms`]] as const);
	});
	return { title: `Lifetime 120 s, loss 1 %, rebinding ${rebinding}`, x, y, series };
}

function recovery(find: Find): Chart {
	const y = decades("seconds, 99th percentile", 1, 100_000, String);
	const x = { ...LIFETIMES, from: 30, to: 300, ticks: [30, 120, 300].map((each) => [each, String(each)] as const) };
	const series = seriesOf((policy) =>
		[30, 120, 300].flatMap((lifetime) => {
			const lifetimeSeconds = lifetime as Cell["lifetimeSeconds"];
			const cell: Cell = { ...quietCells()[0]!, lifetimeSeconds, lossPercent: 1, rebinding: "hourly" };
			const found = find(cell, policy)?.recovery;
			return found === undefined ? [] : [[lifetime, found.p99] as const];
		}),
	);
	return { title: "Rebinding each hour, loss 1 %", x, y, series };
}

function learning(find: Find): Chart {
	const x: Axis = { title: "hours", from: 0, to: 24, ticks: [0, 6, 12, 18, 24].map((hour) => [hour, String(hour)]) };
	const y: Axis = {
		title: "seconds; dashed: the truth",
		from: 5,
		to: 4_000,
		isLogarithmic: true,
		ticks: [10, 30, 65, 120, 300, 900, 3600].map((value) => [value, String(value)]),
	};
	const series: Series[] = [];
	for (const [tone, lifetimeSeconds] of ([10, 30, 65, 120, 300, 3600] as const).entries()) {
		const curve = find({ ...quietCells()[0]!, lifetimeSeconds, lossPercent: 1 }, OURS)?.curve ?? [];
		const last = curve[curve.length - 1];
		const points = last === undefined ? [] : [...curve, [24, last[1]] as const];
		series.push({ name: `${lifetimeSeconds} s`, tone: tone === 0 ? 0 : tone + 1, points, style: "steps" });
		const truth = [0, 24].map((hour) => [hour, lifetimeSeconds] as const);
		series.push({ name: "", tone: tone === 0 ? 0 : tone + 1, points: truth, style: "dashed" });
	}
	return { title: "Loss 1 %", x, y, series };
}

const SLOT_SECONDS = 10;

function storm({ arrivals, uniform, seed, deviceCount }: StormResult): Chart {
	const minutes = (arrivals.length * SLOT_SECONDS) / 60;
	const top = 1.1 * Math.max(...arrivals, 2 * uniform);
	const step = 10 ** Math.floor(Math.log10(top));
	const ticks = Array.from({ length: Math.floor(top / step) + 1 }, (_, i) => [i * step, String(i * step)] as const);
	const x: Axis = {
		title: "minutes; the back end is back after the first",
		from: 0,
		to: minutes,
		ticks: Array.from({ length: Math.floor(minutes / 10) + 1 }, (_, i) => [10 * i, String(10 * i)] as const),
	};
	const level = (name: string, value: number): Series => {
		const points = [0, minutes].map((minute) => [minute, value] as const);
		return { name, tone: ORACLE_TONE, points, style: "dashed" };
	};
	const points = arrivals.map((count, i) => [((i + 1) * SLOT_SECONDS) / 60, count] as const);
	return {
		title: `${deviceCount.toLocaleString("en")} devices, the worst seed (${seed})`,
		x,
		y: { title: "requests in 10 s", from: 0, to: top, ticks },
		series: [{ name: "arrived", tone: 0, points, style: "steps" }, level("uniform, twice", 2 * uniform)],
	};
}
