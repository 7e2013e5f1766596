// Rules about the tree of files as a whole: tests mirror sources, links resolve, nothing foreign is tracked.

import { posix } from "node:path";
import type { Finding } from "./source.js";

/** Tests of what is no single file: the whole agent, also under attack, all formats together, foreign peers on Node. */
const WHOLE = /^firmware\/tests\/(agent\/|hostile\/|lwm2m\/formats\/agreement\.)|\.node\.test\.ts$/;

/** `firmware/tests/x/y.test.ts` names `firmware/x/y.ts`, as does `y-aspect.test.ts`; `x/x.test.ts` names the folder. */
export function mirror(paths: ReadonlySet<string>): Finding[] {
	const hasSource = (path: string) => {
		let source = path.replace("/tests/", "/").replace(/(\.property)?\.test\.ts$/, "");
		if (posix.basename(posix.dirname(source)) === posix.basename(source)) source = posix.dirname(source);
		if ([...paths].some((each) => each.startsWith(`${source}/`))) return true;
		while (!paths.has(`${source}.ts`)) {
			const shorter = source.replace(/-[^-/]+$/, "");
			if (shorter === source) return false;
			source = shorter;
		}
		return true;
	};
	return [...paths]
		.filter((path) => path.startsWith("firmware/tests/") && path.endsWith(".test.ts") && !WHOLE.test(path))
		.filter((path) => !hasSource(path))
		.map((path) => ({ path, line: 1, message: "a test without a source of the same name" }));
}

/** GitHub's anchor of a heading. */
function anchor(heading: string): string {
	return heading
		.trim()
		.toLowerCase()
		.replaceAll(/[^\p{L}\p{N} _-]/gu, "")
		.replaceAll(" ", "-");
}

function withoutCode(markdown: string): string {
	const blank = (text: string) => text.replaceAll(/[^\n]/g, " ");
	return markdown.replaceAll(/^```[\s\S]*?^```/gm, blank).replaceAll(/`[^`\n]*`/g, blank);
}

function anchors(markdown: string): string[] {
	return [...markdown.matchAll(/^#{1,6} (.+)$/gm)].map((match) => anchor(match[1] ?? ""));
}

/** Relative links of a Markdown file: the target exists, and so does its heading. */
export function links(path: string, text: string, read: (path: string) => string | undefined): Finding[] {
	const found: Finding[] = [];
	for (const match of withoutCode(text).matchAll(/(?:\]\(|(?:src|href|srcset)=")([^)"\s]+)/g)) {
		const [target = "", fragment] = (match[1] ?? "").split("#");
		if (/^[a-z]+:/.test(target)) continue;
		const line = text.slice(0, match.index).split("\n").length;
		const resolved = target === "" ? path : posix.join(posix.dirname(path), target).replace(/\/$/, "");
		const content = read(resolved);
		if (content === undefined) found.push({ path, line, message: `the link to ${target} leads nowhere` });
		else if (fragment !== undefined && resolved.endsWith(".md") && !anchors(content).includes(fragment)) {
			found.push({ path, line, message: `${resolved} has no heading #${fragment}` });
		}
	}
	return found;
}

const BLOB_LENGTH = 200 * 1024;
const LOCK = "package-lock.json";

/** No file is large but the lock file. */
export function blobs(path: string, length: number): Finding[] {
	return length > BLOB_LENGTH && path !== LOCK ? [{ path, line: 1, message: `a file of ${length} bytes` }] : [];
}

/** What we read of a lock file: packages by their place in node_modules. */
export interface Lock {
	readonly packages: Readonly<Record<string, { readonly optionalDependencies?: Readonly<Record<string, string>> }>>;
}

function isLocked(lock: Lock, place: string, name: string): boolean {
	for (let at: string | undefined = place; at !== undefined; at = parentPlace(at)) {
		if (lock.packages[`${at === "" ? "" : `${at}/`}node_modules/${name}`] !== undefined) return true;
	}
	return false;
}

function parentPlace(place: string): string | undefined {
	const cut = place.lastIndexOf("node_modules/");
	return cut < 0 ? undefined : place.slice(0, cut).replace(/\/$/, "");
}

/** `npm ci` refuses a lock file that leaves out a package, though it be one of another platform. */
export function lockHoles(lock: Lock): Finding[] {
	return Object.entries(lock.packages).flatMap(([place, { optionalDependencies = {} }]) =>
		Object.keys(optionalDependencies)
			.filter((name) => !isLocked(lock, place, name))
			.map((name) => ({ path: LOCK, line: 1, message: `${place} wants ${name}, which is not locked` })),
	);
}

/** What belongs to one machine and to no repository. */
export interface Machine {
	/** Folders of this machine: the checkout, the home folder. */
	readonly folders: readonly string[];
	/** The host of the package registry in use here. */
	readonly registry: string;
}

/** No path of a machine and no registry host in a tracked file. */
export function foreign(path: string, text: string, machine: Machine): Finding[] {
	const found: Finding[] = [];
	text.split("\n").forEach((content, index) => {
		const at = (message: string) => found.push({ path, line: index + 1, message });
		if (/(^|[\s"'`=(:])\/(home|Users)\/\w+/.test(content)) at("a home folder");
		else if (machine.folders.some((folder) => content.includes(folder))) at("a path of this machine");
		if (/https?:\/\/[\w.-]*registry[\w.-]*/.test(content)) at("a registry host");
		else if (machine.registry !== "" && content.includes(machine.registry)) at("the registry host of this machine");
	});
	return found;
}
