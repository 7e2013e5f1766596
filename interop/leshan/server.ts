// Eclipse Leshan as a back end: its published libraries, fetched by Maven, checked against checksums.sha256, and
// started with the HTTP API of its demo server. What is fetched and compiled stays under out/leshan.

import { execFile, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { withLock } from "../../host-sim/engine/lock.js";
import { PeerProcess } from "../process.js";
import { objectModels } from "./models.js";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const OUT = fileURLToPath(new URL("../../out/leshan/", import.meta.url));
const LIBRARIES = `${OUT}lib`;
const CLASSES = `${OUT}classes`;
const MODELS = `${OUT}models.json`;

const COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies";
/** The language level of java/. */
const JAVA_VERSION = 17;

const run = promisify(execFile);

/**
 * Fetches what is missing and compiles what is new; gives the reason, in one sentence, where that cannot be done here.
 * Throws where what was fetched is not what was pinned.
 */
export async function installLeshan(): Promise<string | undefined> {
	const version = /^javac (\d+)/.exec(spawnSync("javac", ["-version"], { encoding: "utf8" }).stdout ?? "")?.[1];
	if (version === undefined) return "there is no Java compiler (Debian package openjdk-17-jdk-headless)";
	if (Number(version) < JAVA_VERSION) return `Java ${version} is too old: ${JAVA_VERSION} is needed`;
	mkdirSync(OUT, { recursive: true });
	return withLock(`${OUT}lock`, prepare);
}

/** Starts an installed Leshan on free ports of 127.0.0.1. */
export function startLeshan(onLog?: (line: string) => void): Promise<PeerProcess> {
	const words = ["java", "-cp", `${CLASSES}:${LIBRARIES}/*`, "pinhole.Peer", MODELS];
	return PeerProcess.start(words, onLog === undefined ? {} : { onLog });
}

async function prepare(): Promise<string | undefined> {
	if (problemWithLibraries() !== undefined) {
		const reason = await fetchLibraries();
		if (reason !== undefined) return reason;
		const problem = problemWithLibraries();
		if (problem !== undefined) throw new Error(`Leshan's libraries are not the pinned ones: ${problem}`);
	}
	writeFileSync(MODELS, JSON.stringify(objectModels()));
	await compile();
	return undefined;
}

/** The first library that is missing, or is not what was pinned; undefined when all are right. */
function problemWithLibraries(): string | undefined {
	for (const line of readFileSync(`${HERE}checksums.sha256`, "utf8").trimEnd().split("\n")) {
		const [wanted, name] = line.split("  ");
		const file = `${LIBRARIES}/${name}`;
		if (!existsSync(file)) return `${name} is missing`;
		const found = createHash("sha256").update(readFileSync(file)).digest("hex");
		if (found !== wanted) return `${name} has the SHA-256 ${found}`;
	}
	return undefined;
}

async function fetchLibraries(): Promise<string | undefined> {
	if (spawnSync("mvn", ["--version"]).error) return "there is no Maven to fetch Leshan with (Debian package maven)";
	rmSync(LIBRARIES, { recursive: true, force: true });
	const settings = [`-DoutputDirectory=${LIBRARIES}`, "-DincludeScope=runtime"];
	try {
		await run("mvn", ["-B", "-q", "-f", `${HERE}pom.xml`, COPY, ...settings]);
		return undefined;
	} catch {
		return "Maven could not fetch Leshan's libraries: is Maven Central within reach?";
	}
}

/** Compiles java/ unless just that has been compiled already. */
async function compile(): Promise<void> {
	const sources = readdirSync(`${HERE}java`).map((name) => `${HERE}java/${name}`);
	const hash = createHash("sha256");
	for (const file of [...sources, `${HERE}checksums.sha256`]) hash.update(readFileSync(file));
	const stamp = `${CLASSES}/${hash.digest("hex").slice(0, 16)}`;
	if (existsSync(stamp)) return;
	rmSync(CLASSES, { recursive: true, force: true });
	mkdirSync(CLASSES, { recursive: true });
	await run("javac", ["-d", CLASSES, "-cp", `${LIBRARIES}/*`, ...sources]);
	writeFileSync(stamp, "");
}
