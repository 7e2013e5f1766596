// TypeScript to bytecode, one module a file as on the device, and the list of modules that a run of the engine needs.

import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { build, transform, version } from "esbuild";
import { buildCompiler, buildEngine, type Variant } from "./build.js";
import { fingerprint, OUT, ROOT } from "./objects.js";

/** A module to be compiled: its specifier, and its JavaScript with a source map. */
export interface Source {
	readonly name: string;
	readonly code: string;
	readonly map?: string | undefined;
}

/** A compiled module. */
export interface Bytecode {
	/** The specifier by which others import it: `firmware/bytes.js`. */
	readonly name: string;
	readonly file: string;
}

/** The modules of the host, by specifier; files of host-sim/engine/modules. */
const HOST_MODULES: Record<string, string> = {
	"embedded:io/serial": "serial.js",
	"embedded:io/socket/udp": "udp.js",
	"embedded:io/socket/tcp": "tcp.js",
	"embedded:network/dns/resolver/udp": "resolver.js",
	"embedded:storage/flash": "flash.js",
	timer: "timer.js",
	time: "time.js",
	"mc/config": "config.js",
	"pinhole/tls": "tls.js",
	"pinhole/random": "random.js",
	"pinhole/primitives": "primitives.js",
	"pinhole/network-interface": "network-interface.js",
	"pinhole/device": "device.js",
	"pinhole/process": "process.js",
	"pinhole/measure": "measure.js",
	"pinhole/web": "web.js",
};
/** What the test tools find in a browser or in Node, here imported, so that it is no global of the firmware. */
const TOOL_BANNER = 'import { console, setTimeout, clearTimeout } from "pinhole/web";';

const run = promisify(execFile);

/** Every module that a device preloads: all of firmware/ but its tests. */
export function firmwareModules(): string[] {
	return readdirSync(join(ROOT, "firmware"), { recursive: true, encoding: "utf8" })
		.filter((path) => path.endsWith(".ts") && !path.endsWith(".d.ts"))
		.filter((path) => !/^(tests|typings)\//.test(path))
		.map((path) => `firmware/${path}`)
		.sort();
}

function moduleName(path: string): string {
	return path.replace(/\.ts$/, ".js");
}

const transformed = new Map<string, Promise<Source>>();

/** A file of the repository as JavaScript; types go, nothing else changes. */
function readSource(path: string): Promise<Source> {
	let source = transformed.get(path);
	if (source === undefined) {
		const options = { loader: "ts", format: "esm", target: "es2022", sourcefile: path, sourcemap: "external" } as const;
		const tsconfigRaw = { compilerOptions: { verbatimModuleSyntax: true } };
		source = transform(readFileSync(join(ROOT, path), "utf8"), { ...options, tsconfigRaw, sourcesContent: false }).then(
			// A file of types only is an empty module; XS does not take its empty map.
			({ code, map }) => ({ name: moduleName(path), code, map: code === "" ? undefined : map }),
		);
		transformed.set(path, source);
	}
	return source;
}

/** What tests import by name: the file or package that is bundled with all that it needs into one module. */
const TEST_TOOLS: Readonly<Record<string, string>> = {
	"#native": join(ROOT, "host-sim/crypto/native-xs.ts"),
	"#suite": join(ROOT, "host-sim/suite/suite.ts"),
	"fast-check": "fast-check",
};

/** A test tool as one module. */
function readTool(name: string): Promise<Source> {
	let source = transformed.get(name);
	if (source === undefined) {
		source = build({
			entryPoints: [TEST_TOOLS[name]!],
			bundle: true,
			write: false,
			format: "esm",
			target: "es2022",
			platform: "neutral",
			mainFields: ["module", "main"],
			external: ["pinhole/*"],
			banner: { js: TOOL_BANNER },
			absWorkingDir: ROOT,
		}).then(({ outputFiles }) => ({ name, code: outputFiles[0]!.text, map: undefined }));
		transformed.set(name, source);
	}
	return source;
}

/** An import or re-export, an import for its effects, a dynamic import of a literal: as esbuild prints them. */
const IMPORT = /^(?:import|export)\b[^"';]*?\bfrom\s*"([^"]+)"|^import\s*"([^"]+)"|\bimport\("([^"]+)"\)/gm;

function importsOf(code: string): string[] {
	return [...code.matchAll(IMPORT)].map((match) => (match[1] ?? match[2] ?? match[3])!);
}

function resolve(from: string, specifier: string): string {
	return join(from, "..", specifier).replace(/\.js$/, ".ts");
}

/** The modules that an entry needs beside the preloaded ones, itself included. */
async function collect(entry: string, preloaded: ReadonlySet<string>): Promise<Source[]> {
	const found = new Map<string, Source>();
	const waiting = [entry];
	for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
		if (found.has(path) || preloaded.has(path)) continue;
		if (path in TEST_TOOLS) {
			found.set(path, await readTool(path));
			continue;
		}
		const source = await readSource(path);
		found.set(path, source);
		for (const specifier of importsOf(source.code)) {
			if (specifier.startsWith(".")) waiting.push(resolve(path, specifier));
			else if (specifier in TEST_TOOLS) waiting.push(specifier);
		}
	}
	return [...found.values()];
}

/** Makes file names unique when one process compiles the same source twice at the same time. */
let compilations = 0;

/** Compiles what is not compiled yet; the result is named by the hash of what it is made from. */
async function compile(compiler: string, sources: readonly Source[], lines: boolean): Promise<Bytecode[]> {
	const folder = join(OUT, "bytecode");
	mkdirSync(folder, { recursive: true });
	const jobs: string[] = [];
	const finished: [string, string][] = [];
	const result = sources.map((source) => {
		const key = fingerprint(version, compiler, lines ? "lines" : "", source.name, source.code, source.map ?? "");
		const stem = join(folder, key);
		const file = `${stem}.xsb`;
		if (!existsSync(file)) {
			const own = `${process.pid}.${++compilations}`;
			const fresh = `${stem}.${own}`;
			const mapName = `${key}.${own}.map`;
			const comment = source.map === undefined ? "" : `//# sourceMappingURL=${mapName}\n`;
			writeFileSync(`${fresh}.js`, source.code + comment);
			if (source.map !== undefined) writeFileSync(join(folder, mapName), source.map);
			jobs.push(`${fresh}.js`, source.name, `${fresh}.xsb`);
			finished.push([`${fresh}.xsb`, file]);
		}
		return { name: source.name, file };
	});
	if (jobs.length > 0) {
		try {
			await run(compiler, [...(lines ? ["--lines"] : []), ...jobs]);
		} catch (error) {
			throw new Error(`XS cannot compile: ${(error as { stderr?: string }).stderr ?? error}`);
		}
	}
	for (const [from, to] of finished) renameSync(from, to);
	return result;
}

/** Compiles files of the repository as the device would have them: without line numbers. */
export async function compileFiles(variant: Variant, paths: readonly string[]): Promise<Bytecode[]> {
	const { compiler } = await buildEngine(variant);
	return compile(compiler, await Promise.all(paths.map(readSource)), false);
}

/** The modules of an image: those of the host, those frozen into its root, those that its clone loads. */
export interface ImageModules {
	readonly host: readonly Bytecode[];
	readonly preload: readonly Bytecode[];
	readonly load: readonly Bytecode[];
}

/**
 * An entry file and all that it imports, as a board has them; where `preload` is given, only that is frozen, and the
 * rest loaded. The entry comes last.
 */
export async function compileImage(
	entry: string,
	host: readonly Source[],
	preload?: readonly string[],
): Promise<ImageModules> {
	const compiler = await buildCompiler();
	const all = async (sources: readonly Source[]) => await compile(compiler, sources, false);
	const [main, ...imported] = await collect(entry, new Set(preload));
	const found = [...imported, main!];
	const frozen = preload === undefined ? found : await Promise.all(preload.map(readSource));
	return { host: await all(host), preload: await all(frozen), load: preload === undefined ? [] : await all(found) };
}

/** Writes the list that the host reads for one entry file; returns its path and the name of the entry's module. */
export async function prepare(
	variant: Variant,
	entry: string,
	preload: readonly string[],
	lines: boolean,
): Promise<{ list: string; main: string }> {
	const { compiler } = await buildEngine(variant);
	const hostModules = Object.entries(HOST_MODULES).map(([name, file]) => ({
		name,
		code: readFileSync(join(ROOT, "host-sim/engine/modules", file), "utf8"),
		map: undefined,
	}));
	const sections = {
		host: hostModules,
		preload: await Promise.all(preload.map(readSource)),
		load: await collect(entry, new Set(preload)),
	};
	let text = "";
	for (const [kind, sources] of Object.entries(sections))
		for (const { name, file } of await compile(compiler, sources, lines)) text += `${kind} ${name} ${file}\n`;
	const list = join(OUT, "lists", fingerprint(text));
	if (!existsSync(list)) {
		mkdirSync(join(OUT, "lists"), { recursive: true });
		writeFileSync(`${list}.${process.pid}`, text);
		renameSync(`${list}.${process.pid}`, list);
	}
	return { list, main: moduleName(entry) };
}
