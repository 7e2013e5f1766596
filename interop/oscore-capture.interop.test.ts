// suite: serial limit=60
// What Wireshark sees of our OSCORE: with the keys all of it, in the words of its own dissector; without them nothing.
// The keys are as agreed, not renewed: it finds a context by what a message says of it, and after a renewal (RFC 8613,
// B.2) no message names the ID Context any more.

import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, suite } from "#suite";
import { Code } from "../firmware/coap/codes.js";
import { Encoder } from "../firmware/coap/encoder.js";
import { Option } from "../firmware/coap/options.js";
import { TokenBearer } from "../firmware/coap/token.js";
import { limits } from "../firmware/limits.js";
import { SecurityContext } from "../firmware/security/oscore/context.js";
import { Oscore } from "../firmware/security/oscore/oscore.js";
import { ReplayWindow } from "../firmware/security/oscore/replay-window.js";
import { nodePrimitives } from "../host-sim/crypto/node-primitives.js";
import { systemRandom } from "../host-sim/device/provider.js";
import { CaptureWriter } from "../host-sim/nat/pcap.js";

const DEVICE = "192.0.2.1:40000";
const SERVER = "192.0.2.2:5683";
const DEVICE_ID = Uint8Array.of(1);
const SERVER_ID = Uint8Array.of(0);
/** In a query of the device's and in an answer of its. */
const WORD = "compressor";
const hex = (bytes: Uint8Array | string): string => Buffer.from(bytes).toString("hex");

function message(type: "CON" | "ACK", code: number, number: number, write: (encoder: Encoder) => void): Uint8Array {
	const into = new Uint8Array(limits.messageLength);
	const token = new TokenBearer();
	token.numberToken(number, 2);
	const encoder = new Encoder();
	encoder.target(into);
	encoder.begin(type, code, number, token);
	write(encoder);
	return into.slice(0, encoder.end);
}

/** The numbers of the frames. */
const Frame = { Register: 1, Created: 2, Read: 3, Content: 4 } as const;

/** A Register, and a Read of the server's. */
class Story {
	readonly folder = mkdtempSync(join(tmpdir(), "capture-"));
	readonly path = join(this.folder, "oscore.pcap");
	readonly masterSecret = randomBytes(16);
	readonly masterSalt = randomBytes(8);
	readonly #capture = new CaptureWriter(this.path);

	constructor() {
		const device = this.side(DEVICE_ID, SERVER_ID);
		const server = this.side(SERVER_ID, DEVICE_ID);
		const register = message("CON", Code.Post, 1, (to) => {
			to.segments(Option.UriPath, "rd");
			to.texts(Option.UriQuery, [`ep=${WORD}`]);
		});
		const created = message("ACK", Code.Created, 1, (to) => to.segments(Option.LocationPath, "rd/5a3f"));
		const read = message("CON", Code.Get, 2, (to) => to.segments(Option.UriPath, "3/0/0"));
		const content = message("ACK", Code.Content, 2, (to) => to.payload(Buffer.from(WORD)));
		this.exchange(device, DEVICE, register, server, SERVER, created);
		this.exchange(server, SERVER, read, device, DEVICE, content);
		this.#capture.close();
	}

	private side(senderId: Uint8Array, recipientId: Uint8Array): Oscore {
		const { masterSecret, masterSalt } = this;
		const options = { primitives: nodePrimitives, random: systemRandom, mustBeFresh: () => false };
		const parameters = { masterSecret, masterSalt, idContext: undefined, senderId, recipientId };
		const sequence = { first: 1, step: 100, reserve: () => {} };
		return new Oscore(options, new SecurityContext(nodePrimitives, parameters, sequence, new ReplayWindow()));
	}

	private exchange(
		client: Oscore,
		from: string,
		request: Uint8Array,
		server: Oscore,
		to: string,
		answer: Uint8Array,
	): void {
		const room = new Uint8Array(limits.messageLength);
		const asked = this.send(from, to, (into) => client.protectRequest(request, into));
		assert.type(server.openRequest(0, asked, room), "number");
		const { requestNumber } = server;
		const answered = this.send(to, from, (into) => server.protectResponse(answer, requestNumber, false, into));
		assert.type(client.openResponse(0, answered, client.requestNumber, room), "number");
	}

	private send(source: string, destination: string, write: (into: Uint8Array) => number): Uint8Array {
		const into = new Uint8Array(limits.messageLength);
		const payload = into.slice(0, write(into));
		this.#capture.write({ unixMs: Date.now(), source, destination, payload });
		return payload;
	}

	/** What tshark says of a frame, with keys or without. */
	dissect(frame: number, masterSecret?: Uint8Array): string {
		const row = (asking: Uint8Array, asked: Uint8Array): string => {
			const fields = [asking, asked, masterSecret ?? "", this.masterSalt, ""].map((one) => `"${hex(one)}"`);
			return `uat:oscore_contexts:${fields.join(",")},"AES-CCM-16-64-128 (CCM*)"`;
		};
		// Whoever asks is the sender to it, so that it takes one row for each side.
		const rows = ["-o", row(SERVER_ID, DEVICE_ID), "-o", row(DEVICE_ID, SERVER_ID)];
		const keys = masterSecret === undefined ? [] : rows;
		// The Read goes to the device's port, and both are CoAP's.
		const ports = ["-d", "udp.port==5683,coap"];
		const words = ["-r", this.path, ...ports, ...keys, "-Y", `frame.number==${frame}`, "-V"];
		const { status, stdout, stderr } = spawnSync("tshark", words, { encoding: "utf8" });
		assert.is(status, 0, stderr);
		return stdout;
	}
}

const test = suite("interop/oscore-capture");
const problem = spawnSync("tshark", ["--version"]).error ? "there is no tshark (Debian package tshark)" : undefined;

function define(name: string, body: (story: Story) => void): void {
	if (problem !== undefined) test.skip(name, problem);
	else
		test(name, () => {
			const story = new Story();
			try {
				body(story);
			} finally {
				rmSync(story.folder, { recursive: true });
			}
		});
}

define("OSCORE_41 with the keys tshark reads requests and answers of both sides", (story) => {
	const read = (frame: number): string => story.dissect(frame, story.masterSecret).split("Object Security for")[1]!;
	assert.match(read(Frame.Register), /Code: POST[\s\S]*Uri-Path: rd[\s\S]*Uri-Query: ep=compressor/);
	assert.match(read(Frame.Created), /Code: 2\.01 Created[\s\S]*Location-Path: 5a3f/);
	assert.match(read(Frame.Read), /Code: GET[\s\S]*Uri-Path: 3\b/);
	assert.match(read(Frame.Content), new RegExp(`Code: 2\\.05 Content[\\s\\S]*${hex(WORD)}`));
});

define("OSCORE_42 with other keys it reads nothing, and says so", (story) => {
	const read = story.dissect(Frame.Register, randomBytes(16));
	assert.match(read, /Authentication tag check failed|can't decrypt|[Dd]ecrypt/);
	assert.not.match(read, /Uri-Query|compressor/);
});

define("OSCORE_43 without keys there are POST and 2.04, and no path, query or value", (story) => {
	for (const frame of [Frame.Register, Frame.Created, Frame.Read, Frame.Content]) {
		const text = story.dissect(frame);
		assert.match(text, frame % 2 === 1 ? /Code: POST/ : /Code: 2\.04 Changed/);
		assert.not.match(text, /Uri-Path: \d|Opt Name: #\d+: (Uri|Location)|compressor/);
	}
	assert.not.ok(readFileSync(story.path).includes(WORD));
});

test.run();
