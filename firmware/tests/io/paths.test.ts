import { assert, suite } from "#suite";
import type { PathClosed } from "../../agent/agent.js";
import { encodeText } from "../../bytes.js";
import { WebSocketEnd } from "../../coap/websocket.js";
import type { Tcp, TcpOptions } from "../../io/ecma-419.js";
import { type OpenCommand, type PathOwner, StreamPath } from "../../io/paths.js";
import { fromHex, toHex } from "../coap/hex.js";
import { FixedRandom } from "../random.js";

const test = suite("io/paths: connections");

/** A connection whose other end is the test. */
class TestTcp implements Tcp {
	static last: TestTcp;
	readonly options: TcpOptions;
	readonly written: string[] = [];
	closed = false;
	#waiting: number[] = [];

	constructor(options: TcpOptions) {
		this.options = options;
		TestTcp.last = this;
	}

	read(count = this.#waiting.length): ArrayBuffer | undefined {
		if (this.#waiting.length === 0) return undefined;
		return Uint8Array.from(this.#waiting.splice(0, count)).buffer;
	}

	write(buffer: ArrayBufferLike | ArrayBufferView): number {
		this.written.push(toHex((buffer as Uint8Array).slice()));
		return 1000;
	}

	close(): void {
		this.closed = true;
	}

	writable(count: number): void {
		this.options.onWritable!.call(this, count);
	}

	receive(bytes: Uint8Array): void {
		this.#waiting.push(...bytes);
		this.options.onReadable!.call(this, bytes.length);
	}

	fail(): void {
		this.options.onError!.call(this);
	}
}

class Owner implements PathOwner {
	readonly lines: string[] = [];
	handleOpened(path: number): void {
		this.lines.push(`opened ${path}`);
	}
	handleWritable(path: number, room: number): void {
		this.lines.push(`room ${path} ${room}`);
	}
	handleReceived(path: number, bytes: Uint8Array): void {
		this.lines.push(`received ${path} ${toHex(bytes)}`);
	}
	handleStray(): void {}
	handleClosed(path: number, why: PathClosed): void {
		this.lines.push(`closed ${path} ${why}`);
	}
}

const COMMAND: OpenCommand = { kind: "open", path: 4, transport: "tcp", address: "192.0.2.1", port: 5683 };

function open(webSocket?: WebSocketEnd) {
	const owner = new Owner();
	const path = new StreamPath(COMMAND, { io: TestTcp }, owner, webSocket);
	return { owner, path, socket: TestTcp.last };
}

test("a path is open when the socket takes something for the first time", () => {
	const { owner, path, socket } = open();
	assert.equal([socket.options.address, socket.options.port, socket.options.nodelay], ["192.0.2.1", 5683, true]);
	assert.equal(owner.lines, []);
	socket.writable(500);
	socket.writable(700);
	assert.equal(owner.lines, ["opened 4", "room 4 500", "room 4 700"]);
	path.send(fromHex("00e1"));
	assert.equal(socket.written, ["00e1"]);
});

test("what came before we knew that it is open is read then", () => {
	const { owner, socket } = open();
	socket.receive(fromHex("00e1"));
	assert.equal(owner.lines, []);
	socket.writable(500);
	assert.equal(owner.lines, ["opened 4", "room 4 500", "received 4 00e1"]);
});

test("much is read in pieces", () => {
	const { owner, socket } = open();
	socket.writable(500);
	socket.receive(new Uint8Array(2500));
	assert.equal(
		owner.lines.slice(2).map((line) => line.length),
		[1024, 1024, 452].map((length) => "received 4 ".length + 2 * length),
	);
});

test("a connection that was never open was refused, one that was has ended", () => {
	const refused = open();
	refused.socket.fail();
	assert.equal(refused.owner.lines, ["closed 4 refused"]);
	assert.ok(refused.socket.closed);
	const ended = open();
	ended.socket.writable(500);
	ended.socket.fail();
	ended.socket.fail();
	assert.equal(ended.owner.lines.slice(2), ["closed 4 ended"]);
});

test("a closed path says nothing more", () => {
	const { owner, path, socket } = open();
	socket.writable(500);
	path.close();
	socket.receive(fromHex("00e1"));
	socket.writable(600);
	socket.fail();
	assert.equal(owner.lines, ["opened 4", "room 4 500"]);
});

/** A WebSocket's other end. */
function webSockets() {
	const random = new FixedRandom(0);
	return { client: new WebSocketEnd({ random, host: "a" }), server: new WebSocketEnd({ random }) };
}

test("with a WebSocket the path is open after the handshake, with room for its frames", () => {
	const { client, server } = webSockets();
	const { owner, path, socket } = open(client);
	socket.writable(5000);
	assert.equal(owner.lines, []);
	server.handleReceived(fromHex(socket.written[0]!));
	socket.receive(server.pollTransmit()!);
	assert.equal(owner.lines, ["opened 4", "room 4 984"]);
	path.send(fromHex("21017fb161"));
	assert.equal(socket.written.slice(1), ["82850000000001017fb161"]);
	server.send(fromHex("01457f"));
	socket.receive(server.pollTransmit()!);
	assert.equal(owner.lines.slice(2), ["received 4 01457f"]);
});

test("a server that wants no WebSocket has refused", () => {
	const { client } = webSockets();
	const { owner, socket } = open(client);
	socket.writable(5000);
	socket.receive(encodeText("HTTP/1.1 403 Forbidden\r\n\r\n"));
	assert.equal(owner.lines, ["closed 4 refused"]);
	assert.ok(socket.closed);
});

test("a WebSocket that is closed answers so, and has ended", () => {
	const { client, server } = webSockets();
	const { owner, socket } = open(client);
	socket.writable(5000);
	server.handleReceived(fromHex(socket.written[0]!));
	socket.receive(server.pollTransmit()!);
	socket.receive(fromHex("8800"));
	assert.is(socket.written.at(-1)!.slice(0, 2), "88");
	assert.equal(owner.lines.slice(2), ["closed 4 ended"]);
});

test.run();
