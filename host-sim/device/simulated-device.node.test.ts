// A machine whose cryptography or randomness is unfit runs no device, on either engine.

import { assert, suite } from "#suite";
import type { Provider } from "../../firmware/main.js";
import { nodePrimitives } from "../crypto/node-primitives.js";
import { nodeProvider } from "./provider.js";
import { SimulatedDevice, type SimulatedSettings } from "./simulated-device.js";

const test = suite("device/simulated-device");

const SETTINGS: SimulatedSettings = {
	server: "coap://127.0.0.1:9",
	endpointName: "compressor-1",
	lifetimeSeconds: 300,
	keepaliveMs: Number.POSITIVE_INFINITY,
};

const UNFIT: readonly [string, Partial<Provider>, string][] = [
	["a broken cipher", { primitives: { ...nodePrimitives, open: () => -1 } }, "AES-CCM opens wrongly"],
	[
		"a random source that repeats itself",
		{ random: { fill: (into) => void into.fill(4), uint32: () => 4 } },
		"the random source repeats itself",
	],
	[
		"a random source that gives up",
		{
			random: {
				fill() {
					throw new Error("no randomness");
				},
				uint32: () => 0,
			},
		},
		"Error: no randomness",
	],
];

for (const [what, broken, fault] of UNFIT)
	test(`with ${what} it opens no socket and says why`, () => {
		let opened = 0;
		const io = class {
			constructor() {
				opened++;
			}
		};
		const udp = { io } as unknown as Provider["udp"];
		const start = () => new SimulatedDevice("node", { ...nodeProvider, udp, ...broken }, SETTINGS, () => {});
		assert.throws(start, (error: Error) => error.message === `unfit for keys: ${fault}`);
		assert.is(opened, 0);
	});

test.run();
