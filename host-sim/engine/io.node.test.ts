// suite: limit=120 real-network
// The engine's surroundings on real sockets and processes: UDP, timers, signals, standard input, names.

import { type ChildProcess, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createInterface, type Interface } from "node:readline";
import { assert, suite } from "#suite";
import { missingFor, type Variant } from "./build.js";
import { commandOnXs, runOnXs } from "./run.js";

const test = suite("engine/io");
const variants: readonly Variant[] = ["xs64", "xs32"];
const FIXTURES = "host-sim/engine/fixtures";
const preload = ["firmware/bytes.ts"];

async function start(variant: Variant, name: string, args: string[] = []): Promise<[ChildProcess, Interface]> {
	const [program, ...words] = await commandOnXs(variant, `${FIXTURES}/${name}.ts`, { preload, args });
	const child = spawn(program!, words, { stdio: ["pipe", "pipe", "inherit"] });
	return [child, createInterface(child.stdout!)];
}

async function nextLine(lines: Interface): Promise<string> {
	return String((await once(lines, "line"))[0]);
}

const problem = variants.map(missingFor).find((text) => text !== undefined);
if (problem !== undefined) suite.skip(problem);

for (const variant of variants) {
	test(`${variant} echoes datagrams, and ends when its socket is closed`, async () => {
		const [child, lines] = await start(variant, "udp-echo");
		const port = Number(await nextLine(lines));
		const socket = createSocket("udp4").bind(0, "127.0.0.1");
		await once(socket, "listening");
		const last = nextLine(lines);
		const ended = once(child, "exit");
		for (const text of ["hello", "Grüße", "close"]) {
			socket.send(text, port, "127.0.0.1");
			const [bytes, sender] = await once(socket, "message");
			assert.is(String(bytes), `${text} from 127.0.0.1:${socket.address().port}!`);
			assert.is(sender.port, port);
		}
		socket.close();
		assert.is(await last, "3 answered, then SyntaxError");
		assert.equal(await ended, [0, null]);
	});

	test(`${variant} fires timers in order`, async () => {
		const { stdout, stderr } = await runOnXs(variant, `${FIXTURES}/timers.ts`, { preload });
		const expected = ["at once", "its promise", "a", "b", "c", "repeat 1", "repeat 2", "repeat 3", "in time"];
		assert.is(stdout, `${expected.join("\n")}\n`, stderr);
	});

	for (const [manner, args] of [
		["at once", []],
		["though the script goes on waiting", ["slow"]],
	] as const)
		test(`${variant} ends within 2 s of SIGTERM, ${manner}`, async () => {
			const [child, lines] = await start(variant, "goodbye", [...args]);
			assert.is(await nextLine(lines), "ready");
			const startedAt = Date.now();
			child.kill("SIGTERM");
			const ended = once(child, "exit");
			assert.is(await nextLine(lines), "goodbye");
			assert.equal(await ended, [0, null]);
			assert.ok(Date.now() - startedAt < 2000);
		});

	test(`${variant} reads lines of standard input, and finds localhost`, async () => {
		const [child, lines] = await start(variant, "lines");
		const seen: string[] = [];
		lines.on("line", (line) => seen.push(line));
		child.stdin!.end("rebind\ndrop 0.1\n");
		await once(child, "exit");
		assert.equal(
			seen.filter((line) => !line.startsWith("localhost")),
			["6 rebind", "8 drop 0.1", "end"],
		);
		assert.ok(seen.includes("localhost is 127.0.0.1"));
	});
}

test.run();
