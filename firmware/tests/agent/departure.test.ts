import { assert, suite } from "#suite";
import { Agent, type AgentEvent, type Command } from "../../agent/agent.js";
import { addServerAccount } from "../../agent/server-account.js";
import { Code } from "../../coap/codes.js";
import { DatagramEndpoint } from "../../coap/datagram.js";
import { Stream } from "../../coap/stream.js";
import type { Transmit } from "../../contract.js";
import { limits } from "../../limits.js";
import { Model } from "../../lwm2m/model.js";
import { Device } from "../../lwm2m/objects/device.js";
import { fromHex, toHex } from "../coap/hex.js";
import { FixedRandom } from "../random.js";

const test = suite("agent/departure");

const ROOM = 4096;
const RELEASE = 0xe4;
/** Enough for each first wait of the way. */
const SOON = 10_000;

/** A device over connections that the test accepts, and a server at the end of each. */
class Harbour {
	now = 0;
	readonly agent: Agent;
	readonly events: AgentEvent[] = [];
	/** "open tls 192.0.2.1:5684 as NAME", "close". */
	readonly commands: string[] = [];
	/** Codes of what came over the present connection. */
	codes: number[] = [];
	restart: string | undefined;
	/** False: the server answers nothing. */
	answering = true;
	#path = -1;
	#server = this.#end();
	readonly #out: Transmit = { bytes: new Uint8Array(limits.messageLength), length: 0, path: 0 };

	constructor(serverUri: string) {
		const model = new Model();
		addServerAccount(model, { serverUri, shortServerId: 1, lifetimeSeconds: 86_400 });
		model.add(Device, 0, { errorCode: [0], supportedBindingAndModes: "T", deviceType: null });
		const random = new FixedRandom();
		this.agent = new Agent({ endpointName: "lab", model, random, keepaliveMs: Number.POSITIVE_INFINITY });
		this.agent.start(0);
		this.#settle();
	}

	#end() {
		const random = new FixedRandom(7);
		const end = { stream: new Stream({ random }), endpoint: new DatagramEndpoint({ random }) };
		end.endpoint.isReliable = true;
		end.stream.handleWritable(1 << 20);
		return end;
	}

	/** The connection that is sought is there. */
	accept(): void {
		this.#server = this.#end();
		this.codes = [];
		this.agent.handleOpened(this.now, this.#path);
		this.agent.handleWritable(this.now, this.#path, ROOM);
		this.#settle();
	}

	refuse(): void {
		this.agent.handleClosed(this.now, this.#path, "refused");
		this.#settle();
	}

	/** The server's end of the connection. */
	cut(): void {
		this.agent.handleClosed(this.now, this.#path, "ended");
		this.#settle();
	}

	/** Raw bytes of the server. */
	say(hex: string): void {
		this.agent.handleReceived(this.now, this.#path, fromHex(hex));
		this.#settle();
	}

	execute(path: string): void {
		const { endpoint } = this.#server;
		endpoint.request(this.now, {
			code: Code.Post,
			path,
			query: [],
			confirmable: true,
			contentFormat: undefined,
			accept: undefined,
			observe: undefined,
			payload: undefined,
			maxRetransmit: undefined,
			urgent: undefined,
		});
		this.#settle();
	}

	stop(): void {
		this.agent.stop(this.now);
		this.#settle();
	}

	farewell(): void {
		this.agent.farewell();
		this.#settle();
	}

	run(milliseconds: number): void {
		const end = this.now + milliseconds;
		for (let at = this.agent.pollTimeout(); at <= end; at = this.agent.pollTimeout()) {
			this.now = Math.max(this.now, at);
			this.agent.handleTimeout(this.now);
			this.#settle();
		}
		this.now = end;
	}

	/** What the device wanted since the last look. */
	wanted(): string[] {
		return this.commands.splice(0);
	}

	details(kind: AgentEvent["kind"]): string[] {
		return this.events.filter((event) => event.kind === kind).map(({ detail }) => detail);
	}

	#settle(): void {
		for (let turn = 0; turn < 10; turn++) {
			this.#drainDevice();
			this.#drainServer();
		}
	}

	#drainDevice(): void {
		const { agent, now } = this;
		for (let command = agent.pollCommand(); command !== undefined; command = agent.pollCommand()) this.#obey(command);
		for (let event = agent.pollEvent(); event !== undefined; event = agent.pollEvent()) this.events.push(event);
		while (agent.pollTransmit(now, this.#out))
			this.#server.stream.handleReceived(this.#out.bytes.slice(0, this.#out.length));
	}

	#obey(command: Command): void {
		if (command.kind === "restart") this.restart = command.why;
		if (command.kind === "close") this.commands.push("close");
		if (command.kind === "resolve") {
			this.agent.handleResolved(this.now, command.query, [command.host === "b.example" ? "192.0.2.2" : "192.0.2.1"]);
			return this.#drainDevice();
		}
		if (command.kind !== "open") return;
		const { path, transport, address, port, host = "nobody" } = command;
		this.#path = path;
		this.commands.push(`open ${transport} ${address}:${port} as ${host}`);
	}

	#drainServer(): void {
		const { endpoint, stream } = this.#server;
		const message = stream.pollReceived();
		if (message !== undefined) {
			this.codes.push(message[1]!);
			endpoint.handleReceived(this.now, message);
		}
		for (let event = endpoint.pollEvent(); event !== undefined; event = endpoint.pollEvent())
			if (event.kind === "request" && this.answering) {
				const isRegister = event.message.count(11) === 1;
				const code = event.message.code === Code.Delete ? Code.Deleted : isRegister ? Code.Created : Code.Changed;
				const locationPath = isRegister ? "/rd/1" : undefined;
				endpoint.respond(this.now, event.exchange, {
					code,
					payload: undefined,
					contentFormat: undefined,
					locationPath,
					observe: false,
					confirmable: undefined,
				});
			}
		stream.keep();
		if (stream.release !== undefined && this.codes.at(-1) !== RELEASE) this.codes.push(RELEASE);
		const out: Transmit = { bytes: new Uint8Array(limits.streamMessageLength), length: 0, path: 0 };
		while (stream.pollTransmit(this.now, out, endpoint))
			this.agent.handleReceived(this.now, this.#path, out.bytes.slice(0, out.length));
	}
}

function registered(serverUri: string): Harbour {
	const harbour = new Harbour(serverUri);
	harbour.wanted();
	harbour.accept();
	assert.equal(harbour.details("registered").length, 1);
	harbour.wanted();
	return harbour;
}

function ascii(text: string): string {
	return toHex(Uint8Array.from(text, (letter) => letter.charCodeAt(0)));
}

/** A Release with these options (RFC 8323, 5.5): 2 is another address, 4 the hold-off. */
function release(address: string, holdOffSeconds = 0): string {
	const length = address.length;
	const first = length === 0 ? "" : length < 13 ? `2${length.toString(16)}${ascii(address)}` : longOption(address);
	const delta = length === 0 ? 4 : 2;
	const second = holdOffSeconds === 0 ? "" : `${delta}3${holdOffSeconds.toString(16).padStart(6, "0")}`;
	const body = first + second;
	const count = body.length / 2;
	return count < 13 ? `${count.toString(16)}0e4${body}` : `d0${(count - 13).toString(16).padStart(2, "0")}e4${body}`;
}

function longOption(text: string): string {
	return `2d${(text.length - 13).toString(16).padStart(2, "0")}${ascii(text)}`;
}

/** The server's URI, where it sends us, with keys or without, and where the next connection leads. */
const ROWS: readonly (readonly [uri: string, address: string, hasKeys: boolean, next: string])[] = [
	["coap+tcp://192.0.2.1", "", false, "open tcp 192.0.2.1:5683 as nobody"],
	["coap+tcp://192.0.2.1", "192.0.2.1:7000", false, "open tcp 192.0.2.1:7000 as nobody"],
	["coap+tcp://192.0.2.1", "192.0.2.2:7000", false, "open tcp 192.0.2.1:5683 as nobody"],
	["coap+tcp://192.0.2.1", "192.0.2.2:7000", true, "open tcp 192.0.2.2:7000 as nobody"],
	["coap+tcp://a.example", "b.example", true, "open tcp 192.0.2.2:5683 as nobody"],
	["coap+tcp://a.example", "b.example", false, "open tcp 192.0.2.1:5683 as nobody"],
	["coaps+tcp://a.example", "b.example:7000", false, "open tls 192.0.2.2:7000 as a.example"],
	["coaps+ws://a.example", "a.example:8443", false, "open wss 192.0.2.1:8443 as a.example"],
	["coap+ws://a.example", "b.example:8080", false, "open ws 192.0.2.1:80 as a.example"],
	["coaps+tcp://a.example", "b.example/path", false, "open tls 192.0.2.1:5684 as a.example"],
	["coaps+tcp://a.example", "[2001:db8::1]", false, "open tls 192.0.2.1:5684 as a.example"],
	["coaps+tcp://a.example", "b.example:0", false, "open tls 192.0.2.1:5684 as a.example"],
];

for (const [uri, address, hasKeys, next] of ROWS)
	test(`a Release of ${uri}${hasKeys ? " with keys" : ""} that names "${address}" leads to: ${next}`, () => {
		const harbour = registered(uri);
		if (hasKeys) giveKeys(harbour);
		harbour.say(release(address));
		harbour.run(SOON);
		assert.equal(harbour.wanted(), ["close", next]);
	});

/** From now on the account counts as one with keys: its messages stay plain, which is of no matter here. */
function giveKeys({ agent }: Harbour): void {
	const { options } = (agent as unknown as { account(path: number): { readonly options: object } }).account(0);
	Object.assign(options, { protection: {} });
}

test("for the hold-off nobody comes back, and people are told why", () => {
	const harbour = registered("coap+tcp://192.0.2.1");
	harbour.say(release("", 60));
	harbour.run(59_000);
	assert.equal(harbour.wanted(), ["close"]);
	harbour.run(2_000);
	assert.equal(harbour.wanted(), ["open tcp 192.0.2.1:5683 as nobody"]);
	assert.equal(harbour.details("waiting"), ["192.0.2.1 asks to be left, for 60 s at least"]);
});

test("a server that closes at once after its Release is obeyed all the same", () => {
	const harbour = registered("coap+tcp://192.0.2.1");
	harbour.say(release("192.0.2.1:7000", 60));
	harbour.cut();
	harbour.run(SOON);
	assert.equal(harbour.wanted(), ["close", "open tcp 192.0.2.1:7000 as nobody"]);
});

test("a hold-off of months is a day", () => {
	const harbour = registered("coap+tcp://192.0.2.1");
	harbour.say(release("", 0xffffff));
	harbour.run(86_390_000);
	assert.equal(harbour.wanted(), ["close"]);
	harbour.run(20_000);
	assert.equal(harbour.wanted(), ["open tcp 192.0.2.1:5683 as nobody"]);
});

test("the hold-off is of the server that asked for it, not of the other one", () => {
	const harbour = registered("coaps+tcp://a.example");
	harbour.say(release("b.example", 60));
	harbour.run(SOON);
	assert.equal(harbour.wanted(), ["close", "open tls 192.0.2.2:5684 as a.example"]);
	harbour.accept();
	assert.equal(harbour.details("updated").length, 1);
});

test("where the other one is of no use, the first is gone to again, once it may", () => {
	const harbour = registered("coaps+tcp://a.example");
	harbour.say(release("b.example", 60));
	harbour.run(SOON);
	harbour.refuse();
	harbour.wanted();
	harbour.run(49_000);
	assert.equal(harbour.wanted(), []);
	harbour.run(2_000);
	assert.equal(harbour.wanted(), ["open tls 192.0.2.1:5684 as a.example"]);
});

test("within the hold-off the other one is come back to while it is of use", () => {
	const harbour = registered("coaps+tcp://a.example");
	harbour.say(release("b.example", 3600));
	harbour.run(SOON);
	harbour.accept();
	harbour.wanted();
	harbour.cut();
	harbour.run(SOON);
	assert.equal(harbour.wanted(), ["open tls 192.0.2.2:5684 as a.example"]);
});

test("after the hold-off a connection that ended is made to the first again", () => {
	const harbour = registered("coaps+tcp://a.example");
	harbour.say(release("b.example", 60));
	harbour.run(SOON);
	harbour.accept();
	harbour.run(60_000);
	harbour.wanted();
	harbour.cut();
	harbour.run(SOON);
	assert.equal(harbour.wanted(), ["open tls 192.0.2.1:5684 as a.example"]);
});

test("servers that send a device on and on do so at the pace of failures", () => {
	const harbour = registered("coap+tcp://192.0.2.1");
	harbour.answering = false;
	let count = 0;
	while (harbour.now < 600_000) {
		harbour.say(release(`192.0.2.1:${7000 + (count % 2)}`));
		while (harbour.wanted().every((wish) => wish === "close")) harbour.run(100);
		harbour.accept();
		count++;
	}
	assert.ok(count < 15, `${count} connections`);
});

test("who de-registers says Release, and only then closes", () => {
	const harbour = registered("coap+tcp://192.0.2.1");
	harbour.stop();
	assert.equal(harbour.codes.slice(-2), [Code.Delete, RELEASE]);
	assert.equal(harbour.details("deregistered").length, 1);
	harbour.run(1);
	assert.equal(harbour.wanted(), ["close"]);
	harbour.run(SOON);
	assert.equal(harbour.wanted(), []);
});

test("where the server closes first, nobody comes back either", () => {
	const harbour = registered("coap+tcp://192.0.2.1");
	harbour.stop();
	harbour.cut();
	harbour.run(3_600_000);
	assert.equal(harbour.wanted(), ["close"]);
});

test("before a restart the server is told that the connection ends", () => {
	const harbour = registered("coap+tcp://192.0.2.1");
	harbour.execute("/3/0/4");
	assert.is(harbour.restart, "execute");
	harbour.farewell();
	assert.is(harbour.codes.at(-1), RELEASE);
});

test.run();
