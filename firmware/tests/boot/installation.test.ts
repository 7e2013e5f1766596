// What the settings say of a server's keys holds for its account: here, whether an Execute must be proved to be fresh.
// And what becomes of its Sends is told to the machine.

import { assert, suite } from "#suite";
import { Code } from "../../coap/codes.js";
import { DatagramEndpoint } from "../../coap/datagram.js";
import { Option } from "../../coap/options.js";
import type { Transmit } from "../../contract.js";
import { limits } from "../../limits.js";
import { RenewingServer } from "../../security/oscore/renewing-server.js";
import { content, get } from "../coap/bench.js";
import { fromHex } from "../coap/hex.js";
import { SeededRandom } from "../random.js";
import { optionsOf } from "../security/oscore/bench.js";
import { plainPrimitives } from "../security/plain-primitives.js";
import { FakeBoard } from "./fake-board.js";
import { ADDRESS, acknowledge, CREDENTIALS, PORT, PROTECTED, registered, SERVER, SETTINGS } from "./lives.js";

const test = suite("boot/installation");

/** LwM2M Core 1.2, 6.2.2: Registration Update Trigger. */
const TRIGGER = "/1/0/8";

/** The server of a board, with the keys that the board has for it. */
class KeyedServer {
	readonly #board: FakeBoard;
	readonly #endpoint: DatagramEndpoint;
	readonly #out: Transmit = { bytes: new Uint8Array(limits.messageLength), length: 0, path: 0 };
	#heard = 0;
	/** How many requests it sent, and the codes of the answers. */
	asked = 0;
	readonly answers: number[] = [];

	constructor(board: FakeBoard) {
		this.#board = board;
		const keys = {
			masterSecret: fromHex(CREDENTIALS.masterSecret),
			masterSalt: new Uint8Array(0),
			idContext: undefined,
		};
		const identifiers = { senderId: Uint8Array.of(2), recipientId: Uint8Array.of(1) };
		const protection = new RenewingServer(optionsOf(2), { ...keys, ...identifiers });
		this.#endpoint = new DatagramEndpoint({ random: new SeededRandom(5), protection });
	}

	/** Says and hears all that there is to be said. */
	talk(): void {
		const { sent } = this.#board.socket;
		do {
			if (this.#heard < sent.length) this.#endpoint.handleReceived(0, sent[this.#heard++]!.bytes);
			for (let event = this.#endpoint.pollEvent(); event !== undefined; event = this.#endpoint.pollEvent()) {
				if (event.kind === "response") this.answers.push(event.message.code);
				if (event.kind === "request") this.#serve(event.exchange, event.message.count(Option.UriPath) === 1);
			}
			while (this.#endpoint.pollTransmit(0, this.#out)) {
				const bytes = this.#out.bytes.slice(0, this.#out.length);
				if ((bytes[0]! & 0x30) === 0) this.asked++;
				this.#board.socket.receive(SERVER, PORT, bytes);
			}
		} while (this.#heard < sent.length);
	}

	#serve(exchange: number, isRegister: boolean): void {
		const answer = isRegister ? { code: Code.Created, locationPath: "/rd/1" } : { code: Code.Changed };
		this.#endpoint.respond(0, exchange, content(answer));
	}

	execute(path: string): void {
		this.#endpoint.request(0, get({ code: Code.Post, path }));
		this.talk();
	}
}

/** What the settings say, and how many requests one Execute takes. */
const ROWS: readonly (readonly [settings: object, requestCount: number])[] = [
	[{}, 2],
	[{ echo: true }, 2],
	[{ echo: false }, 1],
];

for (const [said, requestCount] of ROWS)
	test(`credentials with ${JSON.stringify(said)}: an Execute takes ${requestCount} requests`, () => {
		const board = new FakeBoard({ primitives: plainPrimitives }).start();
		const accounts = PROTECTED.map((account) => ({ ...account, credentials: { ...account.credentials, ...said } }));
		assert.equal(board.ask("provision", { settings: { ...SETTINGS, accounts } }), { ok: true });
		board.system.close();
		board.start();
		board.interface.up(ADDRESS);
		const server = new KeyedServer(board);
		server.talk();
		server.execute(TRIGGER);
		assert.equal(server.answers, [Code.Changed]);
		assert.is(server.asked, requestCount);
	});

test("what becomes of a Send is told to the machine that made it", () => {
	const board = registered();
	const { device } = board.system.installation!;
	const first = device.send(["/3323/0/5700"]);
	acknowledge(board, Code.Changed);
	const second = device.send(["/3323/0/5700"]);
	acknowledge(board, Code.BadRequest);
	assert.equal(board.application.ends, [
		[first, true],
		[second, false],
	]);
});

test.run();
