// What an image is made from, as its banner says it.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./objects.js";

/** The version in package.json. */
export function version(): string {
	return (JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string }).version;
}

/** The commit by 7 characters, with "+" where the tree has changes; zeros where there is no git. */
export function revision(): string {
	try {
		const git = (...words: string[]) =>
			execFileSync("git", words, { cwd: ROOT, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
		return `${git("rev-parse", "HEAD").slice(0, 7)}${git("status", "--porcelain") === "" ? "" : "+"}`;
	} catch {
		return "0000000";
	}
}
