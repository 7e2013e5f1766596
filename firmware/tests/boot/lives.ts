// What a board has gone through when a test begins: provisioned, registered, changed by a server.

import { assert } from "#suite";
import { Code } from "../../coap/codes.js";
import { FakeBoard, type FakeBoardOptions } from "./fake-board.js";

export const SERVER = "192.0.2.1";
export const PORT = 5683;
export const ADDRESS = "10.0.2.15";
export const SETTINGS = {
	endpointName: "compressor-1",
	accounts: [{ serverUri: `coap://${SERVER}`, shortServerId: 1, lifetimeSeconds: 300, keepaliveSeconds: 21 }],
};
export const CREDENTIALS = { mode: "oscore", masterSecret: "000102030405060708090a0b0c0d0e0f" };
export const PROTECTED = [
	{ ...SETTINGS.accounts[0], credentials: { ...CREDENTIALS, senderId: "01", recipientId: "02" } },
];
export const WIFI = { ssid: "workshop", password: "hunter2hunter2" };
/** Location-Path: rd, 1. */
export const LOCATION = [0x82, 0x72, 0x64, 0x01, 0x31];

/** A board that has its settings in flash, and runs. */
export function provisioned(options: FakeBoardOptions = {}): FakeBoard {
	const board = new FakeBoard(options).start();
	const settings = options.kind === "wifi" ? { ...SETTINGS, network: WIFI } : SETTINGS;
	assert.equal(board.ask("provision", { settings }), { ok: true });
	board.system.close();
	return board.start();
}

/** Answers the device's newest request. */
export function acknowledge(board: FakeBoard, code: number, ...options: number[]): void {
	const request = board.socket.sent.at(-1)!.bytes;
	const tokenLength = request[0]! & 15;
	const head = [0x60 | tokenLength, code, request[2]!, request[3]!, ...request.subarray(4, 4 + tokenLength)];
	board.socket.receive(SERVER, PORT, Uint8Array.from([...head, ...options]));
}

export function registered(options: FakeBoardOptions = {}): FakeBoard {
	const board = provisioned(options);
	board.interface.up(ADDRESS);
	acknowledge(board, Code.Created, ...LOCATION);
	return board;
}

/** A POST without payload, as an Execute: /3/0/12 is [3, 0, 12]. */
export function execute(board: FakeBoard, path: readonly number[]): void {
	const options = path.flatMap((id, i) => {
		const digits = [...String(id)].map((digit) => digit.charCodeAt(0));
		return [(i === 0 ? 0xb0 : 0) | digits.length, ...digits];
	});
	board.socket.receive(SERVER, PORT, Uint8Array.from([0x40, Code.Post, 0x12, path.at(-1)!, ...options]));
}

/** A lifetime and a name for the sensor that are not those of the factory. */
export function changed(): FakeBoard {
	const board = registered();
	assert.equal(board.ask("objects write", { path: "/1/0/1", value: 600 }), { ok: true });
	assert.equal(board.ask("objects write", { path: "/3323/0/5750", value: "Oil" }), { ok: true });
	return board;
}

export function values(board: FakeBoard): unknown[] {
	return ["/1/0/1", "/3323/0/5750"].map((path) => board.ask("objects read", { path })[path]);
}
