// The tidy test: what the architecture and the style demand, held by rules on a real parser. Every rule first has to
// find what its negative fixtures hold; only then its silence about the tree means something.

import { type ExecFileSyncOptionsWithStringEncoding, execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { assert, suite } from "#suite";
import { walk } from "./files.js";
import { directions } from "./rules/directions.js";
import { engine } from "./rules/engine.js";
import * as fixtures from "./rules/fixtures.js";
import { hotPath } from "./rules/hot-path.js";
import { moduleLevel } from "./rules/module-level.js";
import { sansIo } from "./rules/sans-io.js";
import { functionSizes, textSizes } from "./rules/sizes.js";
import { type Finding, parse, type Rule, type Source } from "./rules/source.js";
import { blobs, foreign, type Lock, links, lockHoles, type Machine, mirror } from "./rules/tree.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

const QUIET: ExecFileSyncOptionsWithStringEncoding = { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] };

const RULES: readonly [name: string, rule: Rule, rows: readonly fixtures.Row[]][] = [
	["the core is sans-IO", sansIo, fixtures.SANS_IO],
	["hot paths hide no allocation", hotPath, fixtures.HOT_PATH],
	["module level is never written", moduleLevel, fixtures.MODULE_LEVEL],
	["nothing is used that XS lacks", engine, fixtures.ENGINE],
	["imports point downwards", directions, fixtures.DIRECTIONS],
	["functions are short", functionSizes, fixtures.FUNCTION_SIZES],
	["lines and files are short", ({ path, text }) => textSizes(path, text), fixtures.TEXT_SIZES],
];

function read(path: string): string {
	return readFileSync(`${ROOT}/${path}`, "utf8");
}

function none(findings: readonly Finding[]): void {
	const list = findings.map(({ path, line, message }) => `${path}:${line}: ${message}`);
	if (list.length > 0) assert.unreachable(`${list.length} found\n${list.join("\n")}`);
}

/** Tracked files and those that will be: all that git does not ignore. Without git, the source folders. */
function trackedFiles(): string[] {
	try {
		const listed = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "-z"], { ...QUIET, cwd: ROOT });
		return listed.split("\0").filter((path) => path !== "" && existsSync(`${ROOT}/${path}`));
	} catch {
		return walk(ROOT, ".");
	}
}

function thisMachine(): Machine {
	const folders = [ROOT, dirname(ROOT), homedir()].filter(
		(folder) => !["/", "/tmp", "/root", "/home"].includes(folder),
	);
	const registry = new URL(execFileSync("npm", ["config", "get", "registry"], QUIET).trim()).host;
	return { folders: folders.map((folder) => `${folder}/`), registry };
}

const tracked = trackedFiles();
const texts = tracked.filter((path) => /\.(ts|js|c|h|json|md|svg|html|css|sh)$|(^|\/)[\w.-]+$/.test(path));
const sources: Source[] = [];
const unreadable: Finding[] = [];
for (const path of tracked) {
	if (!/^(boards|firmware|hil-tests|host-sim|interop)\/.*\.[jt]s$/.test(path)) continue;
	try {
		sources.push(parse(path, read(path)));
	} catch (error) {
		unreadable.push({ path, line: 1, message: String(error) });
	}
}

const test = suite("suite/tidy");

test("every source can be parsed", () => none(unreadable));

for (const [name, rule, rows] of RULES) {
	test(`${name}: the rule fires on its fixtures, and only there`, () => {
		for (const [path, text, message] of rows) {
			const found = rule(parse(path, text)).map((finding) => finding.message);
			const shown = `${path}: ${text.slice(0, 100)}\nexpected "${message}", found ${JSON.stringify(found)}`;
			assert.is(found.length, message === "" ? 0 : 1, shown);
			if (message !== "") assert.ok(found[0]?.includes(message), shown);
		}
	});
	test(name, () => none(sources.flatMap(rule)));
}

test("lines of C are short", () => {
	const written = tracked.filter((path) => /^(boards|host-sim)\/.*\.[ch]$/.test(path));
	none(written.flatMap((path) => textSizes(path, read(path))));
});

test("firmware tests mirror sources", () => {
	const paths = [
		"firmware/coap/message.ts",
		"firmware/tests/coap/message.test.ts",
		"firmware/tests/agent/story.test.ts",
	];
	assert.is(mirror(new Set(paths)).length, 0);
	assert.is(mirror(new Set(["firmware/coap/message.ts", "firmware/tests/coap/massage.test.ts"])).length, 1);
	assert.is(mirror(new Set(["firmware/link-format.ts", "firmware/tests/link-format-long-lines.test.ts"])).length, 0);
	assert.is(mirror(new Set(["firmware/link-format.ts", "firmware/tests/link.test.ts"])).length, 1);
	const formats = "firmware/tests/lwm2m/formats/formats.property.test.ts";
	assert.is(mirror(new Set(["firmware/lwm2m/formats/tlv.ts", formats])).length, 0);
	assert.is(mirror(new Set(["firmware/lwm2m/path.ts", formats])).length, 1);
	assert.is(mirror(new Set(["firmware/tests/coap/message.property.test.ts"])).length, 1);
	none(mirror(new Set(tracked)));
});

test("links in Markdown lead somewhere", () => {
	const files: Record<string, string> = { "README.md": "# What you see\n", docs: "", "docs/a.md": "" };
	const check = (text: string) => links("docs/a.md", text, (path) => files[path]).map(({ message }) => message);
	assert.equal(check("[b](b.md)"), ["the link to b.md leads nowhere"]);
	assert.equal(check('<img src="b.svg">'), ["the link to b.svg leads nowhere"]);
	assert.equal(check("[r](../README.md#what-i-see)"), ["README.md has no heading #what-i-see"]);
	assert.equal(check("[r](../README.md#what-you-see) [f](../docs/) [w](https://example.org) `[c](c.md)`"), []);
	const content = (path: string) => {
		const full = `${ROOT}/${path}`;
		return existsSync(full) ? (statSync(full).isFile() ? read(path) : "") : undefined;
	};
	none(tracked.filter((path) => path.endsWith(".md")).flatMap((path) => links(path, read(path), content)));
});

test("no large file is tracked", () => {
	assert.is(blobs("a.bin", 300_000).length, 1);
	assert.is(blobs("package-lock.json", 300_000).length, 0);
	none(tracked.flatMap((path) => blobs(path, statSync(`${ROOT}/${path}`).size)));
});

test("the lock file leaves out no package of any platform", () => {
	const wants = { optionalDependencies: { b: "1" } };
	const holes = (packages: Lock["packages"]) => lockHoles({ packages }).length;
	assert.is(holes({ "": {}, "node_modules/a": wants }), 1);
	assert.is(holes({ "": {}, "node_modules/a": wants, "node_modules/c/node_modules/b": {} }), 1);
	assert.is(holes({ "": {}, "node_modules/a": wants, "node_modules/b": {} }), 0);
	assert.is(holes({ "": {}, "node_modules/a": wants, "node_modules/a/node_modules/b": {} }), 0);
	assert.is(holes({ "": {}, "node_modules/c/node_modules/@s/a": wants, "node_modules/c/node_modules/b": {} }), 0);
	none(lockHoles(JSON.parse(read("package-lock.json")) as Lock));
});

test("nothing of one machine is tracked", () => {
	const machine: Machine = { folders: ["/checkout/here/"], registry: "packages.example" };
	const messages = (text: string) => foreign("a.ts", text, machine).map(({ message }) => message);
	assert.equal(messages('const a = "/checkout/here/a";'), ["a path of this machine"]);
	assert.equal(messages(`cd ${"/home"}/someone/pinhole`), ["a home folder"]);
	assert.equal(messages(`"resolved": "https://${"registry"}.example.org/a.tgz"`), ["a registry host"]);
	assert.equal(messages("https://packages.example/a"), ["the registry host of this machine"]);
	assert.equal(messages("GET /rd?ep=home and https://example.org/"), []);
	const here = thisMachine();
	none(texts.flatMap((path) => foreign(path, read(path), here)));
});

test.run();
