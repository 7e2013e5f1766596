// Libraries in C, fetched as Debian's source packages from the mirrors that apt knows, pinned by hash, kept beside the
// engine's other products and never committed.

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { OUT, say } from "./objects.js";

/** The upstream half of one source package. */
export interface DebianSource {
	/** For people, with its version. */
	readonly title: string;
	/** Where it stands on a mirror, below pool/main. */
	readonly pool: string;
	readonly file: string;
	readonly sha256: string;
	/** The folder that the archive unpacks to. */
	readonly folder: string;
	/** What is used of it, below that folder, licence included. */
	readonly parts: readonly string[];
}

/** apt's own downloader: it knows proxies and mirrors as the system's administrator set them. */
const APT_HELPER = "/usr/lib/apt/apt-helper";

const run = promisify(execFile);

/** Fetches and unpacks what is not here yet; gives its folder, or throws an Error of one sentence. */
export async function fetchDebianSource(source: DebianSource): Promise<string> {
	const folder = join(OUT, `source-${source.sha256.slice(0, 16)}`);
	if (!existsSync(folder)) await unpack(source, await download(source), folder);
	return folder;
}

async function download({ title, pool, file, sha256 }: DebianSource): Promise<string> {
	const path = join(OUT, file);
	mkdirSync(OUT, { recursive: true });
	if (!existsSync(path)) {
		say(`fetching ${title}, Debian's source package`);
		const fresh = `${path}.${process.pid}`;
		if (!(await fromMirrors(`pool/main/${pool}/${file}`, sha256, fresh, title)))
			throw new Error(`${title} is missing: no mirror of apt gave ${file}, is one within reach?`);
		renameSync(fresh, path);
	}
	const hash = createHash("sha256").update(readFileSync(path)).digest("hex");
	if (hash === sha256) return path;
	rmSync(path);
	throw new Error(`${file} has the SHA-256 ${hash}, not the expected ${sha256}: not used`);
}

async function fromMirrors(path: string, sha256: string, file: string, title: string): Promise<boolean> {
	for (const mirror of await mirrors(title)) {
		try {
			await run(APT_HELPER, ["download-file", `${mirror}${path}`, file, `SHA256:${sha256}`]);
			return true;
		} catch {
			// The mirror of another suite: the next one may have it.
		}
	}
	return false;
}

/** Where apt gets packages from: what it would fetch in an update, which needs no list to be here, and no root. */
async function mirrors(title: string): Promise<string[]> {
	try {
		const { stdout } = await run("apt-get", ["update", "--print-uris"]);
		return [...new Set(Array.from(stdout.matchAll(/^'([^']+?)dists\//gm), ([, mirror]) => mirror!))];
	} catch {
		throw new Error(`${title} is missing and this machine has no apt to fetch Debian's source package with`);
	}
}

async function unpack({ folder, parts }: DebianSource, archive: string, into: string): Promise<void> {
	const fresh = `${into}.${process.pid}`;
	rmSync(fresh, { recursive: true, force: true });
	mkdirSync(fresh);
	const members = parts.map((part) => `${folder}/${part}`);
	await run("tar", ["-xf", archive, "-C", fresh, "--strip-components=1", ...members]);
	try {
		renameSync(fresh, into);
	} catch (error) {
		// Another build was faster.
		if (!existsSync(into)) throw error;
		rmSync(fresh, { recursive: true });
	}
}
