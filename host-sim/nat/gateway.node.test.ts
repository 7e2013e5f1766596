// The gateway in virtual time, with frames made by hand.

import { assert, suite } from "#suite";
import type { NatBehaviour } from "./behaviour.js";
import { arpPayload, BROADCAST, ETHERTYPE_ARP, ETHERTYPE_IPV4, ethernetFrame, readArp } from "./frame.js";
import { GATEWAY } from "./gateway.js";
import { BOARD, GatewayBench, HARDWARE, REMOTE, SOURCE, TIMEOUT_MS } from "./gateway-bench.js";
import { checksum, ICMP, ipv4Packet, readIpv4, readUdp, udpPacket } from "./packet.js";
import { SeededRandom } from "./seeded-random.js";
import { segmentPacket } from "./segment.js";
import { SYN } from "./tcp-flags.js";

const test = suite("nat/gateway");

test("answers an ARP request for its own address, and no other", () => {
	const bench = new GatewayBench();
	const who = {
		operation: "request",
		senderHardware: HARDWARE,
		sender: BOARD,
		targetHardware: "000000000000",
	} as const;
	bench.frame(0, BROADCAST, ETHERTYPE_ARP, arpPayload({ ...who, target: GATEWAY }));
	bench.frame(0, BROADCAST, ETHERTYPE_ARP, arpPayload({ ...who, target: BOARD }));
	const [frame, ...others] = bench.frames();
	assert.is(others.length, 0);
	assert.is(frame!.destination, HARDWARE);
	const { operation, sender, targetHardware, target } = readArp(frame!.payload)!;
	assert.equal([operation, sender, targetHardware, target], ["reply", GATEWAY, HARDWARE, BOARD]);
});

test("a datagram leaves through a mapping, and an answer comes back to the board", () => {
	const bench = new GatewayBench();
	const { mapping, remote, payload } = bench.uplink(0)!;
	assert.is(remote, REMOTE);
	assert.is(payload.toString(), "up");
	assert.equal(bench.gateway.pollEvent(), { kind: "opened", port: mapping.port, inside: SOURCE });
	assert.is(bench.gateway.handleInbound(1, mapping.port, REMOTE, Buffer.from("down")), undefined);
	assert.equal(bench.downlinks(), [`${REMOTE}>${SOURCE} down`]);
});

test("two sources have a mapping each", () => {
	const bench = new GatewayBench();
	const ports = [bench.uplink(0)!, bench.uplink(0, `${BOARD}:40001`)!].map(({ mapping }) => mapping.port);
	assert.is.not(ports[0], ports[1]);
	bench.gateway.handleInbound(1, ports[1]!, REMOTE, Buffer.from("two"));
	assert.equal(bench.downlinks(), [`${REMOTE}>${BOARD}:40001 two`]);
});

test("a mapping dies of silence at its instant", () => {
	const bench = new GatewayBench();
	const { mapping } = bench.uplink(0)!;
	assert.is(bench.gateway.pollTimeout(), TIMEOUT_MS);
	assert.is(bench.gateway.handleInbound(TIMEOUT_MS - 1, mapping.port, REMOTE, Buffer.from("a")), undefined);
	assert.is(bench.gateway.handleInbound(TIMEOUT_MS, mapping.port, REMOTE, Buffer.from("b")), "expired");
	assert.is(bench.downlinks().length, 1);
});

test("after a rebinding the old port is dead and the next datagram leaves by the new one", () => {
	const bench = new GatewayBench();
	const before = bench.uplink(0)!.mapping.port;
	bench.gateway.nat.rebind(1);
	assert.is(bench.gateway.handleInbound(2, before, REMOTE, Buffer.from("late")), "rebound");
	const after = bench.uplink(3)!.mapping.port;
	assert.is.not(after, before);
	bench.gateway.handleInbound(4, after, REMOTE, Buffer.from("new"));
	assert.equal(bench.downlinks(), [`${REMOTE}>${SOURCE} new`]);
});

const STRANGERS: readonly (readonly [NatBehaviour["filtering"], string, boolean])[] = [
	["endpoint-independent", "198.51.100.7:9", true],
	["address-dependent", "198.51.100.1:9", true],
	["address-dependent", "198.51.100.7:5683", false],
	["address-and-port-dependent", "198.51.100.1:9", false],
];

for (const [filtering, remote, passes] of STRANGERS) {
	test(`${filtering} filtering ${passes ? "lets in" : "keeps out"} ${remote}`, () => {
		const bench = new GatewayBench({ filtering });
		const { mapping } = bench.uplink(0)!;
		const refusal = bench.gateway.handleInbound(1, mapping.port, remote, Buffer.from("x"));
		assert.is(refusal, passes ? undefined : "filtered");
		assert.is(bench.downlinks().length, passes ? 1 : 0);
	});
}

const DHCP_HEADER = 236;

function dhcpMessage(type: number, options: readonly number[], current = [0, 0, 0, 0]): Buffer {
	const message = Buffer.alloc(DHCP_HEADER);
	message.set([1, 1, 6, 0, 0xaa, 0xbb, 0xcc, 0xdd]);
	message.set(current, 12);
	message.set(Buffer.from(HARDWARE, "hex"), 28);
	return Buffer.concat([message, Buffer.from([0x63, 0x82, 0x53, 0x63, 53, 1, type, ...options, 255])]);
}

/** `[type, offered address, options as hex]` of the answer; undefined without one. */
function dhcp(bench: GatewayBench, message: Buffer): [number, string, string] | undefined {
	bench.frame(0, BROADCAST, ETHERTYPE_IPV4, udpPacket("0.0.0.0:68", "255.255.255.255:67", message, 1));
	const frame = bench.frames()[0];
	if (frame === undefined) return undefined;
	const { payload } = readUdp(readIpv4(frame.payload)!)!;
	assert.is(payload.readUInt32BE(4), 0xaabb_ccdd, "the transaction");
	return [payload[242]!, payload.subarray(16, 20).join("."), payload.toString("hex", 243)];
}

const REQUESTED = [50, 4, 192, 168, 77, 2];
const LEASE = "3604c0a84d0133040000" + "0e100104ffffff000304c0a84d010604c0a84d01ff";

test("DHCP offers an address with mask, router and name server, and acknowledges it", () => {
	const bench = new GatewayBench();
	assert.equal(dhcp(bench, dhcpMessage(1, [])), [2, "192.168.77.2", LEASE]);
	assert.equal(dhcp(bench, dhcpMessage(3, [...REQUESTED, 54, 4, 192, 168, 77, 1])), [5, "192.168.77.2", LEASE]);
	assert.equal(dhcp(bench, dhcpMessage(1, [])), [2, "192.168.77.2", LEASE], "the same address again");
});

const DIALOGUES: readonly (readonly [string, Buffer, number | undefined])[] = [
	["acknowledges a renewal", dhcpMessage(3, [], [192, 168, 77, 2]), 5],
	["refuses an address that is not the board's", dhcpMessage(3, [50, 4, 10, 0, 0, 5]), 6],
	["leaves alone what is for another server", dhcpMessage(3, [...REQUESTED, 54, 4, 192, 168, 77, 3]), undefined],
	["leaves a release without an answer", dhcpMessage(7, []), undefined],
	["leaves alone a message that is cut off", dhcpMessage(1, []).subarray(0, 200), undefined],
	["leaves alone options that are cut off", dhcpMessage(1, []).subarray(0, 242), undefined],
];

for (const [title, message, type] of DIALOGUES) {
	test(`DHCP ${title}`, () => assert.is(dhcp(new GatewayBench(), message)?.[0], type));
}

/** A query of one question; "A" is 1. */
function dnsQuery(name: string, type: number): Buffer {
	const labels = name.split(".").flatMap((label) => [label.length, ...Buffer.from(label)]);
	return Buffer.from([0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...labels, 0, 0, type, 0, 1]);
}

const QUERIES: readonly (readonly [string, Buffer, string | undefined])[] = [
	["answers with an address", dnsQuery("backend.test", 1), "858000010001"],
	["does not mind capitals", dnsQuery("BackEnd.Test", 1), "858000010001"],
	["has no IPv6 address of a name it knows", dnsQuery("backend.test", 28), "858000010000"],
	["does not know other names", dnsQuery("nothing.test", 1), "858300010000"],
	["leaves alone what is cut off", dnsQuery("backend.test", 1).subarray(0, -3), undefined],
	["leaves alone a name that points", Buffer.from("123401000001000000000000c00c00010001", "hex"), undefined],
];

for (const [title, query, expected] of QUERIES) {
	test(`DNS ${title}`, () => {
		const bench = new GatewayBench();
		bench.packet(0, udpPacket(SOURCE, `${GATEWAY}:53`, query, 1));
		const frame = bench.frames()[0];
		const answer = frame === undefined ? undefined : readUdp(readIpv4(frame.payload)!)!.payload;
		assert.is(answer?.toString("hex", 2, 8), expected);
		if (expected === "858000010001") assert.is(answer!.subarray(-4).join("."), "198.51.100.1");
	});
}

test("answers a ping", () => {
	const bench = new GatewayBench();
	const payload = Buffer.from("0800000000070001616263", "hex");
	payload.writeUInt16BE(checksum(payload), 2);
	bench.packet(0, ipv4Packet({ source: BOARD, destination: GATEWAY, protocol: ICMP, payload }, 1));
	const reply = readIpv4(bench.frames()[0]!.payload)!;
	assert.is(checksum(reply.payload), 0);
	assert.is(reply.payload.toString("hex", 4), "00070001616263");
	assert.is(reply.payload[0], 0);
});

const FAULTS: readonly (readonly [string, (packet: Buffer) => Buffer])[] = [
	["is cut off", (packet) => packet.subarray(0, -1)],
	["has a wrong IPv4 check sum", (packet) => packet.fill(0xff, 10, 12)],
	["has a wrong UDP check sum", (packet) => packet.fill(0x01, 26, 28)],
	["claims a length that it has not", (packet) => packet.fill(0xff, 24, 26)],
	["is IPv6", (packet) => packet.fill(0x60, 0, 1)],
	["is empty", () => Buffer.alloc(0)],
];

for (const [title, spoil] of FAULTS) {
	test(`a packet that ${title} is counted and goes no further`, () => {
		const bench = new GatewayBench();
		bench.packet(0, spoil(udpPacket(SOURCE, REMOTE, Buffer.from("up"), 1)));
		assert.is(bench.gateway.pollOutbound(), undefined);
		assert.is(bench.gateway.dropped.malformed, 1);
	});
}

test("spoilt frames of every protocol never throw, and the next sound one is served", () => {
	const bench = new GatewayBench();
	const random = new SeededRandom(3);
	const who = {
		operation: "request",
		senderHardware: HARDWARE,
		sender: BOARD,
		targetHardware: "000000000000",
	} as const;
	const segment = { source: `${BOARD}:50000`, destination: REMOTE, sequence: 0, acknowledgment: 0, window: 1 };
	const packets = [
		udpPacket(SOURCE, REMOTE, Buffer.from("up"), 1),
		udpPacket("0.0.0.0:68", "255.255.255.255:67", dhcpMessage(3, REQUESTED), 1),
		udpPacket(SOURCE, `${GATEWAY}:53`, dnsQuery("backend.test", 1), 1),
		ipv4Packet(segmentPacket({ ...segment, flags: SYN, maximumLength: 1460, payload: Buffer.alloc(0) }), 1),
	];
	const sound: [number, Buffer][] = packets.map((packet) => [ETHERTYPE_IPV4, packet]);
	sound.push([ETHERTYPE_ARP, arpPayload({ ...who, target: GATEWAY })]);
	for (let count = 0; count < 20_000; count++) {
		const [type, payload] = sound[random.uint32() % sound.length]!;
		const frame = ethernetFrame({ destination: bench.hardware, source: HARDWARE, type, payload });
		const spoilt = frame.subarray(0, frame.length - (random.uint32() % 3 === 0 ? random.uint32() % frame.length : 0));
		// From the type on; a check sum of 0 means "none" to UDP, so that what is behind it is read, too.
		for (let left = random.uint32() % 4; left > 0 && spoilt.length > 12; left--) {
			spoilt[12 + (random.uint32() % (spoilt.length - 12))] = random.uint32() & 0xff;
		}
		if (type === ETHERTYPE_IPV4 && payload !== packets[3] && spoilt.length > 41) spoilt.fill(0, 40, 42);
		bench.gateway.handleFrame(count, spoilt);
		bench.frames();
		bench.gateway.pollOutbound();
	}
	assert.ok(bench.uplink(20_000) !== undefined);
});

test.run();
