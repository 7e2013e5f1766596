// The `device` of ESP-IDF boards over stubs of the SDK's modules and of IDF's functions: what we add to them, on Node.

import { getRandomValues } from "node:crypto";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";
import { assert, suite } from "#suite";
import type { BoardDevice } from "../../firmware/io/board.js";
import type { Tcp, TcpOptions } from "../../firmware/io/ecma-419.js";
import { faultOf } from "../../firmware/security/known-answers.js";
import { nodePrimitives } from "../../host-sim/crypto/node-primitives.js";
import type { EspressifDevice } from "./device.js";

const HERE = dirname(fileURLToPath(import.meta.url));

/** What the stubs do, and note that they did. */
interface Chip {
	readonly calls: string[];
	readonly words: number[];
	resetReason: number;
	/** UARTs that something else holds. */
	readonly taken: number[];
	/** The newest connection, as the SDK's class. */
	tcp?: { options: Required<TcpOptions>; bytes: number[]; failed: boolean };
	/** What the SDK's TLS was told last. */
	tls?: { readonly host: string; readonly secure: object };
}

const STUBS: Readonly<Record<string, string>> = {
	"mc/ffi": `const chip = globalThis.chip; export default class {
		esp_reset_reason() { return chip.resetReason; }
		esp_reset_reason_set_hint(hint) { chip.calls.push("hint " + hint); }
		esp_restart() { chip.calls.push("restart"); }
		esp_random() { return chip.words.shift(); }
		bootloader_random_enable() { chip.calls.push("noise on"); }
		bootloader_random_disable() { chip.calls.push("noise off"); }
		esp_ota_mark_app_valid_cancel_rollback() { chip.calls.push("confirm"); return 0; }
	}`,
	"embedded:io/serial": `export default class {
		constructor(options) {
			if (globalThis.chip.taken.includes(options.port)) throw new RangeError("port in use");
			this.options = options;
		}
		read(count) { return count; }
	}`,
	"embedded:io/socket/udp": "export default class {}",
	// As strict as the SDK's: no more is read than there is, and a write to a socket that failed gives nothing.
	"embedded:io/socket/tcp": `export default class {
		constructor(options) { this.options = options; globalThis.chip.tcp = this; this.bytes = []; }
		read(count = this.bytes.length) {
			if (this.bytes.length === 0) return undefined;
			if (count > this.bytes.length) throw new Error("invalid");
			return Uint8Array.from(this.bytes.splice(0, count)).buffer;
		}
		write(buffer) { return this.failed ? undefined : 1000 - buffer.byteLength; }
		close() { globalThis.chip.calls.push("tcp closed"); }
	}`,
	"embedded:io/socket/tcp/tls": `export default class {
		constructor(options) {
			globalThis.chip.tls = options;
			this.socket = new options.TCP.io({
				...options,
				onReadable() { throw new Error("SSL: handshake: unknown type: 99"); },
			});
		}
		read() { return undefined; }
		write() { return 0; }
		close() { this.socket.close(); }
	}`,
	"embedded:network/interface/wifi": "export default class { constructor(options) { this.options = options; } }",
	"embedded:storage/flash": "export default { open() {} }",
	// As strict as the SDK's: an ArrayBuffer is an ArrayBuffer, and a block is one block.
	crypt: `import { createCipheriv, createHash } from "node:crypto";
	function own(buffer) {
		if (!(buffer instanceof ArrayBuffer)) throw new TypeError("no ArrayBuffer");
		return Buffer.from(buffer);
	}
	export class BlockCipher {
		constructor(name, key) {
			this.cipher = createCipheriv("aes-128-ecb", own(key), null).setAutoPadding(false);
		}
		encrypt(data, result) {
			if (data.byteLength !== 16 || result.byteLength !== 16) throw new RangeError("bad size");
			own(result).set(this.cipher.update(own(data)));
			return result;
		}
	}
	export class Digest {
		constructor() { this.hash = createHash("sha256"); }
		write(data) { this.hash.update(data); }
		close() { return new Uint8Array(this.hash.digest()).buffer; }
	}`,
};

const stubs: Plugin = {
	name: "stubs",
	setup({ onResolve, onLoad }) {
		onResolve({ filter: /^(mc\/|embedded:|crypt$)/ }, ({ path }) => ({ path, namespace: "stub" }));
		onLoad({ filter: /.*/, namespace: "stub" }, ({ path }) => ({ contents: STUBS[path]! }));
	},
};

interface Modules {
	readonly espressifDevice: typeof import("./device.js").espressifDevice;
	readonly setup: typeof import("./setup.js").default;
}

let count = 0;
let code = "";

/** The modules anew, as after a start, on a chip in this state. */
async function start(
	state: Partial<Chip> = {},
): Promise<{ chip: Chip; device: EspressifDevice; setup: Modules["setup"] }> {
	const chip: Chip = { calls: [], words: [], resetReason: 1, taken: [], ...state };
	Object.assign(globalThis, { chip });
	// Another address each time, or Node would give the same module.
	const url = `data:text/javascript;base64,${Buffer.from(`${code}\n// ${++count}`).toString("base64")}`;
	const { espressifDevice, setup } = (await import(url)) as Modules;
	const device = espressifDevice({ port: 0, transmit: 21, receive: 20 }, { port: 1, transmit: 5, receive: 4 });
	return { chip, device, setup };
}

function filled(device: BoardDevice, length: number): string {
	const into = new Uint8Array(length);
	device.random.fill(into);
	return Buffer.from(into).toString("hex");
}

const test = suite("esp-idf/device");

test.before(async () => {
	const contents =
		'export { espressifDevice } from "./device.js"; export { default as setup } from "esp-idf/setup";' +
		'import "esp-idf/idf";';
	const { outputFiles } = await build({
		stdin: { contents, resolveDir: HERE },
		alias: {
			"esp-idf/setup": join(HERE, "setup.ts"),
			"esp-idf/idf": join(HERE, "idf.ts"),
			"firmware/security/ccm": join(HERE, "../../firmware/security/ccm.ts"),
		},
		platform: "node",
		bundle: true,
		write: false,
		format: "esm",
		target: "es2022",
		plugins: [stubs],
	});
	code = outputFiles[0]!.text;
});

test("nothing native is called while the modules load", async () => {
	const { chip } = await start();
	assert.equal(chip.calls, []);
});

const REASONS: readonly [number, BoardDevice["reset"]["reason"]][] = [
	[0, "unknown"],
	[1, "power-on"],
	[2, "power-on"],
	[3, "restart"],
	[4, "watchdog"],
	[5, "watchdog"],
	[6, "watchdog"],
	[7, "watchdog"],
	[8, "deep-sleep"],
	[9, "brown-out"],
	[10, "unknown"],
	[14, "brown-out"],
	[15, "watchdog"],
	[99, "unknown"],
];
for (const [resetReason, reason] of REASONS) {
	test(`esp_reset_reason_t ${resetReason} is ${reason}`, async () => {
		const { device } = await start({ resetReason });
		assert.is(device.reset.reason, reason);
		assert.is(device.reset.cause, undefined);
	});
}

test("from the setup on, a restart counts as the watchdog's, but for one that is asked for", async () => {
	const { chip, device, setup } = await start();
	setup(() => chip.calls.push("main"));
	assert.equal(chip.calls, ["hint 4", "main"]);
	device.restart();
	assert.equal(chip.calls.slice(2), ["hint 3", "restart"]);
});

test("random bytes are the chip's words, whatever their number", async () => {
	const { device } = await start({ words: [0x04030201, 0xf8f7f6f5, 0x0c0b0a09] });
	assert.is(filled(device, 6), "01020304f5f6");
	assert.is(filled(device, 1), "09");
	assert.is(filled(device, 0), "");
});

test("without the radio the converter's noise is on for the while, and off again after a fault", async () => {
	const { chip, device } = await start({ words: [1, 2, 2] });
	filled(device, 4);
	assert.equal(chip.calls.splice(0), ["noise on", "noise off"]);
	assert.throws(() => filled(device, 8), /repeats itself/);
	assert.equal(chip.calls.splice(0), ["noise on", "noise off"]);
});

test("with the radio it stays off", async () => {
	const { chip, device } = await start({ words: [1, 2] });
	new device.network.interface.io({});
	filled(device, 8);
	assert.equal(chip.calls, []);
});

test("a source that repeats itself from one call to the next is unfit", async () => {
	const { device } = await start({ words: [7, 7] });
	filled(device, 4);
	assert.throws(() => filled(device, 4), /repeats itself/);
});

test("the console is at the USB bridge, with the board's pins", async () => {
	const { device } = await start();
	const { io } = device.serial.console;
	const port = new io({ format: "buffer" }) as unknown as { options: object; read(count: number): unknown };
	assert.equal(port.options, { format: "buffer", baud: 115_200, port: 0, transmit: 21, receive: 20 });
	// The SDK's port would read as many bytes as it is told, there or not.
	assert.is(port.read(128), undefined);
});

test("the console is on the spare UART where the debugger has the first", async () => {
	const { device } = await start({ taken: [0] });
	const port = new device.serial.console.io({}) as unknown as { options: object };
	assert.equal(port.options, { baud: 115_200, port: 1, transmit: 5, receive: 4 });
});

test("a modem is on the spare UART", async () => {
	const { device } = await start();
	const { io, ...options } = device.serial.modem!;
	assert.equal(options, { baud: 115_200, port: 1, transmit: 5, receive: 4 });
	assert.is(new io({}).read(128), undefined);
});

const AT: TcpOptions = { address: "192.0.2.1", port: 5684, host: "a.example", applicationProtocol: "coap" };

test("what a connection has is read in pieces, and never more than there is", async () => {
	const { chip, device } = await start();
	const socket = new device.network.tcp!.io(AT);
	chip.tcp!.bytes.push(1, 2, 3, 4, 5);
	const read = (count?: number) => Array.from(new Uint8Array(socket.read(count) ?? new ArrayBuffer(0)));
	assert.equal([read(2), read(2), read(2), read(2)], [[1, 2], [3, 4], [5], []]);
	chip.tcp!.bytes.push(6);
	assert.equal([read(1024), read(1024)], [[6], []]);
});

test("a connection's owner is told as its own, and a closed one gives nothing", async () => {
	const { chip, device } = await start();
	const told: unknown[] = [];
	const socket: Tcp = new device.network.tcp!.io({
		...AT,
		onReadable(this: Tcp, count: number): void {
			told.push([this === socket, count]);
		},
		onError(this: Tcp): void {
			told.push(this === socket);
		},
	});
	chip.tcp!.options.onReadable.call(socket, 7);
	chip.tcp!.options.onError.call(socket);
	assert.equal(told, [[true, 7], true]);
	assert.is(socket.write(new Uint8Array(10)), 990);
	chip.tcp!.failed = true;
	assert.is(socket.write(new Uint8Array(10)), 0);
	socket.close();
	socket.close();
	assert.equal(chip.calls, ["tcp closed"]);
	chip.tcp!.bytes.push(1);
	assert.is(socket.read(), undefined);
});

test("the SDK's TLS, which proves nobody, is for those alone who need no proof", async () => {
	const { chip, device } = await start();
	const { io } = device.network.tls!;
	assert.throws(() => new io(AT), /proves no certificate/);
	assert.throws(() => new io({ ...AT, anybody: true, trust: "MIIB" } as TcpOptions), /proves no certificate/);
	new io({ ...AT, anybody: true } as TcpOptions);
	assert.is(chip.tls!.host, "a.example");
	assert.equal(chip.tls!.secure, { verify: false, cache: false, applicationLayerProtocolNegotiation: "coap" });
});

test("what the SDK's TLS throws is the end of the connection, not of the firmware", async () => {
	const { chip, device } = await start();
	let errorCount = 0;
	new device.network.tls!.io({ ...AT, anybody: true, onError: () => errorCount++ } as TcpOptions);
	chip.tcp!.options.onReadable.call({} as Tcp, 10);
	assert.is(errorCount, 1);
});

test("CCM and HMAC over the SDK's AES and SHA-256 give the known answers", async () => {
	const { device } = await start();
	const random = { fill: (into: Uint8Array) => void getRandomValues(into), uint32: () => 0 };
	assert.is(faultOf(device.primitives, random), undefined);
});

test("an HMAC key of any length, and a key that is a part of a buffer", async () => {
	const { primitives } = (await start()).device;
	const ours = new Uint8Array(32);
	const theirs = new Uint8Array(32);
	const bytes = new Uint8Array(200).map((_, i) => i);
	for (const length of [0, 1, 63, 64, 65, 200]) {
		primitives.hmacSha256(bytes.subarray(0, length), bytes, ours);
		nodePrimitives.hmacSha256(bytes.subarray(0, length), bytes, theirs);
		assert.equal(ours, theirs, `${length}`);
	}
	const [key, nonce, plain] = [bytes.subarray(40, 56), bytes.subarray(7, 20), bytes.subarray(100, 120)];
	assert.is(primitives.seal(key, nonce, bytes, plain, 8, ours), 28);
	nodePrimitives.seal(key, nonce, bytes, plain, 8, theirs);
	assert.equal(ours.subarray(0, 28), theirs.subarray(0, 28));
});

test("an image is confirmed by IDF", async () => {
	const { chip, device } = await start();
	device.image?.confirm();
	assert.equal(chip.calls, ["confirm"]);
});

test("names are resolved by lwIP, and not answered after close", async () => {
	const { device } = await start();
	const answers: string[] = [];
	let answer: (host: string, address: string | undefined) => void = () => {};
	Object.assign(globalThis, {
		System: { resolve: (_host: string, callback: typeof answer) => (answer = callback) },
	});
	const resolver = new device.network.dns.io(device.network.dns);
	resolver.resolve({
		host: "server.example",
		onResolved: (host, address) => answers.push(`${host} ${address}`),
		onError: (error) => answers.push((error as Error).message),
	});
	answer("server.example", "192.0.2.1");
	answer("server.example", undefined);
	resolver.close();
	answer("server.example", "192.0.2.1");
	assert.equal(answers, ["server.example 192.0.2.1", "no address for server.example"]);
});

test.run();
