// suite: limit=120 real-network
// The whole firmware of a board - console, journal, network, agent and machine - in a heap with a ceiling of its own.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, suite } from "#suite";
import { startServer } from "../backend/server.js";
import { BackendClient } from "../cli/backend-client.js";
import { createLogger } from "../cli/shared.js";
import { missingFor } from "../engine/build.js";
import { Desk, settingsFor } from "./desk.js";

const test = suite("device/board-heap");
const problem = missingFor("xs32");
if (problem !== undefined) suite.skip(problem);

/** What a board needs, with keys for OSCORE and without. */
interface Ceiling {
	readonly what: string;
	readonly credentials: typeof KEYS | undefined;
	/** Slots, chunks and stack. */
	readonly heapBytes: number;
	/** Of 16 bytes; the manifests give boards 640. */
	readonly stackSlots: number;
	/** What lives when all is quiet, garbage collected. */
	readonly liveBytes: number;
}

const KEYS = {
	masterSecret: Uint8Array.from({ length: 16 }, (_, i) => i + 1),
	masterSalt: new Uint8Array(0),
	senderId: Uint8Array.of(1),
	recipientId: Uint8Array.of(2),
};

/**
 * The agent's 25 KB, 2 for what it learns of its binding and tells of it (/33101), 10 for journal, console and what
 * holds them together, of which an answer on the console takes one for a moment, and 2 for the stack below a command
 * whose value is kept while the journal makes room. Raised from 34 KB for reach, and from 37 KB as nobody had looked
 * there: a board with 512 slots was brought down by such a command. They may only fall.
 */
const CEILINGS: readonly Ceiling[] = [
	{ what: "without keys", credentials: undefined, heapBytes: 39 * 1024, stackSlots: 528, liveBytes: 27 * 1024 },
	{ what: "with keys", credentials: KEYS, heapBytes: 46 * 1024, stackSlots: 544, liveBytes: 34 * 1024 },
];

const NAME = "small-board";
const WRITES_MOST = 2_000;
const READS = ["/3/0/0", "/3/0", "/3303/0", "/33100/0", "/3323/0/5700"];
const VERBS = ["status", "identity", "network", "statistics", "help"];

for (const ceiling of CEILINGS)
	test(`${ceiling.what} it boots, registers, answers and keeps in ${ceiling.heapBytes} bytes`, () => live(ceiling));

async function live({ credentials, heapBytes: arenaBytes, stackSlots, liveBytes, what }: Ceiling): Promise<void> {
	const folder = mkdtempSync(join(tmpdir(), "pinhole-heap-"));
	const server = await startServer({
		coap: { host: "127.0.0.1", port: 0 },
		http: { host: "127.0.0.1", port: 0 },
		data: undefined,
		token: undefined,
		log: createLogger("error"),
		...(credentials && { credentials: [{ endpointName: NAME, ...credentials }] }),
	});
	const backend = new BackendClient({ url: server.http, token: undefined, timeoutSeconds: 5 });
	const desk = new Desk(join(folder, "flash"));
	try {
		const settings = settingsFor(NAME, server.coap, credentials && { mode: "oscore", ...inHex(credentials) });
		await desk.powerOn({ arenaBytes, stackSlots });
		await desk.client.request("provision", { settings });
		await desk.client.request("restart");
		await desk.says(/^agent registered 1 /);
		for (const path of READS) assert.ok((await backend.ask("GET", NAME, path)).success, path);
		assert.ok((await backend.ask("POST", NAME, "/3323/0/5700/observe")).success);
		for (const verb of VERBS) await desk.client.request(verb);
		await desk.client.request("objects read", { path: "/3/0" });
		await desk.client.request("objects write", { path: "/1/0/1", value: 301 });
		await desk.client.request("provision", { settings });
		// A command that is kept where the journal has to make room first: the deepest of all.
		await cleanUpBy((value) => backend.ask("PUT", NAME, "/1/0/1", "", { type: "text/plain", text: value }), desk);
		const { heapBytes, faults } = await desk.client.request("statistics");
		suite.record(`live bytes of the board ${what}`, heapBytes);
		assert.is(faults, 0, desk.errors.join(""));
		assert.ok(Number(heapBytes) <= liveBytes, `${heapBytes} bytes live`);
	} catch (error) {
		throw new Error(`${error instanceof Error ? error.message : String(error)}\n${desk.errors.join("")}`);
	} finally {
		await desk.cut();
		await server.close();
		rmSync(folder, { recursive: true });
	}
}

/** As a console takes them. */
function inHex(keys: typeof KEYS): Record<string, string> {
	return Object.fromEntries(Object.entries(keys).map(([name, bytes]) => [name, Buffer.from(bytes).toString("hex")]));
}

/** Writes until the journal was cleaned up twice, once into each bank. */
async function cleanUpBy(write: (value: string) => Promise<{ readonly success: boolean }>, desk: Desk): Promise<void> {
	const count = async (): Promise<number> => {
		const { journal } = (await desk.client.request("statistics")) as { journal: { cleanUps: number } };
		return journal.cleanUps;
	};
	const from = await count();
	for (let i = 0; i < WRITES_MOST; i++) {
		assert.ok((await write(String(300 + (i % 2)))).success, `write ${i}`);
		if (i % 50 === 49 && (await count()) >= from + 2) return;
	}
	throw new Error(`no clean-up in ${WRITES_MOST} writes`);
}

test.run();
