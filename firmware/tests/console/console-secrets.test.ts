import { assert, suite } from "#suite";
import { VERBS } from "../../console/verbs.js";
import { Desk, SECRETS, SETTINGS } from "./bench.js";

const test = suite("console/console-secrets");

/** Settings whose secrets are in all the places where a person could put them by mistake. */
const MISPLACED: readonly object[] = SECRETS.flatMap((secret) => [
	{ ...SETTINGS, endpointName: ` ${secret}` },
	{ ...SETTINGS, [secret]: true },
	{ ...SETTINGS, network: secret },
	{ ...SETTINGS, network: { ssid: "x", password: secret.repeat(20) } },
	{ ...SETTINGS, accounts: [{ ...SETTINGS.accounts[0], serverUri: `coap://user:${secret}@host` }] },
	{ ...SETTINGS, accounts: [{ ...SETTINGS.accounts[0], credentials: { mode: secret } }] },
]);

function holdsNone(text: string, what: string): void {
	for (const secret of SECRETS) assert.not(text.includes(secret), `${what}: ${text}`);
	// Nor as bytes of a typed array: "192,255,238".
	assert.not.match(text, "192,255,238", what);
}

for (const { name } of VERBS) {
	test(`${name} tells no secret, asked by a program or a person`, () => {
		const desk = new Desk();
		assert.is(desk.askInPieces({ verb: "provision", settings: SETTINGS }), '{"ok":true}');
		const path = "/3/0/0";
		holdsNone(desk.ask({ verb: name }), name);
		holdsNone(desk.ask({ verb: name, path, value: "x", level: "debug", ms: 1 }), name);
		holdsNone(desk.send(`${name}\n${name} /3/0/0 x\n`), name);
		holdsNone(desk.askInPieces({ verb: name, path: "/0/0/5", settings: SETTINGS }), name);
		holdsNone(desk.output, "all together");
	});

	test(`${name} repeats no secret that it is given by mistake`, () => {
		for (const secret of SECRETS) {
			const desk = new Desk();
			const all = { path: secret, value: secret, level: secret, ms: secret, settings: secret };
			desk.ask({ verb: name, ...all });
			desk.ask({ verb: `${name} ${secret}` });
			desk.ask({ verb: name, [secret]: secret });
			desk.send(`${name} ${secret}\n`);
			desk.send(`${name} {"${secret}": "${secret}"}\n`);
			desk.send(`${secret} ${name}\n`);
			desk.send(`#1 {"verb":"${name}", ${secret}\n`);
			desk.send(`#1+${secret}\n`);
			desk.send(`#1 ${secret} ${"x".repeat(128)}\n`);
			holdsNone(desk.output, name);
		}
	});
}

test("refused settings are not repeated", () => {
	for (const settings of MISPLACED) {
		const desk = new Desk();
		const answer = desk.askInPieces({ verb: "provision", settings });
		assert.match(answer, '"ok":false');
		holdsNone(answer, "provision");
	}
});

test("the device's refusal of right settings is passed on, and no more", () => {
	const desk = new Desk();
	desk.target.refusal = "the flash is full";
	assert.is(desk.askInPieces({ verb: "provision", settings: SETTINGS }), '{"ok":false,"error":"the flash is full"}');
});

test("what came by noise in the midst of a secret comes out no more either", () => {
	const text = JSON.stringify({ verb: "provision", settings: SETTINGS });
	for (let at = 0; at + 60 < text.length; at += 7) {
		const desk = new Desk();
		desk.send(`${text.slice(at, at + 60)}\n#1+0 ${text.slice(at, at + 60)}\n#1 ${text.slice(at, at + 60)}\n`);
		desk.send("status\nstatistics\nhelp\n");
		holdsNone(desk.output, `from ${at}`);
	}
});

test("nothing is echoed", () => {
	const desk = new Desk();
	assert.is(desk.send('provision {"network":{"ssid":"x","password":"hunter2"}}'), "");
});

test.run();
