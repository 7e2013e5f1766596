// aiocoap, a CoAP library in Python, under OSCORE: installed from PyPI as requirements.txt pins it, under out/aiocoap.

import { execFile, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { SecurityParameters } from "../../firmware/security/oscore/context.js";
import { withLock } from "../../host-sim/engine/lock.js";
import { PeerProcess } from "../process.js";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const OUT = fileURLToPath(new URL("../../out/aiocoap/", import.meta.url));
const PYTHON = `${OUT}venv/bin/python`;

const run = promisify(execFile);

/** Installs it unless it is; gives the reason, in one sentence, where that cannot be done here. */
export async function installAiocoap(): Promise<string | undefined> {
	if (spawnSync("python3", ["-m", "venv", "--help"]).status !== 0)
		return "there is no Python with venv (Debian packages python3, python3-venv)";
	mkdirSync(OUT, { recursive: true });
	return withLock(`${OUT}lock`, install);
}

async function install(): Promise<string | undefined> {
	const requirements = `${HERE}requirements.txt`;
	const hash = createHash("sha256").update(readFileSync(requirements)).digest("hex").slice(0, 16);
	const stamp = `${OUT}${hash}`;
	if (existsSync(stamp)) return undefined;
	rmSync(`${OUT}venv`, { recursive: true, force: true });
	try {
		await run("python3", ["-m", "venv", `${OUT}venv`]);
		await run(PYTHON, ["-m", "pip", "install", "--quiet", "--no-deps", "-r", requirements]);
	} catch (error) {
		return `aiocoap could not be installed from PyPI: ${(error as Error).message.split("\n").at(-2)}`;
	}
	writeFileSync(stamp, "");
	return undefined;
}

/** A folder with the context as aiocoap wants it, seen from its side. */
export function contextFolder(of: SecurityParameters): string {
	const folder = mkdtempSync(join(tmpdir(), "aiocoap-"));
	const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
	const settings = {
		algorithm: "AES-CCM-16-64-128",
		"kdf-hashfun": "sha256",
		secret_hex: hex(of.masterSecret),
		salt_hex: hex(of.masterSalt),
		"sender-id_hex": hex(of.senderId),
		"recipient-id_hex": hex(of.recipientId),
	};
	writeFileSync(join(folder, "settings.json"), JSON.stringify(settings));
	return folder;
}

/** Starts the server on a port of 127.0.0.1, or the client of our server there. */
export function startAiocoap(
	role: "server" | "client",
	folder: string,
	port: number,
	onLine?: (line: string) => void,
): Promise<PeerProcess> {
	const words = [PYTHON, `${HERE}peer.py`, role, folder, String(port)];
	return PeerProcess.start(words, onLine === undefined ? {} : { onLine });
}

/** Starts the server without security over another transport than UDP, by aiocoap's name for it. */
export function startStreamServer(transport: "tcpserver" | "ws", port: number): Promise<PeerProcess> {
	return PeerProcess.start([PYTHON, `${HERE}stream.py`, transport, String(port)]);
}

/** What aiocoap's client prints for a GET; the certificate is one that it trusts. */
export async function streamClient(uri: string, certificate: string): Promise<string> {
	const env = { ...process.env, SSL_CERT_FILE: certificate };
	return (await run(`${OUT}venv/bin/aiocoap-client`, [uri], { env, timeout: 20_000 })).stdout;
}
