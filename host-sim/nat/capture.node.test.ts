// suite: real-network limit=60
// Wireshark's judgement on what the relay captured between a real device and a real back end.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { assert, suite } from "#suite";
import { Option } from "../../firmware/coap/options.js";
import { missingFor } from "../engine/build.js";
import { Cast } from "../story/cast.js";
import { CaptureWriter, readCapture } from "./pcap.js";
import { portOf } from "./peer.js";

const PRESSURE = "/3323/0/5700";
const COMMAND_MS = 5000;
const REGISTER_MS = 20_000;
const NOTIFICATIONS_MS = 2500;

/** The number of the OSCORE option, the first one here, and a flag of its value (RFC 8613, 6.1). */
const OSCORE = 9;
const KID_CONTEXT_FLAG = 0x10;

/** Display filters; the numbers are Wireshark's for "warning" and for "good". */
const WARNED = "_ws.expert.severity >= 0x600000";
/** All that Wireshark may warn of in a message that has it: it knows no option of ours. */
const OURS = `_ws.expert.message == "Unknown Option Number ${Option.Reach}"`;
const WRONG_SUM = "ip.checksum.status != 1 or udp.checksum.status != 1";

const folder = mkdtempSync(join(tmpdir(), "pinhole-capture-"));

function whyNoTshark(): string | undefined {
	try {
		execFileSync("tshark", ["--version"], { stdio: "ignore" });
		return undefined;
	} catch {
		return "tshark is not installed";
	}
}

/** The numbers of the frames that a display filter selects, with check sums verified and CoAP expected at the ports. */
function frames(capture: string, ports: readonly number[], filter: string): string[] {
	const decode = ports.flatMap((port) => ["-d", `udp.port==${port},coap`]);
	const verify = ["-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE"];
	const argv = ["-n", "-r", capture, ...decode, ...verify, "-Y", filter, "-T", "fields", "-e", "frame.number"];
	return execFileSync("tshark", argv, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] })
		.split("\n")
		.filter((line) => line !== "");
}

const SETTINGS = { engine: "node", udpTimeoutSeconds: 30, keepaliveSeconds: 1, lifetimeSeconds: 300 } as const;

const test = suite("nat/capture");
const missing = whyNoTshark();
if (missing !== undefined) suite.skip(missing);

test("tshark finds no malformed packet and no wrong check sum in a session of all operations", async () => {
	const capture = join(folder, "session.pcap");
	const settings = { ...SETTINGS, nosec: true };
	const cast = await Cast.open({ ...settings, capture, onLog: () => {} });
	const ports = [portOf(cast.nat.place("inside")), portOf(cast.nat.place("to"))];
	try {
		await cast.startDevice();
		for (const endAt = Date.now() + REGISTER_MS; (await cast.natStatus()).forwarded.inbound === 0; ) {
			if (Date.now() > endAt) throw new Error("the device does not register");
		}
		const { operator } = cast;
		for (const path of ["/3/0/0", "/3/0", "/3303", "/9999/0/1"]) {
			await operator.read(path, COMMAND_MS).catch(() => "4.04");
		}
		await operator.write("/3306/0/5850", "true", COMMAND_MS);
		await operator.execute("/3303/0/5605", COMMAND_MS);
		await operator.observe(PRESSURE, COMMAND_MS);
		await pause(NOTIFICATIONS_MS);
		await operator.cancelObservation(PRESSURE, COMMAND_MS);
	} finally {
		await cast.close();
	}
	const count = readCapture(capture).length;
	assert.ok(count >= 40, `${count} packets`);
	assert.is(frames(capture, ports, "coap").length, count, "all of it is CoAP");
	assert.equal(frames(capture, ports, "_ws.malformed"), []);
	assert.equal(frames(capture, ports, `${WARNED} and not ${OURS}`), []);
	assert.ok(frames(capture, ports, OURS).length < count / 2, "few messages carry the extension's option");
	assert.equal(frames(capture, ports, WRONG_SUM), []);
});

test("with keys, nothing of a session can be read on the wire: no name, no path, no value", async () => {
	const capture = join(folder, "secured.pcap");
	const cast = await Cast.open({ ...SETTINGS, capture, onLog: () => {} });
	const ports = [portOf(cast.nat.place("inside")), portOf(cast.nat.place("to"))];
	try {
		const registered = new Promise<void>((resolve) => {
			void cast.operator.listen(({ name }) => name === "REGISTRATION" && resolve());
		});
		await cast.startDevice();
		await registered;
		assert.is(await cast.operator.read("/3/0/0", COMMAND_MS), "Pinhole");
		await cast.operator.write("/3306/0/5850", "true", COMMAND_MS);
		await cast.operator.observe(PRESSURE, COMMAND_MS);
		await pause(NOTIFICATIONS_MS);
	} finally {
		await cast.close();
	}
	const packets = readCapture(capture).map(({ payload }) => Buffer.from(payload).toString("latin1"));
	assert.ok(packets.length >= 20, `${packets.length} packets`);
	for (const word of ["compressor", "lwm2m", "Pinhole", "3306", "3323", "5700", "rd="])
		assert.not.ok(
			packets.some((packet) => packet.includes(word)),
			word,
		);
	assert.is(frames(capture, ports, "coap").length, packets.length, "all of it is CoAP");
	assert.equal(frames(capture, ports, "_ws.malformed"), []);
	assert.ok(frames(capture, ports, 'coap.opt.name contains "OSCORE"').length >= 10);
});

for (const engine of ["node", "xs"] as const) {
	const title = `after a rebinding the next command arrives with no handshake, on ${engine}`;
	const problem = engine === "xs" ? missingFor("xs64") : undefined;
	if (problem !== undefined) {
		test.skip(title, problem);
		continue;
	}
	test(title, async () => {
		const capture = join(folder, `rebinding-${engine}.pcap`);
		const cast = await Cast.open({ ...SETTINGS, engine, capture, onLog: () => {} });
		const backend = cast.nat.place("to");
		let reboundAt = 0;
		try {
			const registered = new Promise<void>((resolve) => {
				void cast.operator.listen(({ name }) => name === "REGISTRATION" && resolve());
			});
			await cast.startDevice();
			await registered;
			assert.is(await cast.operator.read("/3/0/0", COMMAND_MS), "Pinhole");
			await cast.nat.ask("rebind");
			reboundAt = Date.now();
			assert.is(await cast.operator.read("/3/0/0", COMMAND_MS), "Pinhole");
			await cast.stopDevice();
		} finally {
			await cast.close();
		}
		// As the back end sees it: one word of the device from the new port, its answer, the command, its answer.
		const after = readCapture(capture).filter(({ unixMs }) => unixMs >= reboundAt);
		const first = after.findIndex(({ destination }) => destination === backend);
		const port = after[first]!.source;
		const exchange = after.slice(first).filter(({ source, destination }) => source === port || destination === port);
		const directions = exchange.slice(0, 4).map(({ destination }) => (destination === backend ? "up" : "down"));
		assert.equal(directions, ["up", "down", "down", "up"]);
		// A renewal of keys would bring a kid context (RFC 8613, B.2): this is a request under the keys that there are.
		const { payload } = exchange[0]!;
		const optionAt = 4 + (payload[0]! & 0x0f);
		assert.is(payload[optionAt]! >> 4, OSCORE);
		assert.is(payload[optionAt + 1]! & KID_CONTEXT_FLAG, 0);
	});
}

test("tshark does find a message whose option is longer than the message", () => {
	const capture = join(folder, "malformed.pcap");
	const writer = new CaptureWriter(capture);
	const payload = Uint8Array.of(0x40, 0x01, 0x00, 0x01, 0xbc, 0x33);
	writer.write({ unixMs: 0, source: "192.0.2.1:5683", destination: "192.0.2.2:40000", payload });
	writer.close();
	assert.equal(frames(capture, [5683], "_ws.malformed"), ["1"]);
});

test.after(() => rmSync(folder, { recursive: true }));
test.run();
