// Eclipse Leshan as a back end: its published libraries, fetched by Maven, checked against checksums.sha256, and
// started with the HTTP API of its demo server. What is fetched and compiled stays under out/leshan/VERSION.

import { execFile, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { withLock } from "../../host-sim/engine/lock.js";
import { PeerProcess } from "../process.js";
import { objectModels } from "./models.js";

/** The newest one, and the newest one whose OSCORE is published, too. */
export type LeshanVersion = "2.0.0-M18" | "2.0.0-M15";

const HERE = fileURLToPath(new URL(".", import.meta.url));

/** Where one version is. */
class Place {
	readonly sources: string;
	readonly out: string;
	readonly libraries: string;
	readonly classes: string;
	readonly models: string;

	constructor(version: LeshanVersion) {
		this.sources = `${HERE}${version}/`;
		this.out = fileURLToPath(new URL(`../../out/leshan/${version}/`, import.meta.url));
		this.libraries = `${this.out}lib`;
		this.classes = `${this.out}classes`;
		this.models = `${this.out}models.json`;
	}
}

const COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies";
/** The language level of java/. */
const JAVA_VERSION = 17;

const run = promisify(execFile);

/**
 * Fetches what is missing and compiles what is new; gives the reason, in one sentence, where that cannot be done here.
 * Throws where what was fetched is not what was pinned.
 */
export async function installLeshan(version: LeshanVersion = "2.0.0-M18"): Promise<string | undefined> {
	const java = /^javac (\d+)/.exec(spawnSync("javac", ["-version"], { encoding: "utf8" }).stdout ?? "")?.[1];
	if (java === undefined) return "there is no Java compiler (Debian package openjdk-17-jdk-headless)";
	if (Number(java) < JAVA_VERSION) return `Java ${java} is too old: ${JAVA_VERSION} is needed`;
	const place = new Place(version);
	mkdirSync(place.out, { recursive: true });
	return withLock(`${place.out}lock`, () => prepare(place));
}

/** Starts an installed Leshan on free ports of 127.0.0.1: the newest one without security, or with OSCORE. */
export function startLeshan(credentials?: string): Promise<PeerProcess> {
	const { classes, libraries, models } = new Place(credentials === undefined ? "2.0.0-M18" : "2.0.0-M15");
	const words = ["java", "-cp", `${classes}:${libraries}/*`, "pinhole.Peer", models];
	return PeerProcess.start(credentials === undefined ? words : [...words, credentials]);
}

async function prepare(place: Place): Promise<string | undefined> {
	if (problemWithLibraries(place) !== undefined) {
		const reason = await fetchLibraries(place);
		if (reason !== undefined) return reason;
		const problem = problemWithLibraries(place);
		if (problem !== undefined) throw new Error(`Leshan's libraries are not the pinned ones: ${problem}`);
	}
	writeFileSync(place.models, JSON.stringify(objectModels()));
	await compile(place);
	return undefined;
}

/** The first library that is missing, or is not what was pinned; undefined when all are right. */
function problemWithLibraries({ sources, libraries }: Place): string | undefined {
	for (const line of readFileSync(`${sources}checksums.sha256`, "utf8").trimEnd().split("\n")) {
		const [wanted, name] = line.split("  ");
		const file = `${libraries}/${name}`;
		if (!existsSync(file)) return `${name} is missing`;
		const found = createHash("sha256").update(readFileSync(file)).digest("hex");
		if (found !== wanted) return `${name} has the SHA-256 ${found}`;
	}
	return undefined;
}

async function fetchLibraries({ sources, libraries }: Place): Promise<string | undefined> {
	if (spawnSync("mvn", ["--version"]).error) return "there is no Maven to fetch Leshan with (Debian package maven)";
	rmSync(libraries, { recursive: true, force: true });
	const settings = [`-DoutputDirectory=${libraries}`, "-DincludeScope=runtime"];
	try {
		await run("mvn", ["-B", "-q", "-f", `${sources}pom.xml`, COPY, ...settings]);
		return undefined;
	} catch {
		return "Maven could not fetch Leshan's libraries: is Maven Central within reach?";
	}
}

/** Compiles java/ and what belongs to the version, unless just that has been compiled already. */
async function compile({ sources, libraries, classes }: Place): Promise<void> {
	const files = [`${HERE}java/`, sources]
		.flatMap((folder) => readdirSync(folder).map((name) => `${folder}${name}`))
		.filter((name) => name.endsWith(".java"));
	const hash = createHash("sha256");
	for (const file of [...files, `${sources}checksums.sha256`]) hash.update(readFileSync(file));
	const stamp = `${classes}/${hash.digest("hex").slice(0, 16)}`;
	if (existsSync(stamp)) return;
	rmSync(classes, { recursive: true, force: true });
	mkdirSync(classes, { recursive: true });
	await run("javac", ["-d", classes, "-cp", `${libraries}/*`, ...files]);
	writeFileSync(stamp, "");
}
