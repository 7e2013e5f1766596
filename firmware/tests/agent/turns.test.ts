import { assert, suite } from "#suite";
import { Agent, type Command } from "../../agent/agent.js";
import { addServerAccount } from "../../agent/server-account.js";
import { Code } from "../../coap/codes.js";
import { DatagramEndpoint } from "../../coap/datagram.js";
import type { Transmit } from "../../contract.js";
import { limits } from "../../limits.js";
import { Model } from "../../lwm2m/model.js";
import { FixedRandom } from "../random.js";

const test = suite("agent: turns");

interface Row {
	readonly order?: number;
	readonly blocks?: boolean;
	/** How its server answers a Register; undefined: not at all. */
	readonly answers?: number;
	readonly host?: string;
}

/** A device with one server a row; gives the hosts that it opened a way to, with the second in which. */
function play(rows: readonly Row[], seconds: number): string[] {
	const model = new Model();
	rows.forEach(({ order, blocks, host }, i) => {
		addServerAccount(model, {
			serverUri: `coap://${host ?? `192.0.2.${i + 1}`}`,
			shortServerId: i + 1,
			lifetimeSeconds: 86_400,
			server: {
				...(order === undefined ? {} : { registrationPriorityOrder: order }),
				...(blocks === undefined ? {} : { registrationFailureBlock: blocks }),
				communicationRetryCount: 2,
				communicationRetryTimer: 10,
				communicationSequenceDelayTimer: 100,
			},
		});
	});
	const agent = new Agent({ endpointName: "turns", model, random: new FixedRandom(), keepaliveMs: Infinity });
	const servers = rows.map(() => new DatagramEndpoint({ random: new FixedRandom() }));
	const out: Transmit = { bytes: new Uint8Array(limits.messageLength), length: 0, path: 0 };
	const opened: string[] = [];
	let now = 0;
	const obey = (command: Command) => {
		if (command.kind === "resolve") return agent.handleResolved(now, command.query, []);
		if (command.kind !== "open") return;
		const name = `${command.address} at ${Math.round(now / 1000)}`;
		if (!opened.some((each) => each.startsWith(`${command.address} `))) opened.push(name);
		agent.handleOpened(now, command.path);
	};
	const serve = (index: number, path: number) => {
		const server = servers[index]!;
		for (let event = server.pollEvent(); event !== undefined; event = server.pollEvent()) {
			const code = rows[index]!.answers;
			if (event.kind !== "request" || code === undefined) continue;
			const plain = { contentFormat: undefined, payload: undefined, observe: undefined, confirmable: undefined };
			server.respond(now, event.exchange, { ...plain, code, locationPath: "/rd/1" });
		}
		while (server.pollTransmit(now, out)) agent.handleReceived(now, path, out.bytes.slice(0, out.length));
	};
	const drain = () => {
		for (;;) {
			const command = agent.pollCommand();
			if (command !== undefined) obey(command);
			else if (agent.pollTransmit(now, out)) {
				const { path } = out;
				const index = path % limits.accountCount;
				servers[index]!.handleReceived(now, out.bytes.slice(0, out.length));
				serve(index, path);
			} else if (agent.pollEvent() === undefined) return;
		}
	};
	agent.start(now);
	for (drain(); agent.pollTimeout() < 1000 * seconds; drain()) {
		now = agent.pollTimeout();
		agent.handleTimeout(now);
	}
	return opened;
}

const fine = { answers: Code.Created };

test("without an order all servers are registered with at once", () => {
	assert.equal(play([fine, {}, fine], 1), ["192.0.2.1 at 0", "192.0.2.2 at 0", "192.0.2.3 at 0"]);
});

test("with an order, the lower first, and each when the one before is registered", () => {
	assert.equal(play([{ ...fine, order: 7 }, { ...fine, order: 2 }, fine], 1), [
		"192.0.2.2 at 0",
		"192.0.2.3 at 0",
		"192.0.2.1 at 0",
	]);
	assert.equal(play([{ ...fine, order: 7 }, { order: 2 }], 60), ["192.0.2.2 at 0"]);
});

test("of the same order each has its turn", () => {
	assert.equal(play([{ order: 1 }, { order: 1, ...fine }], 60), ["192.0.2.1 at 0"]);
	assert.equal(play([{ order: 1, ...fine }, { order: 1 }], 60).length, 2);
});

test("a server whose attempts all failed lets the next one begin, unless it blocks", () => {
	const refusing = { answers: Code.Forbidden, order: 1 };
	const [first, second] = play([refusing, { ...fine, order: 2 }], 300);
	assert.is(first, "192.0.2.1 at 0");
	assert.ok(/^192.0.2.2 at ([5-9]|10)$/.test(second!), second);
	assert.equal(
		play(
			[
				{ ...refusing, blocks: true },
				{ ...fine, order: 2 },
			],
			3000,
		),
		["192.0.2.1 at 0"],
	);
	assert.is(
		play(
			[
				{ ...refusing, blocks: false },
				{ ...fine, order: 2 },
			],
			300,
		).length,
		2,
	);
});

test("so does a silent one, and one whose name nobody knows", () => {
	assert.is(play([{ order: 1 }, { ...fine, order: 2 }], 400).length, 2);
	const nobody = { order: 1, host: "nobody.example" };
	assert.equal(play([nobody, { ...fine, order: 2 }], 1), ["192.0.2.2 at 0"]);
	assert.equal(
		play(
			[
				{ ...nobody, blocks: true },
				{ ...fine, order: 2 },
			],
			1000,
		),
		[],
	);
});

test.run();
