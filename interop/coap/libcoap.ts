// libcoap's example programs as foreign client and server.

import { execFile, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
	type Condition,
	type ForeignClient,
	type ForeignReply,
	type ForeignServer,
	freePort,
	until,
} from "./foreign.js";

const CLIENT = "coap-client-notls";
const SERVER = "coap-server-notls";
const NUMBERS: Readonly<Record<Condition, number>> = { "If-Match": 1, ETag: 4, "If-None-Match": 5 };
const WAIT_SECONDS = "12";
/** Long enough for whatever a case tells the client meanwhile. */
const OBSERVE_SECONDS = "3";

/** Why libcoap's programs are not here; undefined when they are. */
export function missingLibcoap(): string | undefined {
	const absent = [CLIENT, SERVER].filter((name) => spawnSync(name, ["-v"]).error !== undefined);
	return absent.length === 0 ? undefined : `${absent.join(" and ")} not installed (Debian package libcoap3-bin)`;
}

function uri(port: number, path: string): string {
	return `coap://127.0.0.1:${port}${path}`;
}

/** What coap-client -v 6 prints for the last message that is no Empty one. */
function parseLibcoap(output: string): ForeignReply {
	const responses = [...output.matchAll(/^v:1 t:(?:ACK|CON|NON) c:(\d\.\d\d) .*?\[ (.*?)\](?: ::|$)/gm)];
	const [, code = "", options = ""] = responses.at(-1) ?? [];
	const format = /Content-Format:([\w/+.-]+)/.exec(options)?.[1];
	const all = (name: string): string[] =>
		[...options.matchAll(new RegExp(`${name}:([^,\\s]+)`, "g"))].map(([, value]) => value!);
	const path = all("Location-Path").map((one) => `/${one}`);
	const query = all("Location-Query").join("&");
	const [entityTag] = all("ETag");
	return {
		code,
		payload: "",
		...(format === undefined ? {} : { contentFormat: format }),
		...(path.length === 0 ? {} : { location: path.join("") + (query === "" ? "" : `?${query}`) }),
		...(entityTag === undefined ? {} : { entityTag: Buffer.from(entityTag.slice(2), "hex").toString() }),
	};
}

export const libcoapClient: ForeignClient = {
	async ask(port, { method, path, confirmable = true, payload, accept, token, blockLength, conditions = {} }) {
		const args = [
			...["-m", method.toLowerCase(), "-v", "6", "-B", WAIT_SECONDS],
			...(confirmable ? [] : ["-N"]),
			...(payload === undefined ? [] : ["-e", encodeURIComponent(payload)]),
			...(accept === undefined ? [] : ["-A", String(accept)]),
			...(token === undefined ? [] : ["-T", token]),
			...(blockLength === undefined ? [] : ["-b", String(blockLength)]),
			...Object.entries(conditions).flatMap(([name, value]) => ["-O", `${NUMBERS[name as Condition]},${value}`]),
		];
		// The program mixes log and payload on its standard output: the payload goes to a file.
		const folder = mkdtempSync(join(tmpdir(), "pinhole-"));
		try {
			const file = join(folder, "payload");
			const log = await run(CLIENT, [...args, "-o", file, uri(port, path)]);
			return { ...parseLibcoap(log), payload: existsSync(file) ? readFileSync(file, "utf8") : "" };
		} finally {
			rmSync(folder, { recursive: true });
		}
	},
	observe(port, path) {
		const child = spawn(CLIENT, ["-s", OBSERVE_SECONDS, "-w", "-v", "1", uri(port, path)], {
			stdio: ["ignore", "pipe", "ignore"],
		});
		let output = "";
		child.stdout.setEncoding("utf8").on("data", (piece: string) => {
			output += piece;
		});
		const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
		return {
			heard: (count) => until(() => output.split("\n").slice(0, -1), count),
			// At the end of its time it asks the server to stop; a signal would end it without a word.
			stop: () => ended,
		};
	},
};

function run(program: string, args: readonly string[]): Promise<string> {
	return new Promise((resolve, reject) => {
		execFile(program, args, { maxBuffer: 1 << 22 }, (error, stdout, stderr) => {
			if (error !== null) reject(error);
			else resolve(stdout + stderr);
		});
	});
}

/** libcoap's example server: /time, /async, /example_data and what is PUT there; `lossy` loses its first datagram. */
export async function startLibcoapServer(options: { lossy?: boolean; nonConfirmable?: boolean } = {}) {
	const port = await freePort();
	const flags = [...(options.lossy === true ? ["-l", "1"] : []), ...(options.nonConfirmable === true ? ["-N"] : [])];
	const child = spawn(SERVER, ["-A", "127.0.0.1", "-p", String(port), "-d", "40", ...flags], { stdio: "ignore" });
	const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
	const kill = (): void => void child.kill("SIGKILL");
	process.once("exit", kill);
	if (options.lossy === true) await new Promise((resolve) => setTimeout(resolve, 300));
	else await libcoapClient.ask(port, { method: "GET", path: "/" });
	const server: ForeignServer = {
		port,
		async close() {
			child.kill("SIGTERM");
			await ended;
			process.off("exit", kill);
		},
	};
	return server;
}
