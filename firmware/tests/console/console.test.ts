import { assert, suite } from "#suite";
import { encodeText } from "../../bytes.js";
import { checksum } from "../../console/checksum.js";
import { Desk, unframe, withChecksum } from "./bench.js";

const test = suite("console");

test("the checksum is that of the catalogue's CRC-16/IBM-3740", () => {
	assert.is(checksum(encodeText("123456789"), 0, 9), 0x29b1);
});

test("the first line is the banner", () => {
	const desk = new Desk();
	desk.console.start();
	assert.is(desk.drain(), '{"boot":{"board":"node","reset":"power-on"}}\n');
});

/** What a program asks, and what it is answered. */
const REQUESTS: readonly (readonly [request: object, answer: string])[] = [
	[{ verb: "identity" }, '{"ok":true,"board":"node"}'],
	[
		{ verb: "status" },
		'{"ok":true,"provisioned":false,"accounts":[{"shortServerId":1,"state":"registered"},{"shortServerId":2}],' +
			'"uptimeSeconds":12.5}',
	],
	[{ verb: "network" }, '{"ok":true,"kind":"ethernet"}'],
	[{ verb: "objects read", path: "/3/0/0" }, '{"ok":true,"/3/0/0":"Pinhole"}'],
	[{ path: "/3/0/0", verb: "objects read" }, '{"ok":true,"/3/0/0":"Pinhole"}'],
	[{ verb: "objects read" }, '{"ok":false,"error":"objects read needs a path, such as /3/0/0"}'],
	[{ verb: "objects read", path: "/" }, '{"ok":false,"error":"objects read needs a path, such as /3/0/0"}'],
	[{ verb: "objects read", path: "/x" }, '{"ok":false,"error":"objects read needs a path, such as /3/0/0"}'],
	[{ verb: "objects read", path: "/0/0/5" }, '{"ok":false,"error":"objects 0 and 21 hold keys, which never come out"}'],
	[{ verb: "objects read", path: "/21" }, '{"ok":false,"error":"objects 0 and 21 hold keys, which never come out"}'],
	[{ verb: "objects write", path: "/3/0/15", value: "Europe/Berlin" }, '{"ok":true}'],
	[{ verb: "objects write", path: "/3/0/15", value: 1.5 }, '{"ok":true}'],
	[{ verb: "objects write", path: "/3/0/15", value: true }, '{"ok":true}'],
	[
		{ verb: "objects write", path: "/3/0/15", value: null },
		'{"ok":false,"error":"objects write needs a value: a text, a number, true or false"}',
	],
	[{ verb: "log" }, '{"ok":true,"level":"info"}'],
	[{ verb: "log", level: "debug" }, '{"ok":true,"level":"debug"}'],
	[{ verb: "log", level: "loud" }, '{"ok":false,"error":"the level must be error, warn, info or debug"}'],
	[{ verb: "statistics" }, '{"ok":true,"strayDatagrams":3,"console":{"noiseLines":0,"droppedLogLines":0}}'],
	[{ verb: "time advance", ms: 7_200_000 }, '{"ok":true}'],
	[{ verb: "time advance" }, '{"ok":false,"error":"time advance needs a time up to 400 days"}'],
	[{ verb: "time advance", ms: "1" }, '{"ok":false,"error":"time advance needs a time up to 400 days"}'],
	[{ verb: "time advance", ms: -1 }, '{"ok":false,"error":"time advance needs a time up to 400 days"}'],
	[{ verb: "restart" }, '{"ok":true}'],
	[{ verb: "factory-reset" }, '{"ok":true}'],
	[{ verb: "provision" }, '{"ok":false,"error":"provision needs settings"}'],
	[{ verb: "dance" }, '{"ok":false,"error":"there is no such verb, help lists them"}'],
	[{}, '{"ok":false,"error":"a request must be one well-formed JSON object","damaged":true}'],
	[
		{ verb: "status", colour: 1 },
		'{"ok":false,"error":"a request may have verb, path, value, level, ms and settings, and nothing else"}',
	],
];

for (const [request, answer] of REQUESTS) {
	test(`a program asks ${JSON.stringify(request)}`, () => assert.is(new Desk().ask(request), answer));
}

/** What a person types, and what comes. */
const COMMANDS: readonly (readonly [line: string, answer: string])[] = [
	["identity", "board: node\nok\n"],
	["  identity  ", "board: node\nok\n"],
	[
		"status",
		"provisioned: no\naccounts:\n  -:\n    shortServerId: 1\n    state: registered\n  -:\n    shortServerId: 2\n" +
			"uptimeSeconds: 12.5\nok\n",
	],
	["objects read /3/0/0", "/3/0/0: Pinhole\nok\n"],
	["objects write /3/0/15 Europe / Berlin", "ok\n"],
	["objects write /3/0/15", "error: objects write needs a value: a text, a number, true or false\n"],
	["log warn", "level: warn\nok\n"],
	["time advance 2h", "ok\n"],
	["time advance soon", "error: time advance needs a time up to 400 days\n"],
	["time advance 5", "error: time advance needs a time up to 400 days\n"],
	["dance", "error: there is no such verb, help lists them\n"],
	["statusx", "error: there is no such verb, help lists them\n"],
	["x".repeat(127), "error: a line to the device has at most 127 bytes\n"],
	["x".repeat(126), "error: there is no such verb, help lists them\n"],
];

for (const [line, answer] of COMMANDS) {
	test(`a person types "${line.slice(0, 40)}", ${line.length} bytes`, () =>
		assert.is(new Desk().send(`${line}\n`), answer));
}

test("a verb gets what was asked for", () => {
	const desk = new Desk();
	desk.send("objects write /3/0/15 Europe / Berlin\ntime advance 90s\n");
	desk.ask({ verb: "objects write", path: "/3/0/15", value: 1.5 });
	desk.ask({ verb: "time advance", ms: 7_200_000 });
	assert.equal(desk.target.calls, [
		"write /3/0/15 string Europe / Berlin",
		"advance 90000",
		"write /3/0/15 number 1.5",
		"advance 7200000",
	]);
});

test("the device's own refusal is the answer", () => {
	const desk = new Desk();
	desk.target.refusal = "this resource is read-only";
	assert.is(
		desk.ask({ verb: "objects write", path: "/3/0/0", value: 1 }),
		'{"ok":false,"error":"this resource is read-only"}',
	);
	assert.is(desk.send("objects write /3/0/0 1\n"), "error: this resource is read-only\n");
});

test("a fault of the device is an answer, and its message stays inside", () => {
	const desk = new Desk();
	desk.target.status = () => {
		throw new Error("hunter2");
	};
	assert.is(desk.ask({ verb: "status" }), '{"ok":false,"error":"status failed by a fault of the firmware"}');
	assert.is(desk.send("status\n"), "error: status failed by a fault of the firmware\n");
});

test("help names every verb once, time advance in test builds only", () => {
	const desk = new Desk();
	const help = desk.send("help\n");
	assert.match(help, "\ntime advance TIME: ");
	assert.match(help, "\nobjects read PATH: ");
	desk.target.isTestBuild = false;
	assert.not.match(desk.send("help\n"), "time advance");
	assert.is(desk.send("time advance 1s\n"), "error: there is no such verb, help lists them\n");
	assert.equal(desk.target.calls, []);
});

test("a checksum that is right, wrong, or not there", () => {
	const desk = new Desk();
	const json = '{"verb":"identity"}';
	const good = '{"ok":true,"board":"node"}';
	assert.is(unframe(desk.send(`#1 ${withChecksum(json)}\n`), 1), good);
	assert.is(unframe(desk.send(`#2 ${json}\n`), 2), good);
	const damaged = withChecksum(json).replace("identity", "identitx");
	assert.is(
		unframe(desk.send(`#3 ${damaged}\n`), 3),
		'{"ok":false,"error":"the request was damaged on its way","damaged":true}',
	);
	assert.is(
		unframe(desk.send(`#4 ${json} 29b\n`), 4),
		'{"ok":false,"error":"a request must be one well-formed JSON object","damaged":true}',
	);
});

test("an answer that is too long becomes an error", () => {
	const desk = new Desk();
	desk.target.value = "x".repeat(990);
	assert.is(desk.ask({ verb: "objects read", path: "/3/0/0" }).length, 990 + '{"ok":true,"/3/0/0":""}'.length);
	desk.target.value = "x".repeat(1002);
	assert.is(
		desk.ask({ verb: "objects read", path: "/3/0/0" }),
		'{"ok":false,"error":"the answer has more than 1024 bytes, ask for less"}',
	);
	desk.target.value = "x".repeat(2000);
	assert.is(desk.send("objects read /3/0/0\n"), "error: the answer has more than 1024 bytes, ask for less\n");
});

test("what a value holds cannot end a line or reach a terminal", () => {
	const desk = new Desk();
	desk.target.value = 'a\nok\n\u001b[2J"ü';
	assert.is(desk.send("objects read /3/0/0\n"), '/3/0/0: a ok  [2J"ü\nok\n');
	assert.is(desk.ask({ verb: "objects read", path: "/3/0/0" }), '{"ok":true,"/3/0/0":"a\\nok\\n\\u001b[2J\\"ü"}');
});

test("an answer goes out in the pieces that the UART has room for", () => {
	const whole = new Desk().send("help\n");
	assert.is(new Desk().send("help\n", 1), whole);
	assert.is(new Desk().send("help\n", 7), whole);
});

test("while an answer waits, one line more is taken, and the rest stays with the UART", () => {
	const desk = new Desk();
	const requests = encodeText('#1 {"verb":"identity"}\n#2 {"verb":"network"}\nstatus\n');
	const taken = requests.length - "status\n".length;
	assert.ok(desk.console.isReady);
	assert.is(desk.console.handleReceived(0, requests), taken);
	assert.not(desk.console.isReady);
	assert.is(desk.console.handleReceived(0, requests.subarray(taken)), 0);
	const lines = desk.drain().split("\n");
	assert.match(lines[0]!, "#1 ");
	assert.match(lines[1]!, "#2 ");
	assert.is(lines.length, 3);
	assert.ok(desk.console.isReady);
	assert.is(desk.console.handleReceived(0, requests.subarray(taken)), requests.length - taken);
});

test("a paste of many lines is answered line by line", () => {
	const desk = new Desk();
	assert.is(desk.send("identity\n".repeat(20)), "board: node\nok\n".repeat(20));
});

test("it is idle when all is out", () => {
	const desk = new Desk();
	assert.ok(desk.console.isIdle);
	desk.console.handleReceived(0, encodeText("restart\n"));
	assert.not(desk.console.isIdle);
	desk.drain();
	assert.ok(desk.console.isIdle);
	desk.console.log(0, "info", "agent", "registered");
	assert.not(desk.console.isIdle);
});

test.run();
