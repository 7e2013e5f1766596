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
		"  binding      lives for at least 61 s of silence, and is dead after 75 s",
		"  keepalive    every 55 s: one byte that nobody answers",
		"  unreachable  34 s since its start, as far as it noticed; 1 rebinding",
		"  cost         45,120 bytes and 1,572 wake-ups a day",
		"  loss         1.2 % of the datagrams",
		"  failures     another address 12 min ago; no answer 3 h 20 min ago",
	]);
});

test("what is not known is not there", () => {
	const { instances } = NODE;
	const known = [0, 1, 4, 5, 6, 7, 8, 9, 11, 12, 13];
	const resources = instances[0]!.resources.filter(({ id }) => known.includes(id));
	const [binding] = bindingsOf({ ...NODE, instances: [{ ...instances[0], resources }] });
	assert.equal(["upperBound" in binding!, "interval" in binding!, "network" in binding!], [false, false, false]);
});

const ROWS: readonly [Partial<Binding>, line: number, text: string][] = [
	[{ lowerBound: 0, upperBound: undefined as never }, 1, "not known yet"],
	[{ lowerBound: 900, upperBound: undefined as never }, 1, "lives for at least 15 min of silence"],
	[{ probe: "measuring" }, 1, "lives for at least 61 s of silence, and is dead after 75 s; being measured"],
	[{ lowerBound: 0, upperBound: undefined as never, probe: "waiting" }, 1, "not known yet; to be measured"],
	[{ keepalive: "none", interval: undefined as never }, 2, "none needed"],
	[{ keepalive: "ping", interval: 130 }, 2, "every 2 min 10 s: a ping that is answered"],
	[{ keepalive: "check", interval: 840 }, 2, "every 14 min: an Update, which also tells the address"],
	[{ unreachableTime: 200_000, rebindings: 0 }, 3, "2 d 7 h since its start, as far as it noticed; 0 rebindings"],
	[{ failures: [] }, 6, "none"],
	[{ failures: [{ kind: "new-kind", secondsAgo: 3 }] }, 6, "new-kind 3 s ago"],
];
for (const [changes, line, text] of ROWS)
	test(text, () => {
		assert.is(
			formatBindings([{ ...BINDING, ...changes }])
				.split("\n")
				[line]?.slice(15),
			text,
		);
	});

test("a device with two servers has two, and one with none says so", () => {
	assert.is(formatBindings([BINDING, { ...BINDING, shortServerId: 2 }]).split("\n\n").length, 2);
	assert.is(formatBindings([]), "(no bindings)");
});

test.run();
