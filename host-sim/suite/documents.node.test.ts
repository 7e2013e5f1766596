// What the documents show is what the code does: their TypeScript compiles as if it stood in the tree.

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { assert, suite } from "#suite";

const ROOT = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

interface Block {
	readonly path: string;
	readonly text: string;
}

/** Code blocks that follow a path in backticks and a colon. */
function blocks(markdown: string): Block[] {
	const found = markdown.matchAll(/`([\w/.-]+\.ts)`:\n\n```ts\n([\s\S]*?)^```$/gm);
	return [...found].map(([, path = "", text = ""]) => ({ path, text }));
}

/** What the compiler says of the blocks, laid over the tree; "" when all is well. */
function compile(files: readonly Block[]): string {
	mkdirSync(`${ROOT}/out`, { recursive: true });
	const folder = mkdtempSync(`${ROOT}/out/documents-`);
	try {
		for (const { path, text } of files) {
			mkdirSync(dirname(`${folder}/${path}`), { recursive: true });
			writeFileSync(`${folder}/${path}`, text);
		}
		const compilerOptions = { rootDirs: [ROOT, folder] };
		const config = { extends: `${ROOT}/tsconfig.json`, compilerOptions, include: [`${folder}/firmware`], exclude: [] };
		writeFileSync(`${folder}/tsconfig.json`, JSON.stringify(config));
		execFileSync(process.execPath, [`${ROOT}/node_modules/typescript/bin/tsc`, "-p", folder], { encoding: "utf8" });
		return "";
	} catch (error) {
		return (error as { stdout?: string }).stdout || String(error);
	} finally {
		rmSync(folder, { recursive: true });
	}
}

const test = suite("suite/documents");

test("the TypeScript of CONTRIBUTING compiles", () => {
	const found = blocks(readFileSync(`${ROOT}/CONTRIBUTING.md`, "utf8"));
	assert.is(found.length, 2);
	assert.is(compile(found), "");
});

test("a fault in a document is seen", () => {
	const text = 'import { limits } from "../limits.js";\nexport const length: string = limits.blockLength;\n';
	assert.match(compile([{ path: "firmware/examples/wrong.ts", text }]), "TS2322");
});

test("the README names the line that .ci/run proves, and starts with it", () => {
	const readme = readFileSync(`${ROOT}/README.md`, "utf8");
	assert.match(readme, /^npm ci && npm start$/m);
	assert.match(readme, /^npm ci && npm test$/m);
	assert.ok(readme.trimEnd().split("\n").length <= 190);
});

test.run();
