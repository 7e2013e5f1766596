import { assert, suite } from "#suite";
import type { AgentEvent } from "../../agent/agent.js";
import { addServerAccount } from "../../agent/server-account.js";
import { Code } from "../../coap/codes.js";
import { Model } from "../../lwm2m/model.js";
import { Device as DeviceObject } from "../../lwm2m/objects/device.js";
import { Temperature } from "../../lwm2m/objects/temperature.js";
import { Device } from "../../main.js";
import { TestBoard } from "./board.js";

const test = suite("io/shell");

const SERVER = "192.0.2.1";
const PORT = 5683;

function setUp(serverUri = `coap://${SERVER}`) {
	const board = new TestBoard();
	const model = new Model();
	addServerAccount(model, { serverUri, shortServerId: 1, lifetimeSeconds: 300 });
	model.add(DeviceObject, 0, { errorCode: [0], supportedBindingAndModes: "U" });
	const temperature = model.add(Temperature, 0, { sensorValue: 21.5 });
	const events: AgentEvent[] = [];
	const restarts: string[] = [];
	const device = new Device(board.provider, {
		endpointName: "a",
		model,
		keepaliveMs: 20_000,
		onEvent: (event) => events.push(event),
		onRestart: (why) => restarts.push(why),
	});
	return { board, device, temperature, events, restarts };
}

/** Answers the newest request of the device by an ACK with a code and ready-made options. */
function acknowledge(board: TestBoard, code: number, ...options: number[]): void {
	const request = board.socket.sent.at(-1)!.bytes;
	const tokenLength = request[0]! & 15;
	const head = [0x60 | tokenLength, code, request[2]!, request[3]!, ...request.subarray(4, 4 + tokenLength)];
	board.socket.receive(SERVER, PORT, Uint8Array.from([...head, ...options]));
}

/** Location-Path: rd, 1. */
const LOCATION = [0x82, 0x72, 0x64, 0x01, 0x31];

function registered() {
	const all = setUp();
	all.device.start();
	acknowledge(all.board, Code.Created, ...LOCATION);
	return all;
}

test("opens a socket and sends the Register to the server of the account", () => {
	const { board, device } = setUp();
	device.start();
	assert.is(board.sockets.length, 1);
	const { bytes, address, port } = board.socket.sent[0]!;
	assert.equal([address, port, bytes[1]], [SERVER, PORT, Code.Post]);
});

test("resolves a name first", () => {
	const { board, device } = setUp("coap://backend.example:5783");
	board.names["backend.example"] = "198.51.100.7";
	device.start();
	assert.equal(board.asked, ["backend.example"]);
	assert.equal([board.socket.sent[0]!.address, board.socket.sent[0]!.port], ["198.51.100.7", 5783]);
});

test("a name that cannot be resolved is asked for again", () => {
	const { board, device } = setUp("coap://backend.example");
	device.start();
	board.pass(2_000);
	board.names["backend.example"] = "198.51.100.7";
	board.pass(4_000);
	assert.is(board.asked.length, 3);
	assert.is(board.socket.sent[0]!.address, "198.51.100.7");
});

test("a socket that cannot be opened is tried again", () => {
	const { board, device } = setUp();
	board.exhausted = true;
	device.start();
	assert.is(board.sockets.length, 0);
	board.exhausted = false;
	board.pass(2_000);
	assert.is(board.sockets.length, 1);
});

test("a resolver that cannot be had is tried again", () => {
	const { board, device } = setUp("coap://backend.example");
	board.names["backend.example"] = SERVER;
	board.exhausted = true;
	device.start();
	assert.is(board.asked.length, 0);
	board.exhausted = false;
	board.pass(2_000);
	assert.is(board.sockets.length, 1);
});

test("retransmits by its one timer, over the wrap of the 32-bit ticks", () => {
	const { board, device } = setUp();
	device.start();
	board.pass(7_000);
	assert.is(board.socket.sent.length, 3); // 0 s, 2 s, 6 s
	assert.equal(board.socket.sent[2]!.bytes, board.socket.sent[0]!.bytes);
});

test("drops and counts what comes from anybody else", () => {
	const { board, device, events } = setUp();
	device.start();
	const request = board.socket.sent[0]!.bytes;
	const forged = Uint8Array.from([0x62, Code.Created, request[2]!, request[3]!, request[4]!, request[5]!, ...LOCATION]);
	board.socket.receive("198.51.100.66", PORT, forged);
	board.socket.receive(SERVER, PORT + 1, forged);
	assert.equal(events, []);
	assert.is(device.strayCount, 2);
	board.socket.receive(SERVER, PORT, forged);
	assert.is(events[0]!.kind, "registered");
});

test("reads all datagrams of one readiness", () => {
	const { board, device } = setUp();
	device.start();
	acknowledge(board, Code.Created, ...LOCATION);
	const read = (messageId: number) => [0x40, Code.Get, 0, messageId, 0xb4, 0x33, 0x33, 0x30, 0x33]; // GET /3303
	const before = board.socket.sent.length;
	board.socket.receive(SERVER, PORT, Uint8Array.from(read(1)), Uint8Array.from(read(2)));
	assert.is(board.socket.sent.length, before + 2);
});

test("a changed resource reaches its observer at once", () => {
	const { board, device, temperature } = registered();
	const observe = [0x41, Code.Get, 0x12, 0x34, 0x77, 0x60, 0x54, 0x33, 0x33, 0x30, 0x33, 0x01, 0x30];
	board.socket.receive(SERVER, PORT, Uint8Array.from([...observe, 0x04, 0x35, 0x37, 0x30, 0x30]));
	const before = board.socket.sent.length;
	device.set(temperature, "sensorValue", 22.5);
	assert.is(board.socket.sent.length, before + 1);
	assert.is(board.socket.sent.at(-1)!.bytes[1], Code.Content);
});

test("restarts only after the answer has left", () => {
	const { board, restarts } = registered();
	const before = board.socket.sent.length;
	board.socket.receive(SERVER, PORT, Uint8Array.from([0x40, Code.Post, 0, 9, 0xb1, 0x33, 0x01, 0x30, 0x01, 0x34]));
	assert.equal(restarts, ["execute"]);
	assert.is(board.socket.sent.length, before + 1);
	assert.is(board.socket.sent.at(-1)!.bytes[1], Code.Changed);
});

test("stopped, it de-registers, closes its socket and needs no timer", () => {
	const { board, device, events } = registered();
	device.stop();
	acknowledge(board, Code.Deleted);
	assert.is(events.at(-1)!.kind, "deregistered");
	assert.ok(board.socket.closed);
	assert.not(board.timerIsSet);
});

test("closed, it is silent at once", () => {
	const { board, device } = registered();
	const before = board.socket.sent.length;
	device.close();
	board.pass(100_000);
	assert.ok(board.socket.closed);
	assert.is(board.socket.sent.length, before);
});

test("closed, it stays so when a name is resolved or a resource changes", () => {
	const { board, device, temperature } = setUp("coap://backend.example");
	board.held = [];
	board.names["backend.example"] = SERVER;
	device.start();
	device.close();
	assert.is(board.held.length, 1);
	board.held[0]!();
	device.set(temperature, "sensorValue", 22.5);
	assert.is(board.sockets.length, 0);
	assert.not(board.timerIsSet);
});

test.run();
