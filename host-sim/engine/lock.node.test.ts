// One holder at a time; a holder that died is followed by the next.

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { assert, suite } from "#suite";
import { withLock } from "./lock.js";

const test = suite("engine/lock");
const folder = mkdtempSync(join(tmpdir(), "pinhole-lock-"));
const path = join(folder, "lock");

test.after(() => rmSync(folder, { recursive: true }));

test("two at once take turns", async () => {
	const order: string[] = [];
	const work = (name: string) => async () => {
		order.push(`${name} begins`);
		await sleep(20);
		order.push(`${name} ends`);
	};
	await Promise.all([withLock(path, work("first")), withLock(path, work("second"))]);
	assert.equal(order, ["first begins", "first ends", "second begins", "second ends"]);
});

test("a failure releases it", async () => {
	const failing = withLock(path, () => Promise.reject(new Error("as told")));
	await failing.catch(() => {});
	assert.not.ok(existsSync(path));
});

test("a holder that died does not hold it", async () => {
	const { pid } = spawnSync(process.execPath, ["-e", ""]);
	writeFileSync(path, String(pid));
	assert.is(await withLock(path, () => Promise.resolve("taken")), "taken");
});

test.run();
