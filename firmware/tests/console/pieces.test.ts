import { assert, suite } from "#suite";
import { encodeText } from "../../bytes.js";
import { Desk, SETTINGS, unframe, withChecksum } from "./bench.js";

const test = suite("console/pieces");

const PROVISION = Object.freeze({ verb: "provision", settings: SETTINGS });
const DAMAGED = '{"ok":false,"error":"the request was damaged on its way","damaged":true}';
const TOO_LONG = '{"ok":false,"error":"a request has at most 1536 bytes"}';

test("a long request comes in pieces, each acknowledged", () => {
	const desk = new Desk();
	assert.is(desk.askInPieces(PROVISION), '{"ok":true}');
	assert.is(desk.target.settings!.endpointName, "compressor-1");
	assert.is(desk.target.settings!.accounts.length, 2);
});

test("a character of two bytes may be cut in two", () => {
	const desk = new Desk();
	const bytes = encodeText('{"verb":"objects write","path":"/3/0/15","value":"ü"}');
	const cut = bytes.indexOf(0xc3) + 1;
	desk.console.handleReceived(0, encodeText("#1+0 "));
	desk.console.handleReceived(0, bytes.subarray(0, cut));
	assert.is(desk.send("\n"), `#1+ ${cut}\n`);
	desk.console.handleReceived(0, encodeText("#1 "));
	desk.console.handleReceived(0, bytes.subarray(cut));
	assert.is(unframe(desk.send("\n"), 1), '{"ok":true}');
	assert.equal(desk.target.calls, ["write /3/0/15 string ü"]);
});

/** Lines to the device, one after the other, and what each brings. */
const DIALOGUES: readonly (readonly [title: string, lines: readonly (readonly [line: string, answer: string])[]])[] = [
	[
		"a repeated piece does no harm",
		[
			['#1+0 {"verb":', "#1+ 8\n"],
			['#1+0 {"verb":', "#1+ 8\n"],
			['#1+8 "iden', "#1+ 13\n"],
			['#1+8 "iden', "#1+ 13\n"],
			['#1 tity"}', '{"ok":true,"board":"node"}'],
		],
	],
	[
		"a piece that does not follow is not taken",
		[
			['#1+0 {"verb":', "#1+ 8\n"],
			["#1+9 xxx", "#1+ 8\n"],
			['#1 "identity"}', '{"ok":true,"board":"node"}'],
		],
	],
	["a piece of nothing is not taken", [['#1+8 "identity"', "#1+ 0\n"]]],
	[
		"another request drops what was collected",
		[
			['#1+0 {"verb":', "#1+ 8\n"],
			['#2 {"verb":"identity"}', '{"ok":true,"board":"node"}'],
			['#1+8 "identity"', "#1+ 0\n"],
		],
	],
	[
		"a person drops what was collected",
		[
			['#1+0 {"verb":', "#1+ 8\n"],
			["identity", "board: node\nok\n"],
			['#1+8 "identity"', "#1+ 0\n"],
		],
	],
	[
		"a damaged piece is seen by the checksum",
		[
			['#1+0 {"verb":', "#1+ 8\n"],
			[`#1 ${withChecksum('{"verb":"identity"}').slice(8).replace("i", "j")}`, DAMAGED],
			['#1 {"verb":"identity"}', '{"ok":true,"board":"node"}'],
		],
	],
	[
		"no line end, no request: an end alone",
		[["#1 ", '{"ok":false,"error":"a request must be one well-formed JSON object","damaged":true}']],
	],
];

for (const [title, lines] of DIALOGUES) {
	test(title, () => {
		const desk = new Desk();
		for (const [line, answer] of lines) {
			const got = desk.send(`${line}\n`);
			assert.is(answer.startsWith("{") ? unframe(got, Number(/\d/.exec(line)![0])) : got, answer, line);
		}
	});
}

test("what is left lying for 30 seconds is forgotten", () => {
	const desk = new Desk();
	desk.send('#1+0 {"verb":\n');
	desk.now = 29_999;
	assert.is(desk.send("#1+9 x\n"), "#1+ 8\n");
	desk.now = 30_000;
	desk.console.log(desk.now, "info", "agent", "updated");
	desk.drain();
	assert.is(desk.send('#1+8 "identity"\n'), "#1+ 0\n");
});

test("a request has at most 1536 bytes, whichever piece is too much", () => {
	const desk = new Desk();
	for (let offset = 0; offset < 1500; offset += 100) {
		assert.is(desk.send(`#1+${offset} ${"x".repeat(100)}\n`), `#1+ ${offset + 100}\n`);
	}
	assert.is(unframe(desk.send(`#1+1500 ${"x".repeat(37)}\n`), 1), TOO_LONG);
	assert.is(desk.send("#1+1500 x\n"), "#1+ 0\n");
	for (let offset = 0; offset < 1500; offset += 100) desk.send(`#1+${offset} ${"x".repeat(100)}\n`);
	assert.is(unframe(desk.send(`#1 ${"x".repeat(37)}\n`), 1), TOO_LONG);
});

test("a longest request fits, to the byte", () => {
	const desk = new Desk();
	const frame = '{"verb":"objects write","path":"/3/0/15","value":""}';
	const request = { verb: "objects write", path: "/3/0/15", value: "x".repeat(1536 - 5 - frame.length) };
	assert.is(desk.askInPieces(request), '{"ok":true}');
});

test.run();
