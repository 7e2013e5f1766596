import { assert, suite } from "#suite";
import { decodeText, encodeText } from "../../bytes.js";
import { modemTimes } from "../../sms/constants.js";
import { Modem, type ModemOutput } from "../../sms/modem.js";
import { SeededRandom } from "../random.js";

const test = suite("sms/modem");

/** A message of two bytes: its PDU, and the length that its header says. */
const PDU = "0004039121430004621132210000000201";
const LENGTH = 17;
const pdu = (data: number): string => PDU + (0x100 + data).toString(16).slice(1).toUpperCase();

/** A modem whose line the test holds in its hand. Chance takes nothing away. */
class Desk {
	now = 1_000;
	readonly modem = new Modem({ fill: () => {}, uint32: () => 0 });
	readonly #out: ModemOutput = { bytes: new Uint8Array(64), length: 0 };

	constructor() {
		this.modem.start(this.now);
	}

	/** What the modem is told, without the returns. */
	told(): string {
		let text = "";
		while (this.modem.pollTransmit(7, this.#out)) text += decodeText(this.#out.bytes, 0, this.#out.length);
		return text.replace(/\r+/g, " ").trim();
	}

	/** Lines of the modem; the last byte of each message handed out. */
	say(...lines: string[]): number[] {
		return this.bytes(encodeText(lines.map((line) => `\r\n${line}\r\n`).join("")));
	}

	bytes(bytes: Uint8Array): number[] {
		const received: number[] = [];
		for (let at = 0; at < bytes.length; ) {
			at += this.modem.handleReceived(this.now, bytes.subarray(at));
			const data = this.modem.pollReceived();
			if (data !== undefined) received.push(data[data.length - 1]!);
		}
		return received;
	}

	/** Time goes on to the next deadline; gives how long it took. */
	wait(): number {
		const at = this.modem.pollTimeout();
		const waited = at - this.now;
		this.now = at;
		this.modem.handleTimeout(at);
		return waited;
	}

	/** From the first command to "ready", with so many messages in the storage. */
	begin(...places: number[]): void {
		this.told();
		this.say("OK");
		this.wait();
		for (const answer of ["OK", "OK", "+CPIN: READY", "OK", "OK", "OK"]) {
			if (!answer.startsWith("+")) this.told();
			this.say(answer);
		}
		this.told();
		this.say("OK");
		assert.is(this.told(), "AT+CMGL=4");
		for (const place of places) this.say(`+CMGL: ${place},1,,${LENGTH}`, pdu(place));
		this.say("OK");
	}
}

function ready(...places: number[]): Desk {
	const desk = new Desk();
	desk.begin(...places);
	return desk;
}

test("asks a new modem for all that it needs, one after the other", () => {
	const desk = new Desk();
	const rows: [told: string, ...lines: string[]][] = [
		["AT", "AT", "OK"],
		["ATE0", "ATE0", "OK"],
		["AT+CMEE=1", "OK"],
		["AT+CPIN?", "+CPIN: READY", "OK"],
		["AT+CMGF=0", "OK"],
		['AT+CPMS="SM","SM","SM"', "+CPMS: 0,10,0,10,0,10", "OK"],
		["AT+CNMI=2,1,0,0,0", "OK"],
		["AT+CMGL=4", "OK"],
	];
	for (const [told, ...lines] of rows) {
		assert.is(desk.told(), told);
		desk.say(...lines);
		if (told === "AT") assert.is(desk.wait(), modemTimes.settleMs);
	}
	assert.equal([desk.told(), desk.modem.state], ["", "ready"]);
});

test("does without what a modem does not know", () => {
	const desk = new Desk();
	desk.told();
	desk.say("OK");
	desk.wait();
	for (const lines of [["OK"], ["ERROR"], ["+CPIN: READY", "OK"], ["OK"], ["ERROR"], ["+CMS ERROR: 303"]]) {
		desk.told();
		desk.say(...lines);
	}
	assert.equal([desk.told(), desk.modem.state], ["AT+CMGL=4", "ready"]);
});

test("fetches what is announced, hands it out and deletes it", () => {
	const desk = ready();
	desk.say('+CMTI: "SM",3');
	assert.is(desk.told(), "AT+CMGR=3");
	assert.equal(desk.say(`+CMGR: 0,"a, b",${LENGTH}`, pdu(7), "OK"), [7]);
	assert.is(desk.told(), "AT+CMGD=3");
	desk.say("OK");
	assert.is(desk.told(), "");
	assert.is(desk.modem.statistics.messages, 1);
});

test("takes what is handed over at once, whatever it was told", () => {
	const desk = ready();
	assert.equal(desk.say(`+CMT: "+49170",${LENGTH}`, pdu(9)), [9]);
	assert.is(desk.told(), "");
});

test("finds what came while nobody listened", () => {
	const desk = ready(2, 5);
	assert.is(desk.told(), "AT+CMGR=2");
	assert.equal(desk.say(`+CMGR: 1,,${LENGTH}`, pdu(2), "OK"), [2]);
	desk.told();
	desk.say("OK");
	assert.is(desk.told(), "AT+CMGR=5");
});

test("more messages than it notes are fetched in a second round, and one that nothing deletes not for ever", () => {
	const desk = ready(1, 2, 3, 4, 5, 6, 7, 8, 9);
	let rounds = 1;
	for (let told = desk.told(); told !== ""; told = desk.told()) {
		if (told.startsWith("AT+CMGR")) desk.say(`+CMGR: 1,,${LENGTH}`, pdu(1), "OK");
		else if (told.startsWith("AT+CMGD")) desk.say("OK");
		else {
			rounds++;
			for (let place = 1; place < 10; place++) desk.say(`+CMGL: ${place},1,,${LENGTH}`, pdu(place));
			desk.say("OK");
		}
	}
	assert.is(rounds, 8);
});

test("an announcement in the midst of an answer waits for its turn", () => {
	const desk = ready();
	desk.say('+CMTI: "SM",1');
	desk.told();
	assert.equal(desk.say('+CMTI: "SM",2', `+CMGR: 0,,${LENGTH}`, pdu(1), '+CMTI: "SM",1', "RING", "OK"), [1]);
	assert.is(desk.told(), "AT+CMGD=1");
	desk.say("OK");
	assert.is(desk.told(), "AT+CMGR=2");
});

test("a message that comes twice is handed out once", () => {
	const desk = ready();
	assert.equal(desk.say(`+CMT: ,${LENGTH}`, pdu(9), `+CMT: ,${LENGTH}`, pdu(9), `+CMT: ,${LENGTH}`, pdu(8)), [9, 8]);
	assert.is(desk.modem.statistics.repeated, 1);
});

test("what is no data is deleted and counted", () => {
	const desk = ready(4);
	desk.told();
	assert.equal(desk.say(`+CMGR: 1,,${LENGTH}`, pdu(4).replace("430004", "430000"), "OK"), []);
	assert.is(desk.told(), "AT+CMGD=4");
	assert.is(desk.modem.statistics.notData, 1);
});

test("a message spoilt on the line is fetched again, and in the end deleted unread", () => {
	const desk = ready(4);
	for (let look = 0; look < 3; look++) {
		assert.is(desk.told(), "AT+CMGR=4");
		assert.equal(desk.say(`+CMGR: 1,,${LENGTH}`, pdu(4).slice(2), "OK"), []);
	}
	assert.is(desk.told(), "AT+CMGD=4");
	assert.is(desk.modem.statistics.malformed, 1);
});

test("a message of which the header was lost is fetched again", () => {
	const desk = ready(4);
	desk.told();
	assert.equal(desk.say(pdu(4), "OK"), []);
	assert.is(desk.told(), "AT+CMGR=4");
	assert.equal(desk.say(`+CMGR: 1,,${LENGTH}`, pdu(4), "OK"), [4]);
	assert.is(desk.told(), "AT+CMGD=4");
});

test("fetched again, it is whole", () => {
	const desk = ready(4);
	desk.told();
	desk.say(`+CMGR: 1,,${LENGTH}`, `\u0000${pdu(4)}`, "OK");
	desk.told();
	assert.equal(desk.say(`+CMGR: 1,,${LENGTH}`, pdu(4), "OK"), [4]);
	assert.is(desk.told(), "AT+CMGD=4");
});

test("an empty place is left alone", () => {
	const desk = ready(4);
	desk.told();
	desk.say("+CMS ERROR: 321");
	assert.is(desk.told(), "");
	desk.say('+CMTI: "SM",4');
	for (let look = 0; look < 3; look++) {
		assert.is(desk.told(), "AT+CMGR=4");
		desk.say("OK");
	}
	assert.is(desk.told(), "");
});

test("a PDU whose header was lost is no command, and one whose place another line took is lost", () => {
	const desk = ready();
	assert.equal(desk.say(pdu(1), `+CMT: ,${LENGTH}`, '+CMTI: "SM",6', pdu(2)), []);
	assert.is(desk.told(), "AT+CMGR=6");
});

test("nothing is handed out before the message before it was polled", () => {
	const desk = ready();
	const bytes = encodeText(`\r\n+CMT: ,${LENGTH}\r\n${pdu(1)}\r\n+CMT: ,${LENGTH}\r\n${pdu(2)}\r\n`);
	const taken = desk.modem.handleReceived(0, bytes);
	assert.ok(taken < bytes.length);
	assert.is(desk.modem.handleReceived(0, bytes.subarray(taken)), 0);
	assert.equal(desk.modem.pollReceived()?.[1], 1);
	assert.equal(desk.bytes(bytes.subarray(taken)), [2]);
});

test("a modem that does not answer is asked less and less often, and for ever", () => {
	const desk = new Desk();
	const waits: number[] = [];
	for (let i = 0; i < 20; i++) {
		assert.is(desk.told(), i % 2 === 0 ? "AT" : "");
		waits.push(desk.wait());
	}
	assert.equal(waits.slice(0, 8), [5_000, 1_000, 5_000, 2_000, 5_000, 4_000, 5_000, 8_000]);
	assert.is(waits[19], 64_000);
	assert.is(desk.modem.state, "silent");
	desk.told();
	desk.begin();
	assert.is(desk.modem.state, "ready");
});

test("an answer to what was given up is no answer to what is asked now", () => {
	const desk = ready();
	desk.say('+CMTI: "SM",1');
	desk.told();
	desk.wait();
	desk.say("OK");
	assert.is(desk.wait(), 1_000);
	assert.is(desk.told(), "AT");
	desk.say("ERROR", "OK", "OK", "ERROR");
	assert.is(desk.wait(), modemTimes.settleMs);
	assert.is(desk.told(), "ATE0");
});

for (const start of ["RDY", "^SYSSTART", "AT+CMGR=1"])
	test(`after ${start} it is told everything anew, and finds what it has`, () => {
		const desk = ready(1);
		desk.told();
		desk.say(start);
		assert.equal([desk.modem.state, desk.told(), desk.modem.statistics.restarts], ["starting", "", 1]);
		desk.say(start);
		assert.is(desk.wait(), modemTimes.startMs);
		assert.is(desk.told(), "AT");
		desk.begin(1);
		assert.is(desk.told(), "AT+CMGR=1");
	});

test("a modem that repeats us in spite of ATE0 is not taken for one that starts", () => {
	const desk = new Desk();
	const answers = [["OK"], ["OK"], ["OK"], ["+CPIN: READY", "OK"], ["OK"], ["OK"], ["OK"], ["OK"]];
	for (const lines of answers) {
		const told = desk.told();
		desk.say(told, ...lines);
		if (told === "AT") desk.wait();
	}
	assert.is(desk.modem.state, "ready");
	desk.say('+CMTI: "SM",1');
	desk.say(desk.told(), "OK");
	assert.equal([desk.modem.state, desk.modem.statistics.restarts], ["ready", 0]);
});

for (const lines of [["+CPIN: SIM PIN", "OK"], ["+CME ERROR: 14"], ["+CME ERROR: 10"], ["OK"]])
	test(`without a card it waits longer and longer: ${lines[0]}`, () => {
		const desk = new Desk();
		const waits: number[] = [];
		for (let i = 0; i < 10; i++) {
			desk.told();
			desk.say("OK");
			desk.wait();
			for (const answer of [["OK"], ["OK"], lines]) {
				desk.told();
				desk.say(...answer);
			}
			assert.is(desk.modem.state, "no-card");
			waits.push(desk.wait());
		}
		assert.equal(waits.slice(0, 3), [2_000, 4_000, 8_000]);
		assert.is(waits[9], 256_000);
	});

test("a card that is put in is used at once, and one that is taken out is waited for", () => {
	const desk = ready();
	desk.say("+CPIN: NOT READY");
	assert.is(desk.modem.state, "no-card");
	desk.say("+CPIN: READY");
	assert.is(desk.wait(), modemTimes.settleMs);
	desk.begin();
	assert.is(desk.modem.state, "ready");
});

test("now and then it looks whether there is anything, and anybody", () => {
	const desk = ready();
	assert.is(desk.wait(), modemTimes.lookMs);
	assert.is(desk.told(), "AT+CMGL=4");
	assert.is(desk.wait(), modemTimes.listMs);
	assert.is(desk.modem.state, "silent");
});

test("a list that is refused is asked for again soon", () => {
	const desk = ready();
	desk.wait();
	desk.told();
	desk.say("+CMS ERROR: 314");
	assert.is(desk.wait(), modemTimes.busyMs);
	assert.is(desk.told(), "AT+CMGL=4");
});

test("lines without an end and lines of noise are counted, and the next one stands again", () => {
	const desk = ready();
	assert.equal(desk.bytes(new Uint8Array(100_000).fill(0x41)), []);
	assert.equal(desk.say("", "\u0001\u00ff", '+CMTI: "SM",2'), []);
	assert.is(desk.told(), "AT+CMGR=2");
	assert.is(desk.modem.statistics.noise, 2);
});

/** What a modem says, and pieces of it. */
const PHRASES = [
	"OK",
	"ERROR",
	"+CMS ERROR: 321",
	"+CME ERROR: 14",
	'+CMTI: "SM",3',
	"+CMTI:",
	"+CMT: ,17",
	"+CMT: ,99999999999999999999",
	"+CMGR: 1,,17",
	"+CMGR: 1,,-1",
	"+CMGL: 2,1,,17",
	"+CMGL: x",
	"+CPIN: READY",
	"+CPIN: NOT READY",
	"RDY",
	"AT+CMGR=3",
	pdu(1),
	pdu(2).slice(0, 20),
	"00".repeat(300),
	"> ",
];

for (const seed of [1, 2, 3])
	test(`whatever comes, in whatever order, it asks at a bounded rate, and works in the end (seed ${seed})`, () => {
		const random = new SeededRandom(seed);
		const desk = new Desk();
		let asked = 0;
		for (let i = 0; i < 6_000; i++) {
			const dice = random.uint32() % 8;
			if (dice === 0) desk.bytes(Uint8Array.of(random.uint32(), random.uint32(), random.uint32()));
			else if (dice < 6) desk.say(PHRASES[random.uint32() % PHRASES.length]!);
			else if (desk.modem.pollTimeout() < Number.POSITIVE_INFINITY) desk.wait();
			asked += desk.told().split("AT").length - 1;
		}
		// No line makes it say more than one command.
		assert.ok(asked < 6_000, `${asked} commands`);
		desk.say("", "RDY");
		while (desk.told() !== "AT") desk.wait();
		desk.begin();
		assert.is(desk.modem.state, "ready");
		assert.equal(desk.say(`+CMT: ,${LENGTH}`, pdu(0x77)), [0x77]);
	});

test.run();
