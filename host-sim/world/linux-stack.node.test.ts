// suite: real-network limit=60
// The virtual TCP beside a kernel's: the same dialogue costs the same packets and bytes, as the kernel itself counts.

import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import { assert, suite } from "#suite";
import type { Tcp } from "../../firmware/io/ecma-419.js";
import { BACKEND_ADDRESS, LinuxGateway, whyNoGateway } from "../nat/linux-gateway.js";
import { natProfiles } from "../nat/profiles.js";
import { calm, MINUTE } from "./reach-bench.js";
import { ReachWorld } from "./reach-world.js";
import { linux } from "./tcp-stack.js";

const PORT = 5683;
const LENGTH = 20;
const EXCHANGES = 3;
const GAP_MS = 500;
const START_MS = 1500;

interface Traffic {
	readonly packets: number;
	readonly bytes: number;
}

/** What a dialogue has cost when it was connected, after each exchange, and when it had ended. */
type Bill = readonly { readonly up: Traffic; readonly down: Traffic }[];

const ECHO = `require("node:net").createServer({ noDelay: true }, (connection) =>
	connection.on("data", (data) => connection.write(data)).on("error", () => {}))
	.listen(${PORT}, "${BACKEND_ADDRESS}");`;

const CALLER = `
const connection = require("node:net").connect({ port: ${PORT}, host: "${BACKEND_ADDRESS}", noDelay: true });
const say = () => connection.write("x".repeat(${LENGTH}));
process.stdin.on("data", (word) => (String(word) === "end" ? connection.end() : say()));`;

function start(prefix: readonly string[], code: string): ChildProcess {
	const [program, ...words] = [...prefix, process.execPath, "-e", code];
	return spawn(program!, words, { stdio: ["pipe", "ignore", "ignore"] });
}

async function ofKernel(): Promise<Bill> {
	const gateway = new LinuxGateway({ udp: 30 });
	const players: ChildProcess[] = [];
	try {
		players.push(start(gateway.onBackend, ECHO));
		await pause(START_MS);
		const caller = start(gateway.onDevice, CALLER);
		players.push(caller);
		await pause(START_MS);
		const bill = [gateway.passed()];
		for (const word of [...Array<string>(EXCHANGES).fill("say"), "end"]) {
			caller.stdin!.write(word);
			await pause(GAP_MS);
			bill.push(gateway.passed());
		}
		return bill;
	} finally {
		for (const player of players) player.kill();
		gateway.close();
	}
}

function ofModel(): Bill {
	let socket: Tcp | undefined;
	const world = new ReachWorld({
		...calm,
		nat: natProfiles["linux-30-120"],
		tcpStack: linux,
		delayMs: [0, 0],
		party: ({ provider, serverAddress: address, serverPort: port }) => ({
			start() {
				socket = new provider.tcp!.io({ address, port });
			},
		}),
		service: (network) => ({
			handleReceived: (from, bytes) => network.send(bytes, from),
			command: () => false,
			restart() {},
		}),
	});
	const bill: Bill[number][] = [];
	const note = (): void => {
		const { up, down } = world.figures(0).meter;
		bill.push({ up: { ...up }, down: { ...down } });
	};
	world.at(10_000, note);
	for (let i = 0; i <= EXCHANGES; i++) {
		const at = 10_000 + i * GAP_MS;
		world.at(at, () => (i < EXCHANGES ? socket!.write(new Uint8Array(LENGTH)) : socket!.close()));
		world.at(at + GAP_MS - 1, note);
	}
	world.run(MINUTE / 86_400_000);
	return bill;
}

const test = suite("world/linux-stack");
const reason = whyNoGateway();
if (reason !== undefined) suite.skip(reason);
else {
	test("connecting, exchanges after silence and the end cost what they cost a kernel", async () => {
		assert.equal(ofModel(), await ofKernel());
	});
}
test.run();
