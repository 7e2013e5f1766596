import { assert, suite } from "#suite";
import { connection, networkTimes } from "../../io/constants.js";
import { Network } from "../../io/network.js";
import { FixedRandom } from "../random.js";
import { FakeInterface } from "./fake-interface.js";
import { VirtualTime } from "./virtual-time.js";

const test = suite("io/network");

function setUp(kind: "ethernet" | "wifi" = "ethernet") {
	const time = new VirtualTime();
	const labels: (string | undefined)[] = [];
	let made: FakeInterface | undefined;
	const network = new Network({
		interface: {
			io: class extends FakeInterface {
				constructor(options: ConstructorParameters<typeof FakeInterface>[0]) {
					super(options);
					made = this;
				}
			},
			kind,
		},
		timer: time.timer,
		random: new FixedRandom(), // no jitter: the longest waits
		onLabel: (label) => labels.push(label),
	});
	return { network, time, labels, interface: made! };
}

const ACCESS_POINT = { SSID: "workshop", BSSID: "aa:bb:cc:00:00:01" };

test("asks for the network at once, and only then", () => {
	const { network, interface: io } = setUp();
	assert.equal(io.connects, []);
	network.start(undefined);
	assert.equal(io.connects, [{}]);
	assert.is(network.status.state, "connecting");
});

test("gives an access point its name and password", () => {
	const { network, interface: io } = setUp("wifi");
	network.start({ ssid: "workshop", password: "hunter2hunter2" });
	assert.equal(io.connects, [{ SSID: "workshop", password: "hunter2hunter2" }]);
});

test("an open access point wants no password", () => {
	const { network, interface: io } = setUp("wifi");
	network.start({ ssid: "workshop", password: "" });
	assert.equal(io.connects, [{ SSID: "workshop" }]);
});

test("names an Ethernet by its address", () => {
	const { network, labels, interface: io } = setUp();
	network.start(undefined);
	io.up("10.0.2.15");
	assert.equal(labels, ["ethernet 10.0.2.15"]);
	assert.is(network.label, "ethernet 10.0.2.15");
});

test("names a Wi-Fi by access point and address, and tells no password", () => {
	const { network, labels, interface: io } = setUp("wifi");
	network.start({ ssid: "workshop", password: "hunter2hunter2" });
	io.up("192.168.1.7", ACCESS_POINT);
	assert.equal(labels, ["wifi workshop aa:bb:cc:00:00:01 192.168.1.7"]);
	assert.not.ok(JSON.stringify(network.status).includes("hunter2"));
});

test("an association without an address is no network yet", () => {
	const { network, labels, interface: io } = setUp("wifi");
	network.start({ ssid: "workshop", password: "" });
	io.become(connection.associated);
	assert.equal(labels, []);
});

test("a second word about the same network is no news", () => {
	const { network, labels, interface: io } = setUp();
	network.start(undefined);
	io.up("10.0.2.15");
	io.up("10.0.2.15");
	assert.is(labels.length, 1);
});

test("another address without a loss is another network", () => {
	const { network, labels, interface: io } = setUp();
	network.start(undefined);
	io.up("10.0.2.15");
	io.up("10.0.2.16");
	assert.equal(labels, ["ethernet 10.0.2.15", "ethernet 10.0.2.16"]);
	assert.is(network.status.lossCount, 0);
});

test("another access point of the same name is another network", () => {
	const { network, labels, interface: io } = setUp("wifi");
	network.start({ ssid: "workshop", password: "" });
	io.up("192.168.1.7", ACCESS_POINT);
	io.up("192.168.1.7", { SSID: "workshop", BSSID: "aa:bb:cc:00:00:02" });
	assert.is(labels.length, 2);
});

test("a loss is told at once, counted, and asked about after the first wait", () => {
	const { network, time, labels, interface: io } = setUp();
	network.start(undefined);
	io.up("10.0.2.15");
	io.become(connection.disconnected);
	assert.equal(labels, ["ethernet 10.0.2.15", undefined]);
	assert.is(network.status.lossCount, 1);
	assert.is(network.status.state, "waiting");
	time.pass(networkTimes.retryMs);
	assert.is(io.connects.length, 2);
});

test("a cable that is plugged in again needs nobody to connect", () => {
	const { network, labels, interface: io } = setUp();
	network.start(undefined);
	io.up("10.0.2.15");
	io.become(connection.disconnected);
	io.up("10.0.2.15");
	assert.equal(labels, ["ethernet 10.0.2.15", undefined, "ethernet 10.0.2.15"]);
	assert.is(io.connects.length, 1);
	assert.is(network.status.state, "up");
});

test("a refusal is answered with longer and longer waits, and never with giving up", () => {
	const { network, time, interface: io } = setUp("wifi");
	network.start({ ssid: "workshop", password: "wrong" });
	const waits: number[] = [];
	for (let i = 0; i < 20; i++) {
		io.become(connection.disconnected);
		waits.push(time.waits[0]!);
		time.pass(time.waits[0]!);
	}
	assert.equal(waits.slice(0, 8), [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 64_000]);
	assert.is(waits[19], 64_000);
	assert.is(io.connects.length, 21);
});

test("an attempt that leads nowhere is broken off", () => {
	const { network, time, interface: io } = setUp("wifi");
	network.start({ ssid: "workshop", password: "" });
	io.become(connection.associated);
	const before = io.disconnectCount;
	time.pass(networkTimes.attemptMs);
	assert.is(io.disconnectCount, before + 1);
	assert.is(network.status.state, "waiting");
	time.pass(networkTimes.retryMs);
	assert.is(network.status.state, "connecting");
});

test("a driver that throws is asked again", () => {
	const { network, time, labels, interface: io } = setUp();
	io.busy = true;
	network.start(undefined);
	assert.is(network.status.state, "waiting");
	io.busy = false;
	time.pass(networkTimes.retryMs);
	io.up("10.0.2.15");
	assert.is(labels.length, 1);
});

test("what flaps is sought more and more slowly", () => {
	const { network, time, interface: io } = setUp();
	network.start(undefined);
	const waits: number[] = [];
	for (let i = 0; i < 4; i++) {
		io.up("10.0.2.15");
		time.pass(100);
		io.become(connection.disconnected);
		waits.push(time.waits[0]!);
		time.pass(time.waits[0]!);
	}
	assert.equal(waits, [1_000, 2_000, 4_000, 8_000]);
});

test("what held for a while is sought quickly again", () => {
	const { network, time, interface: io } = setUp();
	network.start(undefined);
	for (let i = 0; i < 4; i++) {
		io.up("10.0.2.15");
		io.become(connection.disconnected);
		time.pass(time.waits[0]!);
	}
	io.up("10.0.2.15");
	time.pass(networkTimes.stableMs);
	io.become(connection.disconnected);
	assert.is(time.waits[0], networkTimes.retryMs);
});

test("chance takes up to half of a wait, so that a street does not come back as one", () => {
	const time = new VirtualTime();
	let io: FakeInterface | undefined;
	const network = new Network({
		interface: {
			io: class extends FakeInterface {
				constructor(options: ConstructorParameters<typeof FakeInterface>[0]) {
					super(options);
					io = this;
				}
			},
			kind: "ethernet",
		},
		timer: time.timer,
		random: new FixedRandom(0xffff_ffff),
		onLabel: () => {},
	});
	network.start(undefined);
	io!.become(connection.disconnected);
	assert.is(Math.round(time.waits[0]!), 500);
});

test("stopped, it leaves the network and asks for none", () => {
	const { network, time, labels, interface: io } = setUp();
	network.start(undefined);
	io.up("10.0.2.15");
	network.stop();
	assert.equal(labels, ["ethernet 10.0.2.15", undefined]);
	time.pass(1_000_000);
	assert.is(io.connects.length, 1);
	assert.equal(time.waits, []);
	io.up("10.0.2.15");
	assert.is(labels.length, 2);
});

test("started again with other credentials, it uses those", () => {
	const { network, interface: io } = setUp("wifi");
	network.start({ ssid: "workshop", password: "" });
	network.start({ ssid: "yard", password: "12345678" });
	assert.equal(io.connects[1], { SSID: "yard", password: "12345678" });
});

test.run();
