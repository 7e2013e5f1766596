import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, suite } from "#suite";
import { type CapturedDatagram, CaptureWriter, readCapture } from "./pcap.js";

const test = suite("nat/pcap");
const folder = mkdtempSync(join(tmpdir(), "pinhole-pcap-"));
test.after(() => rmSync(folder, { recursive: true }));

const DATAGRAM: CapturedDatagram = {
	unixMs: 1_700_000_000_123.5,
	source: "192.0.2.1:5683",
	destination: "198.51.100.7:49152",
	payload: Uint8Array.of(0x40, 0x01, 0x12, 0x34, 0xff, 0x80, 0x7f),
};

function capture(name: string, ...datagrams: readonly CapturedDatagram[]): string {
	const path = join(folder, name);
	const writer = new CaptureWriter(path);
	for (const datagram of datagrams) writer.write(datagram);
	writer.close();
	return path;
}

/** The ones' complement sum over whole words is all ones when the check sum within is right (RFC 1071). */
function adds(bytes: Uint8Array, more: number): boolean {
	let sum = more;
	for (let at = 0; at < bytes.length; at += 2) sum += bytes[at]! * 256 + (bytes[at + 1] ?? 0);
	while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
	return sum === 0xffff;
}

test("gives back what was written, with microseconds", () => {
	const empty = { ...DATAGRAM, unixMs: 1_700_000_001_000.001, payload: new Uint8Array(0) };
	const read = readCapture(capture("round-trip.pcap", DATAGRAM, empty));
	assert.is(read.length, 2);
	assert.is(Math.round(read[0]!.unixMs * 1000), 1_700_000_000_123_500);
	assert.is(Math.round(read[1]!.unixMs * 1000), 1_700_000_001_000_001);
	assert.is(read[0]!.source, DATAGRAM.source);
	assert.is(read[0]!.destination, DATAGRAM.destination);
	assert.equal([...read[0]!.payload], [...DATAGRAM.payload]);
	assert.is(read[1]!.payload.length, 0);
});

const PAYLOADS: readonly (readonly [title: string, payload: Uint8Array])[] = [
	["no payload", new Uint8Array(0)],
	["an odd length", Uint8Array.of(1, 2, 3)],
	["an even length", Uint8Array.of(1, 2, 3, 4)],
	["many carries", new Uint8Array(1400).fill(0xff)],
];
for (const [title, payload] of PAYLOADS) {
	test(`lengths and check sums are right with ${title}`, () => {
		const file = readFileSync(capture("sums.pcap", { ...DATAGRAM, payload }));
		const packet = file.subarray(24 + 16);
		assert.is(packet.length, 28 + payload.length);
		assert.is(packet.readUInt16BE(2), packet.length);
		assert.is(packet.readUInt16BE(24), 8 + payload.length);
		assert.ok(adds(packet.subarray(0, 20), 0), "IPv4 header");
		const pseudo = [12, 14, 16, 18].reduce((sum, at) => sum + packet.readUInt16BE(at), 17 + 8 + payload.length);
		assert.ok(adds(packet.subarray(20), pseudo), "UDP");
	});
}

test("a check sum of zero is written as all ones, since zero means none (RFC 768)", () => {
	for (let word = 0; word <= 0xffff; word++) {
		// Ports and addresses add up to a constant: one of the payloads makes the sum come out as zero.
		const payload = Uint8Array.of(word >> 8, word);
		const sum = [0xc000, 0x0201, 0xc633, 0x6407, 17, 10, 5683, 49152, 10, word].reduce((a, b) => a + b);
		if (((sum & 0xffff) + Math.floor(sum / 0x10000)) % 0xffff !== 0) continue;
		const packet = readFileSync(capture("zero.pcap", { ...DATAGRAM, payload })).subarray(24 + 16);
		assert.is(packet.readUInt16BE(26), 0xffff);
		return;
	}
	assert.unreachable("no payload gives the sum zero");
});

test("a file is readable while it grows: a record that is not whole is left out", () => {
	const path = capture("growing.pcap", DATAGRAM);
	appendFileSync(path, readFileSync(path).subarray(24, 24 + 20));
	assert.is(readCapture(path).length, 1);
});

test.run();
