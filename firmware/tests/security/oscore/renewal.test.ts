import { assert, suite } from "#suite";
import { FORGERY_COUNT } from "../../../security/oscore/constants.js";
import { Oscore } from "../../../security/oscore/oscore.js";
import { join, wrap } from "../../../security/oscore/renewal.js";
import { RenewingClient } from "../../../security/oscore/renewing-client.js";
import { RenewingServer } from "../../../security/oscore/renewing-server.js";
import { fromHex } from "../../coap/hex.js";
import { contextOf, EXAMPLES, mirrored, optionsOf, run } from "./bench.js";

const test = suite("security/oscore/renewal");

const REQUEST = "44025d1f00003974b27264";
const UNAUTHORIZED = "64815d1f00003974";
const CREATED = "64415d1f00003974";
/** A downlink of the server, which it has a token of its own for. */
const READ = "420100010102b133";

/** A device and a server that share a secret and nothing else yet. */
class Pair {
	readonly server = new RenewingServer(optionsOf(2), mirrored(EXAMPLES["C.1"]));
	client = this.boot(1);

	/** The device starts, and has forgotten everything. */
	boot(seed: number): RenewingClient {
		return new RenewingClient(optionsOf(seed), EXAMPLES["C.1"]);
	}

	/** The client's request, protected. */
	ask(): string {
		return run((into) => this.client.protectRequest(fromHex(REQUEST), into));
	}

	/** What the server says to it: the plain request, "challenge", or a refusal. */
	hear(request: string): string {
		return run((into) => this.server.openRequest(0, fromHex(request), into));
	}

	share(): string {
		return run((into) => this.server.challenge(0, into));
	}

	answer(): string {
		const { oscore } = this.server;
		return run((into) => oscore!.protectResponse(fromHex(CREATED), oscore!.requestNumber, false, into));
	}

	/** What the client makes of an answer. */
	receive(response: string): string {
		const { requestNumber } = this.client.oscore;
		return run((into) => this.client.openResponse(0, fromHex(response), requestNumber, into));
	}

	/** The whole renewal, as it goes when nothing is lost. */
	renew(): void {
		assert.is(this.hear(this.ask()), "challenge");
		assert.is(this.receive(this.share()), "again");
		assert.is(this.hear(this.ask()), REQUEST);
		assert.is(this.receive(this.answer()), CREATED);
		assert.ok(this.client.isRenewed);
	}
}

test("two requests renew the keys, and the third one is as short as any", () => {
	const pair = new Pair();
	const first = pair.ask();
	pair.renew();
	const third = pair.ask();
	// RFC 8613, B.2: later requests leave the kid context out.
	assert.is(first.length - third.length, 2 * 10);
	assert.is(pair.hear(third), REQUEST);
	assert.is(pair.receive(pair.answer()), CREATED);
});

test("the server's own requests are under the new keys, too", () => {
	const pair = new Pair();
	pair.renew();
	const read = run((into) => pair.server.oscore!.protectRequest(fromHex(READ), into));
	assert.is(
		run((into) => pair.client.oscore.openRequest(0, fromHex(read), into)),
		READ,
	);
});

test("a device that was started anew renews again, and its old messages mean nothing any more", () => {
	const pair = new Pair();
	pair.renew();
	const old = pair.ask();
	pair.client = pair.boot(3);
	pair.renew();
	assert.is(pair.hear(old), "bad");
});

test("a first request that comes again gets the same share, and carries nothing out", () => {
	const pair = new Pair();
	const first = pair.ask();
	assert.is(pair.hear(first), "challenge");
	const share = pair.share();
	assert.is(pair.hear(first), "challenge");
	assert.is(pair.share(), share);
	assert.is(pair.receive(share), "again");
	assert.is(pair.hear(pair.ask()), REQUEST);
});

test("a second request that comes again is a replay", () => {
	const pair = new Pair();
	pair.hear(pair.ask());
	pair.receive(pair.share());
	const second = pair.ask();
	assert.is(pair.hear(second), REQUEST);
	assert.is(pair.hear(second), "replay");
});

test("where the answer to the second request is lost, the client asks once more in the same words", () => {
	const pair = new Pair();
	pair.hear(pair.ask());
	pair.receive(pair.share());
	assert.is(pair.hear(pair.ask()), REQUEST);
	assert.is(pair.hear(pair.ask()), REQUEST);
	assert.is(pair.receive(pair.answer()), CREATED);
});

test("replays of all that was ever said to the server change nothing", () => {
	const pair = new Pair();
	const said: string[] = [];
	for (let boot = 0; boot < 3; boot++) {
		pair.client = pair.boot(10 + boot);
		said.push(pair.ask());
		pair.hear(said.at(-1)!);
		pair.receive(pair.share());
		said.push(pair.ask());
		pair.hear(said.at(-1)!);
		pair.receive(pair.answer());
	}
	for (const message of said) assert.is.not(pair.hear(message), REQUEST);
	assert.is(pair.hear(pair.ask()), REQUEST);
});

/** A device that starts amid first requests that somebody has recorded; gives what the server makes of its second. */
function startAmid(pair: Pair, recorded: readonly string[]): string {
	pair.client = pair.boot(4);
	pair.hear(pair.ask());
	const share = pair.share();
	for (let i = 0; i < 100; i++) {
		assert.is(pair.hear(recorded[i % recorded.length]!), "challenge");
		pair.share();
	}
	assert.is(pair.receive(share), "again");
	return pair.hear(pair.ask());
}

function recordStarts(pair: Pair, count: number): string[] {
	return Array.from({ length: count }, (_, i) => {
		pair.client = pair.boot(100 + i);
		return pair.ask();
	});
}

test("a flood of the first requests of few starts costs a device that is just starting nothing", () => {
	const pair = new Pair();
	assert.is(startAmid(pair, recordStarts(pair, 15)), REQUEST);
});

test("a second request that was held up until after the next start does not bring its old keys back", () => {
	const pair = new Pair();
	pair.hear(pair.ask());
	pair.receive(pair.share());
	const held = pair.ask();
	pair.client = pair.boot(3);
	pair.renew();
	assert.is(pair.hear(held), "no-context");
	assert.is(pair.hear(pair.ask()), REQUEST);
});

test("a flood of the first requests of many starts costs a device that is just starting one more try", () => {
	const pair = new Pair();
	// Its share has been pushed out: it is told so, without protection, and begins anew.
	assert.is(startAmid(pair, recordStarts(pair, 20)), "no-context");
	pair.client.restart();
	pair.renew();
});

test("a server that has lost its state renews when the device begins anew", () => {
	const pair = new Pair();
	pair.renew();
	const forgetful = new Pair();
	forgetful.client = pair.client;
	assert.is(forgetful.hear(forgetful.ask()), "no-context");
	forgetful.client.restart();
	forgetful.renew();
});

test("a server may say twice as many bytes: a share and a value by which it knows it again", () => {
	const { client } = new Pair();
	const first = run((into) => client.protectRequest(fromHex(REQUEST), into));
	const server = (idContext: Uint8Array) =>
		new Oscore(optionsOf(6), contextOf({ ...mirrored(EXAMPLES["C.1"]), idContext }));
	const share = client.oscore.context.idContext!;
	// RFC 8613, 8.3: "the AEAD nonce from the request" is that of the request's own context.
	const requestIv = client.oscore.context.commonIv;
	assert.is(
		run((into) => server(share).openRequest(0, fromHex(first), into)),
		REQUEST,
	);
	const long = new Uint8Array(16).fill(7);
	const answer = run((into) =>
		server(join(long, share)).protectResponse(fromHex(UNAUTHORIZED), 0, false, into, wrap(long), requestIv),
	);
	assert.is(
		run((into) => client.openResponse(0, fromHex(answer), client.requestNumber, into)),
		"again",
	);
	const second = run((into) => client.protectRequest(fromHex(REQUEST), into));
	// RFC 8949, 3: from 24 bytes on the head of a byte string has two bytes.
	assert.ok(second.includes(`5818${"07".repeat(16)}`));
	assert.is(
		run((into) => server(client.oscore.context.idContext!).openRequest(0, fromHex(second), into)),
		REQUEST,
	);
});

test("no answer is a share that does not prove to know the secret", () => {
	const pair = new Pair();
	pair.hear(pair.ask());
	const share = pair.share();
	for (const forged of [UNAUTHORIZED, `${share.slice(0, -2)}00`, share.replace("9a", "92")]) {
		if (forged === share) continue;
		assert.is.not(pair.receive(forged), "again");
	}
	assert.is(pair.receive(share), "again");
});

test("refusals without protection are ignored, until they are so many that the server may have forgotten", () => {
	const pair = new Pair();
	pair.renew();
	const before = pair.ask();
	assert.is(pair.receive(UNAUTHORIZED), "not-protected");
	assert.is(pair.receive(UNAUTHORIZED), "not-protected");
	assert.ok(pair.client.isRenewed);
	assert.is(pair.hear(before), REQUEST);
	assert.is(pair.receive(pair.answer()), CREATED);
	for (let i = 0; i < 2; i++) assert.is(pair.receive(UNAUTHORIZED), "not-protected");
	assert.is(pair.receive(UNAUTHORIZED), "again");
	pair.renew();
});

/** A message as the server or the device makes it, with one bit wrong. */
function forged(message: string): string {
	return `${message.slice(0, -1)}${(Number.parseInt(message.at(-1)!, 16) ^ 1).toString(16)}`;
}

test("a device whose keys were tried too often renews them with its next request", () => {
	const pair = new Pair();
	pair.renew();
	const { context } = pair.client.oscore;
	pair.client.oscore.failureCount = FORGERY_COUNT - 2;
	const read = forged(run((into) => pair.server.protectRequest(fromHex(READ), into)));
	assert.is(
		run((into) => pair.client.openRequest(0, fromHex(read), into)),
		"bad",
	);
	pair.ask();
	assert.is(pair.client.oscore.context, context);
	assert.is(
		run((into) => pair.client.openRequest(0, fromHex(read), into)),
		"bad",
	);
	pair.renew();
	assert.is.not(pair.client.oscore.context, context);
});

test("a server whose keys were tried too often refuses all, and the device renews them", () => {
	const pair = new Pair();
	pair.renew();
	pair.server.oscore!.failureCount = FORGERY_COUNT - 1;
	const request = pair.ask();
	assert.is(pair.hear(forged(request)), "bad");
	assert.is(pair.hear(request), "no-context");
	for (let i = 0; i < 2; i++) assert.is(pair.receive(UNAUTHORIZED), "not-protected");
	assert.is(pair.receive(UNAUTHORIZED), "again");
	pair.renew();
	assert.is(pair.hear(pair.ask()), REQUEST);
});

test("what is refused before it is decrypted does not wear the keys", () => {
	const pair = new Pair();
	pair.renew();
	const request = pair.ask();
	assert.is(pair.hear(request), REQUEST);
	assert.is(pair.hear(request), "replay");
	assert.is(pair.hear("44025d1f00003974b27264"), "not-protected");
	assert.is(pair.server.oscore!.failureCount, 0);
});

test("a kid context that is none of B.2 opens nothing", () => {
	const { server } = new Pair();
	const oscore = new RenewingClient(optionsOf(5), EXAMPLES["C.1"]).oscore;
	for (const kidContext of ["", "48", "4700112233445566", "0011223344556677aa", `50${"00".repeat(16)}`]) {
		const request = run((into) => oscore.protectRequest(fromHex(REQUEST), into, fromHex(kidContext)));
		assert.is(
			run((into) => server.openRequest(0, fromHex(request), into)),
			"no-context",
		);
	}
});

test.run();
