// suite: real-network limit=150
// A NAT that is not ours: Linux masquerading, with the device inside and the back end outside.

import { setTimeout as pause } from "node:timers/promises";
import { assert, suite } from "#suite";
import { EXIT } from "../cli/shared.js";
import { type Outcome, PinholeProcess, runPinhole } from "../story/process.js";
import { BACKEND_ADDRESS, LinuxGateway, whyNoGateway } from "./linux-gateway.js";

const ENDPOINT = "behind-linux";
const PRESSURE = "/3323/0/5700";
const UDP_TIMEOUT_SECONDS = 6;
const KEEPALIVE_SECONDS = 3.5;
/** No Update of the lifetime's own falls into a test. */
const LIFETIME_SECONDS = 3600;
/** The kernel looks for what has expired from time to time only. */
const EXPIRY_SECONDS = 3;
/** One exchange, with a retransmission. */
const EXCHANGE_SECONDS = 3;
/** A command that finds the binding open is answered in this time. */
const AT_ONCE_SECONDS = 1;
const LOST_SECONDS = 3;
const REGISTER_MS = 20_000;

interface Bench {
	readonly gateway: LinuxGateway;
	read(timeoutSeconds: number): Promise<Outcome>;
	/** Where the back end sees the device. */
	address(): Promise<string>;
}

/** Runs a body with a registered device behind a gateway of its own. */
async function behind(care: readonly string[], body: (bench: Bench) => Promise<void>): Promise<void> {
	const gateway = new LinuxGateway(UDP_TIMEOUT_SECONDS);
	const players: PinholeProcess[] = [];
	try {
		const places = ["--coap", `${BACKEND_ADDRESS}:0`, "--http", "127.0.0.1:0"];
		const backend = await PinholeProcess.start(["backend", "--nosec", ...places], { prefix: gateway.onBackend });
		players.unshift(backend);
		const options = ["--backend", backend.place("http")];
		const operate = (...words: string[]) => runPinhole([...words, ...options], gateway.onBackend);
		const server = ["--server", `coap://${backend.place("coap")}`, "--endpoint", ENDPOINT];
		const device = ["device", "--nosec", ...server, "--lifetime", String(LIFETIME_SECONDS), ...care];
		players.unshift(await PinholeProcess.start(device, { prefix: gateway.onDevice }));
		for (const endAt = Date.now() + REGISTER_MS; !(await operate("devices")).stdout.includes(ENDPOINT); ) {
			if (Date.now() > endAt) throw new Error("the device does not register");
		}
		await body({
			gateway,
			read: (timeoutSeconds) => operate("read", ENDPOINT, PRESSURE, "--timeout", String(timeoutSeconds)),
			address: async () => JSON.parse((await operate("devices", "--json")).stdout)[0].address,
		});
	} finally {
		for (const player of players) await player.stop();
		gateway.close();
	}
}

const NO_CARE = ["--no-keepalive"];
const CARE = ["--keepalive", String(KEEPALIVE_SECONDS)];

const CASES: readonly (readonly [title: string, care: readonly string[], body: (bench: Bench) => Promise<void>])[] = [
	[
		"without keepalive a command after the binding's time is lost",
		NO_CARE,
		async ({ read }) => {
			assert.is((await read(AT_ONCE_SECONDS)).code, EXIT.success, "while the binding lives");
			await pause((UDP_TIMEOUT_SECONDS + EXPIRY_SECONDS) * 1000);
			const { code, stderr } = await read(LOST_SECONDS);
			assert.is(code, EXIT.noAnswer, stderr);
		},
	],
	[
		"with keepalive a command arrives at once after any silence",
		CARE,
		async ({ read }) => {
			for (const silence of [1, UDP_TIMEOUT_SECONDS + EXPIRY_SECONDS, 2 * UDP_TIMEOUT_SECONDS + EXPIRY_SECONDS]) {
				await pause(silence * 1000);
				const { code, stderr } = await read(AT_ONCE_SECONDS);
				assert.is(code, EXIT.success, `after ${silence} s: ${stderr}`);
			}
		},
	],
	[
		"without keepalive a gateway that forgot its table cuts the device off",
		NO_CARE,
		async ({ gateway, read }) => {
			gateway.forget();
			const { code, stderr } = await read(LOST_SECONDS);
			assert.is(code, EXIT.noAnswer, stderr);
		},
	],
	[
		"with keepalive the device is back within one keepalive and one exchange, at another port",
		CARE,
		async ({ gateway, read, address }) => {
			const before = await address();
			gateway.forget();
			const { code, stderr } = await read(KEEPALIVE_SECONDS + EXCHANGE_SECONDS);
			assert.is(code, EXIT.success, stderr);
			assert.is.not(await address(), before);
		},
	],
];

const test = suite("nat/linux");
const reason = whyNoGateway();
if (reason !== undefined) suite.skip(reason);
for (const [title, care, body] of reason === undefined ? CASES : []) {
	// All at the same time, each behind a gateway of its own: most of it is waiting.
	const done = behind(care, body);
	done.catch(() => {});
	test(title, () => done);
}
test.run();
