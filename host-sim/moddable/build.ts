// `npm run check:moddable`: TypeScript, bytecode and link of each ESP-IDF board by the real SDK, and the image where
// ESP-IDF is here, too; then what they take.

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Build, type Image, imageFolders, linkWords, mcconfigWords } from "./command.js";
import { type Figures, IMAGE, readFigures, render } from "./figures.js";
import { findSdk, type Sdk } from "./sdk.js";
import { idfBoards, json, type Manifest, type Tree, treeAt } from "./tree.js";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../..");
/** Lines of a tool's output that a failure shows. */
const SHOWN_LINES = 15;
const MODULES_PER_DOT = 10;
const EXIT = Object.freeze({ success: 0, failed: 1, usage: 2 });

/** What a run needs of the machine; a test gives its own. */
export interface Surroundings {
	readonly root: string;
	readonly environment: Readonly<Record<string, string | undefined>>;
	readonly say: (text: string) => void;
}

/** Runs a tool and shows a dot for each ten modules it has done; throws with the end of what it said. */
async function runTool(words: readonly string[], folder: string, environment: NodeJS.ProcessEnv, say: Say) {
	const [program = "", ...rest] = words;
	const child = spawn(program, rest, { cwd: folder, env: environment, stdio: ["ignore", "pipe", "pipe"] });
	const end = () => child.kill("SIGKILL");
	process.once("exit", end);
	let output = "";
	let dots = 0;
	const take = (bytes: Buffer) => {
		output += bytes.toString("utf8");
		const reached = Math.floor((output.match(/^# (tsc|xsc) /gm)?.length ?? 0) / MODULES_PER_DOT);
		say(".".repeat(reached - dots));
		dots = reached;
	};
	child.stdout.on("data", take);
	child.stderr.on("data", take);
	const failure = once(child, "error").then(([error]) => (error as Error).message);
	const closed = once(child, "close").then(([code]) => (code === 0 ? undefined : `it ended with exit code ${code}`));
	const fault = await Promise.race([failure, closed]);
	process.off("exit", end);
	if (fault === undefined) return output;
	const shown = output.trimEnd().split("\n").slice(-SHOWN_LINES).join("\n");
	throw new Error(`${words[0]} failed, ${fault}.\n${shown}`);
}

type Say = Surroundings["say"];

async function makeBoard(sdk: Sdk, image: Image, chip: string, at: Surroundings): Promise<Figures> {
	const output = join(at.root, "out/moddable");
	mkdirSync(output, { recursive: true });
	const { temporary, result } = imageFolders(image, output);
	// What an earlier run left must not be counted as this one's.
	for (const path of [join(temporary, "modules"), join(result, IMAGE)]) rmSync(path, { recursive: true, force: true });
	const environment = { ...at.environment, MODDABLE: sdk.folder, PATH: toolPath(sdk, at) } as NodeJS.ProcessEnv;
	at.say(`${image.board}: ${sdk.idf === undefined ? "TypeScript, bytecode, link" : "image"} `);
	let log = await runTool(["mcconfig", ...mcconfigWords(image, "describe", output)], at.root, environment, at.say);
	log +=
		sdk.idf === undefined
			? await runTool(["make", ...linkWords(temporary, chip)], temporary, environment, at.say)
			: await runTool(["mcconfig", ...mcconfigWords(image, "make", output)], at.root, environment, at.say);
	writeFileSync(join(output, `${image.board}.log`), log);
	at.say(" done\n");
	return readFigures(temporary, result, log);
}

/** The SDK's tools, and the TypeScript of this repository, which the SDK has none of. */
function toolPath(sdk: Sdk, at: Surroundings): string {
	return [sdk.tools, join(at.root, "node_modules/.bin"), at.environment.PATH ?? ""].join(delimiter);
}

function commitOf(root: string): string {
	const git = (...words: string[]) =>
		execFileSync("git", words, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
	try {
		const changed = git("status", "--porcelain", "--untracked-files=no") !== "";
		return `${git("rev-parse", "--short=7", "HEAD")}${changed ? "+" : ""}`;
	} catch {
		return "unknown";
	}
}

function chosenBoards(words: readonly string[], tree: Tree): string[] {
	const known = idfBoards(tree);
	for (const word of words)
		if (!known.includes(word)) throw new Error(`${word} is no board of ours; there are ${known.join(", ")}.`);
	return words.length > 0 ? [...words] : known;
}

/** Makes the boards that are named, or all; returns the exit code. */
export async function buildBoards(words: readonly string[], at: Surroundings): Promise<number> {
	const rows: [string, Figures][] = [];
	const tree = treeAt(at.root);
	let sdk: Sdk;
	let boards: string[];
	try {
		sdk = findSdk(at.environment);
		boards = chosenBoards(words, tree);
	} catch (error) {
		at.say(`${(error as Error).message}\n`);
		return EXIT.usage;
	}
	at.say(`Moddable SDK ${sdk.version}, ${sdk.idf === undefined ? "no ESP-IDF (IDF_PATH is not set)" : sdk.idf}\n`);
	if (sdk.warning !== undefined) at.say(`${sdk.warning}\n`);
	const build: Build = "release";
	const commit = commitOf(at.root);
	for (const board of boards) {
		const chip = json<Manifest>(tree, `boards/${board}/manifest.json`).build?.ESP32_SUBCLASS ?? "esp32";
		try {
			rows.push([board, await makeBoard(sdk, { board, build, commit }, chip, at)]);
		} catch (error) {
			at.say(`\n${board}: ${(error as Error).message}\n`);
			return EXIT.failed;
		}
	}
	at.say(`\n${render(rows)}`);
	if (rows.some(([, { unfrozen }]) => unfrozen > 0))
		at.say("Each object that is preloaded and not frozen takes a pointer of RAM; out/moddable/BOARD.log names them.\n");
	return EXIT.success;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const say = (text: string) => void process.stderr.write(text);
	process.exitCode = await buildBoards(process.argv.slice(2), { root: ROOT, environment: process.env, say });
}
