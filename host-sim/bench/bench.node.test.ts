// suite: real-network limit=180
// That the figures are right and that a run ends; never how fast anything is.

import { assert, suite } from "#suite";
import { DatagramMessage } from "../../firmware/coap/message.js";
import { Option } from "../../firmware/coap/options.js";
import * as datagrams from "./datagrams.js";
import { OPERATIONS } from "./line.js";
import { measure, type Report } from "./measure.js";
import { plot } from "./plot.js";
import { type Circumstances, markdown, show } from "./record.js";
import { figures, quantile, ratios } from "./statistics.js";
import { TARGETS } from "./targets.js";

const test = suite("bench");

const HUNDRED = Array.from({ length: 100 }, (_, i) => 100 - i);

const QUANTILES: readonly (readonly [values: readonly number[], share: number, expected: number])[] = [
	[[7], 0.5, 7],
	[[7], 0.99, 7],
	[[3, 1, 2], 0.5, 2],
	[[4, 1, 3, 2], 0.5, 2],
	[[10, 9, 100], 0.99, 100],
	[HUNDRED, 0.5, 50],
	[HUNDRED, 0.99, 99],
	[HUNDRED, 1, 100],
	[HUNDRED, 0, 1],
];

test("a quantile is a value of the list, by its rank", () => {
	for (const [values, share, expected] of QUANTILES) assert.is(quantile(values, share), expected);
	assert.ok(Number.isNaN(quantile([], 0.5)));
});

test("figures are of all rounds together", () => {
	assert.equal(figures([[1, 2], [3], [4, 10]]), { medianMs: 3, p99Ms: 10, perSecond: 250 });
});

test("ratios are of the whole, and of the luckiest and unluckiest round", () => {
	const floor = [
		[1, 1, 1],
		[2, 2, 4],
	];
	const target = [
		[6, 6, 6],
		[4, 4, 8],
	];
	assert.equal(ratios(target, floor), { median: 6, p99: 2, lowest: 2, highest: 6 });
	assert.equal(ratios(floor, floor), { median: 1, p99: 1, lowest: 1, highest: 1 });
});

function decode(bytes: Uint8Array): DatagramMessage {
	const message = new DatagramMessage();
	assert.is(message.decode(bytes), "ok");
	return message;
}

test("a prebuilt request takes a Message ID, a token and the other value", () => {
	const write = datagrams.writeRequest("/3306/0/5850");
	datagrams.number(write, 0x1_0203, 0x0405_0607);
	const message = decode(write);
	assert.is(message.messageId, 0x0203);
	assert.is(message.token, "04050607");
	assert.is(datagrams.tokenOf(write), 0x0405_0607);
	assert.is(message.text(Option.UriPath, 2), "5850");
	for (const value of ["1", "0", "1"]) {
		assert.is(Buffer.from(decode(write).payload!).toString(), value);
		datagrams.toggle(write);
	}
});

test("a registration is answered under its own Message ID and token", () => {
	for (const hex of ["40021234", "42021234abcd", "480212340001020304050607"]) {
		const registration = Buffer.from(`${hex}b2${"rd".charCodeAt(0).toString(16)}64`, "hex");
		assert.ok(datagrams.isRegistration(registration));
		const reply = decode(datagrams.created(registration));
		assert.equal([reply.type, reply.code, reply.messageId], ["ACK", 0x41, 0x1234]);
		assert.is(reply.token, hex.slice(8, 8 + 2 * (registration[0]! & 15)));
		assert.is(reply.text(Option.LocationPath), "rd");
	}
});

test("a confirmable notification is acknowledged, an echoed request is not", () => {
	const notification = Buffer.from("4445beef00000000600aff31", "hex");
	assert.ok(datagrams.wantsAcknowledgement(notification));
	assert.is(datagrams.acknowledgement(notification).toString("hex"), "6000beef");
	for (const other of ["5445beef00000000", "6445beef00000000", "4403beef00000000", "hello"])
		assert.not(datagrams.wantsAcknowledgement(Buffer.from(other, other === "hello" ? "latin1" : "hex")));
});

const SMALL = { rounds: 5, size: 5, warmUp: 5 };
const WHERE: Circumstances = {
	...{ date: "2026-01-01", processors: 2, architecture: "x64", node: "20.0.0", load: 3, isPinned: true },
};
let measured: Promise<Report> | undefined;

test("a run of five rounds ends and accounts for all targets", async () => {
	measured = measure(SMALL);
	const { rows, skipped } = await measured;
	for (const operation of OPERATIONS) {
		const named = [...rows[operation].map(({ target }) => target), ...skipped.map(({ target }) => target)];
		assert.equal(named.sort(), TARGETS.map(({ name }) => name).sort());
		for (const { target, medianMs, p99Ms, perSecond, toFloor } of rows[operation]) {
			const values = [medianMs, p99Ms, perSecond, ...Object.values(toFloor)];
			assert.ok(
				values.every((value) => value > 0 && Number.isFinite(value)),
				target,
			);
			assert.ok(medianMs <= p99Ms && toFloor.lowest <= toFloor.highest, target);
		}
		assert.equal(Object.values(rows[operation][0]!.toFloor), [1, 1, 1, 1]);
	}
});

test("a run is shown with all its targets, in text, as a document and as an image", async () => {
	const report = await measured!;
	const texts = [show(report), markdown(report, WHERE), plot(report)];
	for (const { target } of report.rows.read) for (const text of texts) assert.ok(text.split(target).length > 2, target);
	assert.match(texts[1]!, "other work disturbed this run");
	assert.match(markdown(report, { ...WHERE, load: 0.1 }), "the machine was quiet");
	assert.match(texts[2]!, "prefers-color-scheme: dark");
});

test.run();
