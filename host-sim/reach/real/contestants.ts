// Who keeps a line open through a real NAT: our device, and what its users would take instead.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { EXIT } from "../../cli/shared.js";
import { BACKEND_ADDRESS, type LinuxGateway } from "../../nat/linux-gateway.js";
import { PinholeProcess, runPinhole } from "../../story/process.js";
import { isThere, Program, runProgram } from "./process.js";

/** A line from inside to outside, and a way to ask whether it still is one. */
export interface Line {
	/** True when something that was said outside arrives inside within the time. */
	ask(timeoutMs: number): Promise<boolean>;
	close(): Promise<void>;
}

export interface Contestant {
	readonly name: string;
	/** It measures its binding, which takes time; the others do what they were told. */
	readonly learns: boolean;
	/** The programs it needs beside Node. */
	readonly programs: readonly string[];
	open(gateway: LinuxGateway): Promise<Line>;
}

/** The seconds after which both foreign clients speak by themselves: below the 30 s of most NATs. */
const FOREIGN_KEEPALIVE = 25;
const READY_MS = 60_000;
const ENDPOINT = "behind-linux";

/** What this machine lacks for a contestant; empty: nothing. */
export function missingPrograms({ programs }: Contestant): string[] {
	return programs.filter((program) => !isThere(program));
}

/** Our device with keys and our back end; `care` are further words of `pinhole device`. */
function pinhole(name: string, care: readonly string[]): Contestant {
	return {
		name,
		learns: true,
		programs: [],
		open: async (gateway) => {
			const folder = mkdtempSync(join(tmpdir(), "pinhole-real-"));
			const processes: PinholeProcess[] = [];
			const close = async (): Promise<void> => {
				for (const one of processes.reverse()) await one.stop();
				rmSync(folder, { recursive: true });
			};
			try {
				const keys = join(folder, "keys.json");
				const own = join(folder, "own.json");
				await runPinhole(["credentials", "new", ENDPOINT, "--file", keys, "--device", own]);
				const places = ["--coap", `${BACKEND_ADDRESS}:0`, "--http", "127.0.0.1:0"];
				const words = ["backend", "--credentials", keys, ...places];
				const backend = await PinholeProcess.start(words, { prefix: gateway.onBackend });
				processes.push(backend);
				const server = ["--server", `coap://${backend.place("coap")}`, "--endpoint", ENDPOINT, "--oscore", own];
				const device = ["device", ...server, "--lifetime", "86400", ...care];
				processes.push(await PinholeProcess.start(device, { prefix: gateway.onDevice }));
				const ask = async (timeoutMs: number): Promise<boolean> => {
					const where = ["--backend", backend.place("http"), "--timeout", String(timeoutMs / 1000)];
					const { code } = await runPinhole(["read", ENDPOINT, "/3/0/0", ...where], gateway.onBackend);
					return code === EXIT.success;
				};
				await untilTrue(() => ask(1000), "the device does not register");
				return { ask, close };
			} catch (error) {
				await close();
				throw error;
			}
		},
	};
}

/** MQTT over TLS 1.3, QoS 0: what the clouds have instead. */
const mosquitto: Contestant = {
	name: `mosquitto, TLS, -k ${FOREIGN_KEEPALIVE}`,
	learns: false,
	programs: ["mosquitto", "mosquitto_sub", "mosquitto_pub", "openssl"],
	open: async (gateway) => {
		const folder = mkdtempSync(join(tmpdir(), "pinhole-real-"));
		const [key, certificate, configuration] = ["key.pem", "certificate.pem", "broker.conf"].map((name) =>
			join(folder, name),
		) as [string, string, string];
		const subject = ["-subj", "/CN=broker", "-addext", `subjectAltName=IP:${BACKEND_ADDRESS}`];
		const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
		execFileSync("openssl", ["req", "-x509", ...curve, "-keyout", key, "-out", certificate, ...subject], {
			stdio: "ignore",
		});
		const listeners = [
			...["allow_anonymous true", "user root", "listener 1883 127.0.0.1"],
			...[`listener 8883 ${BACKEND_ADDRESS}`, `certfile ${certificate}`, `keyfile ${key}`],
		];
		writeFileSync(configuration, `${listeners.join("\n")}\n`);
		const broker = new Program(gateway.onBackend, ["mosquitto", "-v", "-c", configuration]);
		const place = ["-h", BACKEND_ADDRESS, "-p", "8883", "--cafile", certificate];
		const words = ["mosquitto_sub", ...place, "-k", String(FOREIGN_KEEPALIVE), "-t", "line"];
		const publish = (word: string) =>
			runProgram(gateway.onBackend, ["mosquitto_pub", "-h", "127.0.0.1", "-t", "line", "-m", word]);
		// The client ends where it finds no broker.
		await untilTrue(() => publish("word-0;"), "the MQTT broker does not answer");
		const client = new Program(gateway.onDevice, words);
		let count = 0;
		const ask = async (timeoutMs: number): Promise<boolean> => {
			const word = `word-${++count};`;
			const heard = client.says(word, timeoutMs);
			await publish(word);
			return heard;
		};
		const close = async (): Promise<void> => {
			await client.stop();
			await broker.stop();
			rmSync(folder, { recursive: true });
		};
		return opened({ ask, close }, "the MQTT client does not connect");
	},
};

/** Observing with libcoap, its own keepalive switched on: a ping each so many seconds of silence. */
const libcoap: Contestant = {
	name: `libcoap, observe, -K ${FOREIGN_KEEPALIVE}`,
	learns: false,
	programs: ["coap-server-notls", "coap-client-notls"],
	open: async (gateway) => {
		const server = new Program(gateway.onBackend, ["coap-server-notls", "-A", BACKEND_ADDRESS, "-d", "4"]);
		const resource = `coap://${BACKEND_ADDRESS}/line`;
		const put = (word: string) =>
			runProgram(gateway.onBackend, ["coap-client-notls", "-m", "put", "-e", word, "-B", "2", resource]);
		await untilTrue(() => put("word-0;"), "libcoap's server does not answer");
		const forEver = ["-s", "1000000", "-B", "1000000"];
		const words = ["coap-client-notls", "-K", String(FOREIGN_KEEPALIVE), ...forEver, resource];
		const client = new Program(gateway.onDevice, words);
		let count = 0;
		const ask = async (timeoutMs: number): Promise<boolean> => {
			const word = `word-${++count};`;
			const heard = client.says(word, timeoutMs);
			await put(word);
			return heard;
		};
		const close = async (): Promise<void> => {
			await client.stop();
			await server.stop();
		};
		return opened({ ask, close }, "libcoap's client does not observe");
	},
};

/** All of them; ours first. */
export const contestants: readonly Contestant[] = [pinhole("pinhole, OSCORE, learning", []), mosquitto, libcoap];

/** The line, once something came through it; closed where nothing does. */
async function opened(line: Line, complaint: string): Promise<Line> {
	try {
		await untilTrue(() => line.ask(1000), complaint);
		return line;
	} catch (error) {
		await line.close();
		throw error;
	}
}

async function untilTrue(attempt: () => Promise<boolean>, complaint: string): Promise<void> {
	for (const endAt = Date.now() + READY_MS; !(await attempt()); await pause(250)) {
		if (Date.now() > endAt) throw new Error(complaint);
	}
}
