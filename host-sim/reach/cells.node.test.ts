// The cells of the matrix: their names lead back to them, and a run of each size shows what it says.

import { assert, suite } from "#suite";
import { allCells, cellId, cellNamed, dimensionNames, dimensions } from "./cell.js";
import { defaultCells, matrixCells, movingStreamCells, smokeCells, streamCells } from "./cover.js";
import { jobKey, jobsOf } from "./jobs.js";
import { natOf } from "./trial.js";

const test = suite("reach: cells");

test("a cell is found again by its name", () => {
	for (const cell of [...allCells(), ...streamCells(), ...movingStreamCells()])
		assert.equal(cellNamed(cellId(cell)), cell);
});

for (const name of [
	"",
	"L65",
	"L66-p5-hourly-open-stable-linux-plain",
	"L65-p5-hourly-open-stable-linux-plain-x",
	"L65-p5-hourly-open-stable-linux-plain-T9",
])
	test(`"${name}" names no cell, and is told so`, () => {
		assert.throws(() => cellNamed(name), /names no cell; one looks like/);
	});

test("the default set has each pair of circumstances at least once", () => {
	const cells = defaultCells();
	assert.ok(cells.length >= 60, String(cells.length));
	for (const [i, left] of dimensionNames.entries())
		for (const right of dimensionNames.slice(i + 1))
			for (const one of dimensions[left])
				for (const other of dimensions[right])
					assert.ok(
						cells.some((cell) => cell[left] === one && cell[right] === other),
						`${left} ${one} with ${right} ${other}`,
					);
});

test("the smoke set has 24 cells, and each circumstance at least once", () => {
	const cells = smokeCells();
	assert.is(new Set(cells.map(cellId)).size, 24);
	for (const name of dimensionNames)
		for (const value of dimensions[name])
			assert.ok(
				cells.some((cell) => cell[name] === value),
				`${name} ${value}`,
			);
});

test("a full run has every cell once with our policy, and the peers in the default set", () => {
	const jobs = jobsOf("full", 1, "");
	assert.is(new Set(jobs.map(jobKey)).size, jobs.length);
	assert.is(jobs.filter(({ policy }) => policy === "pinhole").length, 4_608);
	assert.is(jobs.filter(({ policy }) => policy === "wakaama").length, matrixCells().length);
});

test("where TCP has a lifetime of its own the NAT keeps it so long, and UDP as before", () => {
	for (const { lifetimeSeconds, tcpSeconds, ...rest } of streamCells()) {
		const { udpTimeoutMs, tcp } = natOf({ ...rest, lifetimeSeconds, tcpSeconds: tcpSeconds! });
		assert.equal([udpTimeoutMs, tcp.establishedMs], [1000 * lifetimeSeconds, 1000 * tcpSeconds!]);
	}
});

test.run();
