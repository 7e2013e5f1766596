// suite: real-network limit=120
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, suite } from "#suite";
import { encodeText } from "../../firmware/bytes.js";
import { Code } from "../../firmware/coap/codes.js";
import { ContentFormat, Option } from "../../firmware/coap/options.js";
import { BenchDevice, OBJECT_LIST } from "../backend/bench.js";
import { pinhole, pinholeHere, Running } from "./process.js";
import { parseHostPort } from "./shared.js";

const test = suite("cli/verbs");

/** A device on a real socket, which answers as the test says. */
class SocketDevice {
	readonly device = new BenchDevice("", 7);
	readonly #socket: Socket = createSocket("udp4");
	readonly #server: { readonly host: string; readonly port: number };
	readonly #out = { bytes: new Uint8Array(1500), length: 0, path: 0 };

	constructor(server: string) {
		this.#server = parseHostPort(server, "the server");
		this.#socket.on("message", (bytes) => {
			if (!this.device.reachable) return;
			this.device.endpoint.handleReceived(performance.now(), bytes);
			this.drain();
		});
	}

	async register(endpointName: string): Promise<void> {
		this.#socket.bind(0, "127.0.0.1");
		await once(this.#socket, "listening");
		this.device.send(performance.now(), Code.Post, "/rd", [`ep=${endpointName}`, "lwm2m=1.2"], OBJECT_LIST);
		this.drain();
		while (this.device.location === "") await new Promise((resolve) => setTimeout(resolve, 5));
	}

	drain(): void {
		const { endpoint } = this.device;
		this.device.drain(performance.now());
		while (endpoint.pollTransmit(performance.now(), this.#out)) {
			const bytes = Buffer.from(this.#out.bytes.slice(0, this.#out.length));
			this.#socket.send(bytes, this.#server.port, this.#server.host);
		}
	}

	close(): void {
		this.#socket.close();
	}
}

let backend: Running;
let device: SocketDevice;
let env: Record<string, string> = {};

test.before(async () => {
	backend = new Running(["backend", "--nosec", "--coap", "127.0.0.1:0", "--http", "127.0.0.1:0", "--json"]);
	const ready = await backend.ready();
	env = { PINHOLE_BACKEND: String(ready.http) };
	device = new SocketDevice(String(ready.coap));
	await device.register("a");
});

test.before.each(() => {
	device.device.reachable = true;
	device.device.asked.length = 0;
	device.device.answer = (path, message) => {
		const { code } = message;
		if (code === Code.Fetch) {
			const payload = encodeText('[{"n":"/3303/0/5700","v":21.5}]');
			return { code: Code.Content, contentFormat: ContentFormat.SenmlJson, payload };
		}
		if (code === Code.Post && path === "/3303") return { code: Code.Created, locationPath: "/3303/2" };
		if (code !== Code.Get) return { code: code === Code.Delete ? Code.Deleted : Code.Changed };
		if (message.uint(Option.Accept) === ContentFormat.LinkFormat) {
			const payload = encodeText("</3303/0>;pmin=10,</3303/0/5700>");
			return { code: Code.Content, contentFormat: ContentFormat.LinkFormat, payload };
		}
		return { code: Code.Content, contentFormat: ContentFormat.Text, payload: encodeText("21.5") };
	};
});

test.after(async () => {
	device.close();
	assert.is((await backend.stop()).code, 0);
});

const SUCCESSES: [args: string[], stdout: RegExp][] = [
	[["devices"], /^ENDPOINT .*\na +127\.0\.0\.1:\d+ +connected .* 1 3 3303\(2\)\n$/],
	[["read", "a", "/3303/0/5700"], /^Sensor Value 21\.5\n$/],
	[["read", "a", "3303/0/5700"], /^Sensor Value 21\.5\n$/],
	[
		["read", "a", "/3303/0/5700", "--json"],
		/"content":\{"kind":"singleResource","id":5700,"type":"FLOAT","value":"21.5"\}/,
	],
	[["write", "a", "/3306/0/5850", "on"], /^2\.04 Changed\n$/],
	[["write", "a", "/3308/0/5900", "-4.5"], /^2\.04 Changed\n$/],
	[["write", "a", "/3308/0/5900", "--", "-4.5"], /^2\.04 Changed\n$/],
	[["write", "a", "/3306/0/5850", "on", "--format", "CBOR"], /^2\.04 Changed\n$/],
	[["execute", "a", "/3/0/4"], /^2\.04 Changed\n$/],
	[["execute", "a", "/3/0/4", "--queue", "60"], /^Queued as command \d+\.\n$/],
	[["write", "a", "/3306/0/5850", "on", "--queue", "60", "--json"], /^\{"status":"WAITING","command":\d+\}\n$/],
	[["execute", "a", "/3/0/4", "007"], /^2\.04 Changed\n$/],
	[["create", "a", "/3303", "5750=Bearing"], /^2\.01 Created \/3303\/2\n$/],
	[["create", "a", "/3303/2", "--format", "TLV"], /^2\.01 Created \/3303\/2\n$/],
	[["attributes", "a", "/3303/0/5700", "pmin=10", "gt=-4.5", "lt="], /^2\.04 Changed\n$/],
	[
		["composite", "read", "a", "/3303/0/5700", "/3/0/99"],
		/^\/3303\/0\/5700 +Sensor Value +21\.5\n\/3\/0\/99 +\(no value\)\n$/,
	],
	[["composite", "write", "a", "/3306/0/5850=on", "/1/0/2=5"], /^2\.04 Changed\n$/],
	[["delete", "a", "/3303/1"], /^2\.02 Deleted\n$/],
	[["discover", "a", "/3303"], /^\/3303\/0 +Temperature +pmin=10\n\/3303\/0\/5700 +Sensor Value\n$/],
];
for (const [args, stdout] of SUCCESSES) {
	test(`ends with 0 after ${args.join(" ")}`, async () => {
		const ended = await pinholeHere(args, env);
		assert.is(ended.code, 0, ended.stderr);
		assert.match(ended.stdout, stdout);
	});
}

test("writes numbers as they were typed", async () => {
	let written = "";
	device.device.answer = (_path, message) => {
		written = Buffer.from(message.payload ?? []).toString("hex");
		return { code: Code.Changed };
	};
	await pinholeHere(["execute", "a", "/3/0/4", "007"], env);
	assert.is(written, Buffer.from("007").toString("hex"));
});

test("ends with 0 as a process too", async () => {
	const ended = await pinhole(["read", "a", "/3303/0/5700"], env);
	assert.equal([ended.code, ended.stdout], [0, "Sensor Value 21.5\n"]);
});

test("ends with 2 as a process too", async () => {
	assert.is((await pinhole(["fly"], env)).code, 2);
});

test("ends with 1 and prints the code when the device answers an error", async () => {
	device.device.answer = () => ({ code: Code.NotFound });
	const ended = await pinhole(["read", "a", "/3303/0/9"], env);
	assert.equal([ended.code, ended.stdout, ended.stderr], [1, "", "4.04 Not Found\n"]);
});

test("ends with 1 and prints the whole answer with --json", async () => {
	device.device.answer = () => ({ code: Code.MethodNotAllowed });
	const ended = await pinholeHere(["delete", "a", "/3303/0", "--json"], env);
	assert.is(ended.code, 1);
	assert.is(JSON.parse(ended.stdout).status, "METHOD_NOT_ALLOWED(405)");
});

test("ends with 3 when the device does not answer", async () => {
	device.device.reachable = false;
	const ended = await pinhole(["read", "a", "/3303/0/5700", "--timeout", "0.5"], env);
	assert.is(ended.code, 3);
	assert.match(ended.stderr, /No answer from a within 0\.5 s/);
});

test("ends with 4 when there is no such device", async () => {
	const ended = await pinhole(["read", "nobody", "/3"], env);
	assert.is(ended.code, 4);
	assert.match(ended.stderr, /There is no device nobody/);
});

test("ends with 5 when there is no back end", async () => {
	const ended = await pinhole(["devices", "--backend", "http://127.0.0.1:1"]);
	assert.is(ended.code, 5);
	assert.match(ended.stderr, /There is no back end at http:\/\/127\.0\.0\.1:1 /);
});

const WRONG_CALLS: [args: string[], stderr: RegExp][] = [
	[[], /Say what to do: pinhole --help/],
	[["fly"], /There is no command "fly"/],
	[["read"], /Call it as: pinhole read <ENDPOINT> <PATH>/],
	[["read", "a", "/3/0/0", "more"], /Unused args: `more`/],
	[["read", "a", "/3", "--loud"], /Unknown option `--loud`/],
	[["read", "a", "/3", "--timeout", "soon"], /--timeout needs a number/],
	[["read", "a", "/3", "--timeout"], /value is missing/],
	[["read", "a", "x"], /"x" is no path/],
	[["read", "a", "/3", "--backend", "nowhere"], /--backend needs a URL/],
	[["read", "a", "/3", "--format", "XML"], /no content format XML/],
	[["write", "a", "/3303", "1"], /is no path for this command/],
	[["write", "a", "/3306/0/5850", "on", "--format", "OPAQUE"], /cannot hold this value/],
	[["write", "a", "/3306/0/5850", "maybe"], /true or false is expected/],
	[["create", "a", "/3303/0/1"], /is no path for this command/],
	[["create", "a", "/3303", "5750"], /"5750" is no assignment/],
	[["create", "a", "/3303", "name=x"], /"name" is no number of a resource/],
	[["attributes", "a", "/3303"], /Name an attribute/],
	[["attributes", "a", "/3303", "pmin:1"], /"pmin:1" is no attribute/],
	[["composite", "fly", "a", "/3"], /composite needs one of read, write, observe/],
	[["composite", "read", "a"], /Name the paths/],
	[["composite", "write", "a", "/3/0/14"], /is no assignment/],
	[["composite", "read", "a", "/3", "--path-format", "TLV"], /cannot list paths/],
	[["backend", "--coap", "5683"], /--coap needs HOST:PORT/],
	[["backend", "--coap", "127.0.0.1:99999"], /--coap needs HOST:PORT/],
	[["backend", "--http", "0.0.0.0:0"], /Give a --token to serve the API at 0\.0\.0\.0/],
	[["backend", "--log-level", "loud"], /--log-level needs one of/],
];
for (const [args, stderr] of WRONG_CALLS) {
	test(`ends with 2 and one sentence after: pinhole ${args.join(" ")}`, async () => {
		const ended = await pinholeHere(args, env);
		assert.equal([ended.code, ended.stdout], [2, ""]);
		assert.match(ended.stderr, stderr);
		assert.is(ended.stderr.trimEnd().split("\n").length, 1);
	});
}

const HELPS: [args: string[], stdout: RegExp][] = [
	[["--help"], /observe <ENDPOINT> <PATH> +Read, and hear of each change/],
	[["read", "--help"], /Examples:[\s\S]*pinhole read compressor-1 \/3303\/0\/5700/],
	[["backend", "-h"], /--data <DIR> +Keep registrations/],
];
for (const [args, stdout] of HELPS) {
	test(`prints help after ${args.join(" ")}`, async () => {
		const ended = await pinholeHere(args);
		assert.is(ended.code, 0);
		assert.match(ended.stdout, stdout);
	});
}

test("observes until Ctrl-C", async () => {
	const observing = new Running(["observe", "a", "/3303/0/5700", "--json"], env);
	await observing.lines(1);
	device.device.notify(performance.now(), "/3303/0/5700", "22.5");
	device.drain();
	const [first, second] = (await observing.lines(2)).map((line) => JSON.parse(line));
	assert.is(first.content.value, "21.5");
	assert.equal([second.ep, second.res, second.val.value], ["a", "/3303/0/5700", "22.5"]);
	assert.is((await observing.stop("SIGINT")).code, 0);
});

test("observes several paths until Ctrl-C", async () => {
	const observing = new Running(["composite", "observe", "a", "/3303/0/5700", "/3/0/99"], env);
	await observing.lines(1);
	const now = performance.now();
	device.device.notify(now, "", '[{"n":"/3303/0/5700","v":22.5}]', false, ContentFormat.SenmlJson);
	device.drain();
	const lines = await observing.lines(4);
	assert.match(lines[0]!, /Sensor Value +21\.5$/);
	assert.match(lines[2]!, /Sensor Value +22\.5$/);
	assert.is((await observing.stop("SIGINT")).code, 0);
});

/** /33101 of a device that has just begun, as SenML JSON. */
function bindings(lowerBound: number): Uint8Array {
	const values = `{"n":"1","v":${lowerBound}},{"n":"3","v":16},{"n":"4","vs":"refresh"},{"n":"9","vs":"udp"}`;
	return encodeText(`[{"bn":"/33101/0/","n":"0","v":1},${values},{"n":"14","vs":"waiting"},{"n":"15","v":60}]`);
}

test("tells in plain words how a device stays reachable, or as JSON", async () => {
	const answer = { code: Code.Content, contentFormat: ContentFormat.SenmlJson, payload: bindings(0) };
	device.device.answer = (path) => (path === "/33101" ? answer : { code: Code.NotFound });
	const told = await pinholeHere(["reach", "a"], env);
	assert.equal(told.stdout.split("\n").slice(0, 4), [
		"Server 1 over udp",
		"  binding       nothing seen yet; to be measured",
		"  keepalive     every 16 s: one byte that nobody answers",
		"  cost          too early to say after 60 s; the keepalive alone makes 160,000 bytes a day",
	]);
	const json = await pinholeHere(["reach", "a", "--json"], env);
	const { endpoint, bindings: all } = JSON.parse(json.stdout);
	assert.equal([endpoint, all.length, all[0].lowerBound, all[0].costPeriod], ["a", 1, 0, 60]);
});

test("says what a device without that object cannot tell", async () => {
	device.device.answer = () => ({ code: Code.NotFound });
	const ended = await pinholeHere(["reach", "a"], env);
	assert.equal([ended.code, ended.stdout], [1, ""]);
	assert.match(ended.stderr, /a tells nothing of its bindings: it has no object 33101\./);
});

test("watches how a device stays reachable until Ctrl-C", async () => {
	const answer = { code: Code.Content, contentFormat: ContentFormat.SenmlJson, payload: bindings(0) };
	device.device.answer = () => answer;
	const watching = new Running(["reach", "a", "--watch"], env);
	await watching.lines(7);
	const changed = Buffer.from(bindings(61)).toString();
	device.device.notify(performance.now(), "/33101", changed, false, ContentFormat.SenmlJson);
	device.drain();
	const lines = await watching.lines(14);
	assert.match(lines[1]!, /binding +nothing seen yet; to be measured$/);
	assert.match(lines[8]!, /binding +seen alive after 61 s of silence; to be measured$/);
	assert.is((await watching.stop("SIGINT")).code, 0);
});

test("sends attributes as the device wants them", async () => {
	let query: (string | undefined)[] = [];
	device.device.answer = (_path, message) => {
		query = Array.from({ length: message.count(Option.UriQuery) }, (_, i) => message.text(Option.UriQuery, i));
		return { code: Code.Changed };
	};
	await pinholeHere(["attributes", "a", "/3303/0/5700", "pmin=10", "gt=-4.5", "lt="], env);
	assert.equal(query, ["pmin=10", "gt=-4.5", "lt"]);
});

test("follows the messages of a device", async () => {
	const following = new Running(["log", "a"], env);
	const request = ' a <- CON GET id=(\\d+) token=(\\w+) Uri-Path: "3303", "0", "5700"\n';
	const answer = ".* a -> ACK 2\\.05 id=\\1 token=\\2 Content-Format: 0 \\| 21\\.5\n";
	const exchange = new RegExp(request + answer);
	while (!exchange.test(following.stdout)) await pinholeHere(["read", "a", "/3303/0/5700"], env);
	assert.is((await following.stop("SIGINT")).code, 0);
});

test("asks a back end with a token for the token", async () => {
	const args = ["backend", "--nosec", "--coap", "127.0.0.1:0", "--http", "127.0.0.1:0", "--json"];
	const guarded = new Running(args, { PINHOLE_TOKEN: "secret" });
	const url = String((await guarded.ready()).http);
	assert.is((await pinholeHere(["devices"], { PINHOLE_BACKEND: url })).code, 2);
	assert.is((await pinholeHere(["devices", "--token", "secret"], { PINHOLE_BACKEND: url })).code, 0);
	assert.is((await pinholeHere(["devices"], { PINHOLE_BACKEND: url, PINHOLE_TOKEN: "secret" })).code, 0);
	await guarded.stop();
});

test("stops within two seconds of SIGTERM and SIGINT, with listeners connected", async () => {
	for (const signal of ["SIGTERM", "SIGINT"] as const) {
		const one = new Running(["backend", "--nosec", "--coap", "127.0.0.1:0", "--http", "127.0.0.1:0", "--json"]);
		const url = String((await one.ready()).http);
		const following = new Running(["log", "--json"], { PINHOLE_BACKEND: url });
		const events = await fetch(`${url}/api/event`);
		const startedAt = performance.now();
		const ended = await one.stop(signal);
		assert.is(ended.code, 0);
		assert.ok(performance.now() - startedAt < 2000);
		await events.body?.cancel();
		assert.is((await following.ended).code, 5);
	}
});

test("says what is wrong with an address that is taken", async () => {
	const url = new URL(env.PINHOLE_BACKEND!);
	const ended = await pinhole(["backend", "--nosec", "--coap", "127.0.0.1:0", "--http", url.host]);
	assert.is(ended.code, 2);
	assert.match(ended.stderr, /The back end cannot listen: .*EADDRINUSE/);
});

test("ends quietly when its reader has seen enough", async () => {
	const running = new Running(["devices"], env);
	running.process.stdout?.destroy();
	const { code, stderr } = await running.ended;
	assert.equal([code, stderr], [0, ""]);
});

test("keeps registrations over a restart, and says what is wrong with a bad file", async () => {
	const directory = mkdtempSync(join(tmpdir(), "pinhole-data-"));
	const args = ["backend", "--nosec", "--coap", "127.0.0.1:0", "--http", "127.0.0.1:0", "--data", directory, "--json"];
	const first = new Running(args);
	const other = new SocketDevice(String((await first.ready()).coap));
	await other.register("kept");
	await first.stop();
	other.close();
	const second = new Running(args);
	const url = String((await second.ready()).http);
	assert.match((await pinholeHere(["devices"], { PINHOLE_BACKEND: url })).stdout, /^kept /m);
	await second.stop();
	const file = join(directory, "registrations.json");
	writeFileSync(file, readFileSync(file, "utf8").slice(1));
	const third = await pinhole(args);
	assert.is(third.code, 2);
	assert.match(third.stderr, /registrations\.json cannot be used, it is no JSON/);
	rmSync(directory, { recursive: true });
});

test.run();
