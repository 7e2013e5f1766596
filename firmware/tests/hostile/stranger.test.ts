import { assert, suite } from "#suite";
import { addServerAccount } from "../../agent/server-account.js";
import { Model } from "../../lwm2m/model.js";
import { Device } from "../../lwm2m/objects/device.js";
import { Device as Runtime } from "../../main.js";
import { TestBoard } from "../io/board.js";
import { corpus } from "./corpus.js";
import { Mutator } from "./mutator.js";

const test = suite("hostile/stranger");

const SERVER = "192.0.2.1";
const PORT = 5683;
const DATAGRAMS = 1000;

/** Whoever is not at the server's address gets not one byte: the device amplifies nothing, whatever it is asked. */
test(`a device answers none of ${DATAGRAMS} datagrams of strangers`, () => {
	const board = new TestBoard();
	const model = new Model();
	addServerAccount(model, { serverUri: `coap://${SERVER}`, shortServerId: 1, lifetimeSeconds: 300 });
	model.add(Device, 0, { errorCode: [0], supportedBindingAndModes: "U" });
	const device = new Runtime(board.provider, { endpointName: "a", model, keepaliveMs: 20_000 });
	device.start();
	const { sent } = board.socket;
	const before = sent.length;
	const mutator = new Mutator(
		1,
		corpus.map(({ bytes }) => bytes),
	);
	mutator.overhear(sent.at(-1)!.bytes);
	for (let i = 0; i < DATAGRAMS; i++) {
		const isNeighbour = mutator.below(2) === 0;
		board.socket.receive(isNeighbour ? SERVER : "198.51.100.66", isNeighbour ? PORT + 1 : PORT, mutator.next());
	}
	assert.is(device.strayCount, DATAGRAMS);
	assert.is(sent.length, before);
});

test.run();
