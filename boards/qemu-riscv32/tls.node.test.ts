// suite: real-network limit=180
// TLS of the virtual board, within its 512 KB; the program is fixtures/tls.ts.

import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:tls";
import { assert, suite } from "#suite";
import type { Certificate } from "../../host-sim/backend/listener.js";
import { Authority, bodyOf } from "../../host-sim/device/certificates.js";
import type { DriverBench } from "../../host-sim/qemu/driver-bench.js";
import { BACKEND, type NetBench, netBench } from "../../host-sim/qemu/net-bench.js";
import { buildImage, missingForBoard } from "./build.js";

const test = suite("boards/qemu-riscv32/tls");
const missing = missingForBoard();
if (missing !== undefined) suite.skip(missing);

const NAMES = `DNS:backend.test,IP:${BACKEND}`;
const LENGTH = 5000;
const GOOD = ['"open"', `"returned ${LENGTH}"`];
/** Of C, with one connection and its handshake: 30 KB, of which 25 KB for TLS, and 3.7 KB were measured. */
const HEAP_BYTES = 34_000;
const STACK_BYTES = 5_000;
/** Numbers and signatures differ in length, and so does what they leave of the heap in one piece. */
const PIECES_BYTES = 512;
const DAYS_AGO = { fromDays: -3, untilDays: -1 };

const authority = new Authority();
const stranger = new Authority("stranger");

async function buildProgram(): Promise<string> {
	return (await buildImage({ main: "boards/qemu-riscv32/fixtures/tls.ts" })).image;
}

/** A server that echoes, while `body` runs. */
async function serving(certificate: Certificate, body: (port: number) => Promise<void>): Promise<void> {
	const server = createServer({ ...certificate, ALPNProtocols: ["coap"] }, (socket) => {
		socket.on("error", () => {});
		socket.pipe(socket);
	});
	server.on("tlsClientError", () => {});
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	try {
		await body((server.address() as AddressInfo).port);
	} finally {
		server.close();
	}
}

/** A board that has its address and trusts the authority. */
async function start({ board }: NetBench): Promise<DriverBench> {
	const device = await board();
	device.say("net");
	await device.line(/"connected"/);
	device.say(`trust ${bodyOf(authority.certificate)}`);
	return device;
}

/** What the board says of a connection until it is over. */
async function linesOf(device: DriverBench, port: number, host: string): Promise<string[]> {
	device.say(`tls ${BACKEND} ${port} ${host} ${LENGTH}`);
	const lines: string[] = [];
	do lines.push(await device.line(/./));
	while (!/"(returned|error)/.test(lines.at(-1)!));
	return lines;
}

const ROWS: readonly [string, Certificate, string, readonly string[]][] = [
	["a certificate for the address", authority.issue(NAMES), BACKEND, GOOD],
	["a certificate for the name", authority.issue(NAMES), "backend.test", GOOD],
	["an RSA key", authority.issue(NAMES, undefined, "rsa"), BACKEND, GOOD],
	[
		"a certificate for another name",
		authority.issue(NAMES),
		"pinhole.example",
		['"error the certificate is for another name, 0 returned"'],
	],
	[
		"an unknown issuer",
		stranger.issue(NAMES),
		BACKEND,
		['"error the certificate\'s issuer is not trusted, 0 returned"'],
	],
	[
		"an expired certificate",
		authority.issue(NAMES, DAYS_AGO),
		BACKEND,
		['"error the certificate has expired, 0 returned"'],
	],
];

test("a server is believed for its certificate alone", () =>
	netBench(buildProgram, async (bench) => {
		const device = await start(bench);
		for (const [what, certificate, host, expected] of ROWS)
			await serving(certificate, async (port) => assert.equal(await linesOf(device, port, host), expected, what));
	}));

test("connections leave nothing behind, and find room on the stack", () =>
	netBench(buildProgram, (bench) =>
		serving(authority.issue(NAMES), async (port) => {
			const device = await start(bench);
			const taken = async () => {
				device.say("memory");
				return JSON.parse(await device.line(/native/)) as { nativeHeapBytesPeak: number; nativeStackBytesPeak: number };
			};
			for (let count = 0; count < 3; count++) assert.equal(await linesOf(device, port, BACKEND), GOOD);
			const before = await taken();
			for (let count = 0; count < 12; count++) assert.equal(await linesOf(device, port, BACKEND), GOOD);
			const after = await taken();
			const growth = after.nativeHeapBytesPeak - before.nativeHeapBytesPeak;
			assert.ok(growth <= PIECES_BYTES, `${growth} bytes more`);
			assert.ok(after.nativeHeapBytesPeak <= HEAP_BYTES, `${after.nativeHeapBytesPeak} bytes of heap`);
			assert.ok(after.nativeStackBytesPeak <= STACK_BYTES, `${after.nativeStackBytesPeak} bytes of stack`);
		}),
	));

test.after(() => {
	authority.close();
	stranger.close();
});

test.run();
