import { assert, suite } from "#suite";
import { type Binding, bindingsOf, formatBindings } from "./reach.js";

const test = suite("cli/reach");

const whole = (id: number, value: string | number) => ({
	kind: "singleResource",
	id,
	type: "INTEGER",
	value: String(value),
});
const list = (id: number, ...values: (string | number)[]) => ({
	kind: "multiResource",
	id,
	type: "STRING",
	values: Object.fromEntries(values.map((value, place) => [place, String(value)])),
});

/** The whole object as the API gives it. */
const NODE = {
	kind: "obj",
	id: 33101,
	instances: [
		{
			kind: "instance",
			id: 0,
			resources: [
				whole(0, 1),
				whole(1, 61),
				whole(2, 75),
				whole(3, 55),
				whole(4, "refresh"),
				whole(5, 1),
				whole(6, 34),
				whole(7, 45120),
				whole(8, 1572),
				whole(9, "udp"),
				whole(10, "3fa01c22"),
				list(11, "moved", "unanswered"),
				list(12, 720, 12_000),
				whole(13, 1.2),
				whole(14, "none"),
				whole(15, 86_400),
			],
		},
	],
};

const BINDING: Binding = {
	shortServerId: 1,
	transport: "udp",
	network: "3fa01c22",
	lowerBound: 61,
	upperBound: 75,
	keepalive: "refresh",
	interval: 55,
	rebindings: 1,
	unreachableTime: 34,
	bytesPerDay: 45120,
	wakeUpsPerDay: 1572,
	costPeriod: 86_400,
	loss: 1.2,
	probe: "none",
	failures: [
		{ kind: "moved", secondsAgo: 720 },
		{ kind: "unanswered", secondsAgo: 12_000 },
	],
};

test("the object as a binding", () => {
	assert.equal(bindingsOf(NODE), [BINDING]);
});

test("for people: plain words and units", () => {
	assert.equal(formatBindings([BINDING]).split("\n"), [
		"Server 1 over udp, network 3fa01c22",
		"  binding       seen alive after 61 s of silence, dead after 75 s",
		"  keepalive     every 55 s: one byte that nobody answers",
		"  cost          45,120 bytes and 1,572 wake-ups in the last day",
		"  loss          about 1.2 % of the datagrams",
		"  unreachable   34 s since its start, as far as it noticed; 1 rebinding",
		"  last trouble  another address 12 min ago; no answer 3 h 20 min ago",
	]);
});

test("what is not known is not there", () => {
	const { instances } = NODE;
	const known = [0, 1, 4, 5, 6, 9, 11, 12, 13];
	const resources = instances[0]!.resources.filter(({ id }) => known.includes(id));
	const [binding] = bindingsOf({ ...NODE, instances: [{ ...instances[0], resources }] });
	for (const name of ["upperBound", "interval", "network", "bytesPerDay", "wakeUpsPerDay"])
		assert.not(name in binding!, name);
});

/** Absent. */
const none = undefined as never;
const UNSEEN = { lowerBound: 0, upperBound: none };
const EARLY = { bytesPerDay: none, wakeUpsPerDay: none, costPeriod: 60 };

const ROWS: readonly [Partial<Binding>, line: number, text: string][] = [
	[UNSEEN, 1, "nothing seen yet"],
	[{ ...UNSEEN, probe: "waiting" }, 1, "nothing seen yet; to be measured"],
	[{ ...UNSEEN, probe: "measuring" }, 1, "nothing seen yet; being measured"],
	[{ lowerBound: 0, upperBound: 30 }, 1, "seen dead after 30 s, nothing known of less"],
	[{ lowerBound: 41, upperBound: none }, 1, "seen alive after 41 s of silence"],
	[{ lowerBound: 41, upperBound: none, probe: "waiting" }, 1, "seen alive after 41 s of silence; to be measured"],
	[{ lowerBound: 900, upperBound: none }, 1, "seen alive after 15 min of silence, longer is not asked"],
	[{ probe: "measuring" }, 1, "seen alive after 61 s of silence, dead after 75 s; being measured"],
	[{ probe: "waiting" }, 1, "seen alive after 61 s of silence, dead after 75 s"],
	[{ keepalive: "none", interval: none }, 2, "none needed"],
	[{ keepalive: "ping", interval: 130 }, 2, "every 2 min 10 s: a ping that is answered"],
	[{ keepalive: "check", interval: 840 }, 2, "every 14 min: an Update, which also tells the address"],
	[
		{ costPeriod: 12_000 },
		3,
		"45,120 bytes and 1,572 wake-ups a day, as in its first 3 h 20 min; the keepalive alone makes 53,000 bytes a day",
	],
	[{ interval: 9 }, 3, "45,120 bytes without rest for the radio in the last day"],
	// By hand: 1,571 refreshes of 29 B, 97 questions of 58 B, 24 Updates of 82 B.
	[EARLY, 3, "too early to say after 60 s; the keepalive alone makes 53,000 bytes a day"],
	// 288 pings of 58 B, 24 Updates.
	[
		{ ...EARLY, keepalive: "ping", interval: 300 },
		3,
		"too early to say after 60 s; the keepalive alone makes 19,000 bytes a day",
	],
	[
		{ ...EARLY, keepalive: "check", interval: 300, costPeriod: 0 },
		3,
		"not counted; the keepalive alone makes 24,000 bytes a day",
	],
	// 785 pings of 128 B, 24 Updates of 146 B.
	[
		{ ...EARLY, transport: "tcp", keepalive: "ping", interval: 110 },
		3,
		"too early to say after 60 s; the keepalive alone makes 100,000 bytes a day",
	],
	[{ ...EARLY, keepalive: "none", interval: none }, 3, "too early to say after 60 s"],
	[{ unreachableTime: 200_000, rebindings: 0 }, 5, "2 d 7 h since its start, as far as it noticed; 0 rebindings"],
	[{ failures: [] }, 6, "none that it noticed"],
	[{ failures: [{ kind: "forgotten", secondsAgo: 3 }] }, 6, "registration forgotten by the server 3 s ago"],
	[{ failures: [{ kind: "new-kind", secondsAgo: 3 }] }, 6, "new-kind 3 s ago"],
];
for (const [index, [changes, line, text]] of ROWS.entries())
	test(`row ${index + 1}: ${text}`, () => {
		assert.is(
			formatBindings([{ ...BINDING, ...changes }])
				.split("\n")
				[line]?.slice(16),
			text,
		);
	});

test("of a connection no loss is told", () => {
	assert.not(formatBindings([{ ...BINDING, transport: "tls" }]).includes("datagrams"));
});

test("a device with two servers has two, and one with none says so", () => {
	assert.is(formatBindings([BINDING, { ...BINDING, shortServerId: 2 }]).split("\n\n").length, 2);
	assert.is(formatBindings([]), "(no bindings)");
});

test.run();
