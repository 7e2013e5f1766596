// The lock of a board: one holder, given back, and taken over from a process that is gone.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, suite } from "#suite";
import { BoardBusy, lockBoard } from "./lock.js";

const folder = mkdtempSync(join(tmpdir(), "pinhole-lock-"));
const lockFile = (id: string) => join(folder, `${id}.lock`);

const test = suite("rig/lock");

test.after(() => rmSync(folder, { recursive: true, force: true }));

test("a second user is refused, and told who has the board", () => {
	const release = lockBoard("one", folder);
	assert.throws(
		() => lockBoard("one", folder),
		(error: unknown) => error instanceof BoardBusy && error.message.includes(`process ${process.pid} `),
	);
	release();
	lockBoard("one", folder)();
});

test("another board is another lock", () => {
	const releases = [lockBoard("two", folder), lockBoard("three", folder)];
	for (const release of releases) release();
	assert.equal(readdirSync(folder), []);
});

test("a lock whose process is gone is taken", () => {
	const { pid } = spawnSync(process.execPath, ["--version"]);
	writeFileSync(lockFile("four"), JSON.stringify({ pid, startedAt: "1", command: "gone" }));
	const release = lockBoard("four", folder);
	assert.is((JSON.parse(readFileSync(lockFile("four"), "utf8")) as { pid: number }).pid, process.pid);
	release();
	assert.equal(readdirSync(folder), []);
});

test("a lock whose process number belongs to a later process is taken", () => {
	writeFileSync(lockFile("five"), JSON.stringify({ pid: process.pid, startedAt: "earlier", command: "gone" }));
	lockBoard("five", folder)();
});

test("a lock that is being written is not taken", () => {
	writeFileSync(lockFile("six"), "");
	assert.throws(() => lockBoard("six", folder), /in use by a process that just begins/);
	rmSync(lockFile("six"));
});

test("releasing does not remove the lock of a successor", () => {
	const release = lockBoard("seven", folder);
	writeFileSync(lockFile("seven"), "another's");
	release();
	assert.is(readFileSync(lockFile("seven"), "utf8"), "another's");
});

test.run();
