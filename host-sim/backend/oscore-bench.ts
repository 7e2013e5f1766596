// A back end with keys of two devices, for tests of who speaks for whom.

import { Code } from "../../firmware/coap/codes.js";
import { ContentFormat } from "../../firmware/coap/options.js";
import { nodePrimitives } from "../crypto/node-primitives.js";
import { Bench, type BenchDevice } from "./bench.js";
import type { Contexts } from "./contexts.js";
import type { Credential } from "./credentials.js";
import { Keyring } from "./keyring.js";
import * as operations from "./operations.js";

export const TEMPERATURE = "/3303/0/5700";
const A_DAY_SECONDS = 86_400;

/** A back end with keys of `a` and `b`, and whatever devices a test registers. */
export class Town {
	readonly keyring = new Keyring(nodePrimitives, ["a", "b"]);
	/** Of the back end that runs now. */
	contexts!: Contexts;
	readonly bench = new Bench(1, () => {
		const security = this.keyring.security();
		this.contexts = security.contexts!;
		return security;
	});

	/** The file of credentials has changed. */
	replaceCredentials(credentials: readonly Credential[]): void {
		this.contexts.replace(credentials);
		this.bench.service.handleKeysChanged();
		this.bench.exchange();
	}

	register(name: string, address: string): BenchDevice {
		return this.bench.register(name, address, A_DAY_SECONDS, this.keyring.device(name));
	}

	/** A device that has no keys, or does not use them. */
	registerPlainly(name: string, address: string): BenchDevice {
		return this.bench.register(name, address, A_DAY_SECONDS);
	}

	say(device: BenchDevice, code: number, path: string, payload?: string): number | undefined {
		const before = device.answers.length;
		device.send(this.bench.now, code, path, [], payload, ContentFormat.SenmlJson);
		this.bench.exchange();
		return device.answers[before];
	}

	update(device: BenchDevice): number | undefined {
		return this.say(device, Code.Post, device.location);
	}

	/** What a device is about to say, taken from the way. */
	held(device: BenchDevice, code = Code.Post, path = device.location): Uint8Array {
		device.send(this.bench.now, code, path);
		return this.bench.hold(device);
	}

	addressOf(name: string): string | undefined {
		return this.bench.service.core.registration(name)?.address;
	}

	/** The outcome of a Read, within a while. */
	read(name: string): string {
		const handle = this.bench.service.core.command(this.bench.now, name, operations.read(TEMPERATURE, undefined), 5000);
		this.bench.exchange();
		this.bench.run(6000);
		const finished = this.bench.heard("finished").find(({ command }) => command === handle);
		return finished?.outcome.kind ?? "no command";
	}
}
