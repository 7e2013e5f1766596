import { assert, suite } from "#suite";
import { Agent, type Command } from "../../agent/agent.js";
import { addServerAccount } from "../../agent/server-account.js";
import { Code } from "../../coap/codes.js";
import { DatagramEndpoint } from "../../coap/datagram.js";
import type { Transmit } from "../../contract.js";
import { limits } from "../../limits.js";
import { Model } from "../../lwm2m/model.js";
import { FixedRandom } from "../random.js";
import { addReserve } from "./reserve.js";

const test = suite("agent/reserve");

const HOUR = 3_600_000;

/** A device with two accounts of one server, at two addresses. */
class Town {
	now = 0;
	/** Whether each address answers. */
	readonly answers = [true, true];
	/** "POST 0" for a Register at the first address, "DELETE 1" for a good-bye to the second. */
	readonly seen: string[] = [];
	readonly #agent: Agent;
	readonly #servers = [0, 1].map(() => new DatagramEndpoint({ random: new FixedRandom() }));
	readonly #out: Transmit = { bytes: new Uint8Array(limits.messageLength), length: 0, path: 0 };

	/** Whether names lead anywhere. */
	isNamed = true;
	/** Whether the first account gets a socket. */
	hasSockets = true;

	constructor(keepaliveMs: number | undefined, serverUri = "coap://192.0.2.1") {
		const model = new Model();
		addServerAccount(model, { serverUri, shortServerId: 1, lifetimeSeconds: 86_400 });
		addReserve(model);
		this.#agent = new Agent({ endpointName: "reserve", model, random: new FixedRandom(), keepaliveMs });
		this.#agent.start(0);
		this.#drain();
	}

	get registered(): boolean[] {
		return this.#agent.statuses().map(({ registered }) => registered);
	}

	run(milliseconds: number): void {
		const end = this.now + milliseconds;
		for (; this.#agent.pollTimeout() <= end; this.#drain()) {
			this.now = Math.max(this.now, this.#agent.pollTimeout());
			this.#agent.handleTimeout(this.now);
		}
		this.now = end;
	}

	/** Another network, in which everything begins anew. */
	lose(): void {
		this.#agent.handleNetwork(this.now, "another");
		this.#drain();
	}

	#drain(): void {
		for (;;) {
			const command = this.#agent.pollCommand();
			if (command !== undefined) this.#obey(command);
			else if (this.#agent.pollTransmit(this.now, this.#out)) this.#carry();
			else if (this.#agent.pollEvent() === undefined) return;
		}
	}

	#obey(command: Command): void {
		if (command.kind === "resolve")
			this.#agent.handleResolved(this.now, command.query, this.isNamed ? ["192.0.2.1"] : []);
		if (command.kind !== "open") return;
		const isRefused = !this.hasSockets && command.path % limits.accountCount === 0;
		if (isRefused) this.#agent.handleClosed(this.now, command.path, "limit");
		else this.#agent.handleOpened(this.now, command.path);
	}

	#carry(): void {
		const { path } = this.#out;
		const index = path % limits.accountCount;
		const server = this.#servers[index]!;
		if (!this.answers[index]) return;
		server.handleReceived(this.now, this.#out.bytes.slice(0, this.#out.length));
		for (let event = server.pollEvent(); event !== undefined; event = server.pollEvent()) {
			if (event.kind !== "request") continue;
			const isPost = event.message.code === Code.Post;
			const isUpdate = event.message.text(11, 1) !== undefined;
			this.seen.push(`${isPost ? (isUpdate ? "Update" : "POST") : "DELETE"} ${index}`);
			const code = isPost ? (isUpdate ? Code.Changed : Code.Created) : Code.Deleted;
			const plain = { contentFormat: undefined, payload: undefined, observe: undefined, confirmable: undefined };
			server.respond(this.now, event.exchange, { ...plain, code, locationPath: isUpdate ? undefined : "/rd/1" });
		}
		while (server.pollTransmit(this.now, this.#out))
			this.#agent.handleReceived(this.now, path, this.#out.bytes.slice(0, this.#out.length));
	}
}

for (const keepaliveMs of [20_000, undefined]) {
	const kind = keepaliveMs === undefined ? "learning" : "told";

	test(`${kind}: while the first account works, the second one is silent`, () => {
		const town = new Town(keepaliveMs);
		town.run(HOUR);
		assert.equal(town.registered, [true, false]);
		assert.not(town.seen.some((each) => each.endsWith("1")));
	});

	test(`${kind}: when all ways of the first failed the second begins, and ends when the first is back`, () => {
		const town = new Town(keepaliveMs);
		town.run(HOUR);
		town.answers[0] = false;
		town.run(HOUR);
		assert.equal(town.registered, [false, true]);
		assert.ok(town.seen.includes("POST 1"));
		town.answers[0] = true;
		town.run(HOUR);
		assert.equal(town.registered, [true, false]);
		assert.is(town.seen.filter((each) => each === "DELETE 1").length, 1);
	});

	test(`${kind}: with neither it goes on asking both, and is back with whichever answers first`, () => {
		const town = new Town(keepaliveMs);
		town.answers[0] = false;
		town.answers[1] = false;
		town.run(6 * HOUR);
		assert.equal(town.registered, [false, false]);
		town.answers[1] = true;
		town.run(HOUR);
		assert.equal(town.registered, [false, true]);
		town.answers[0] = true;
		town.run(HOUR);
		assert.equal(town.registered, [true, false]);
	});
}

test("when the name of the first server leads nowhere the second account begins, and ends when it does", () => {
	const town = new Town(undefined, "coap://first.example");
	town.run(HOUR);
	assert.equal(town.registered, [true, false]);
	town.isNamed = false;
	town.answers[0] = false;
	town.run(HOUR);
	assert.ok(town.registered[1]);
	assert.ok(town.seen.includes("POST 1"));
	town.isNamed = true;
	town.answers[0] = true;
	town.run(HOUR);
	assert.equal(town.registered, [true, false]);
});

test("a way is none before the server answers on it: the second account stays until then", () => {
	const town = new Town(20_000);
	town.run(HOUR);
	town.hasSockets = false;
	town.answers[0] = false;
	town.lose();
	town.run(HOUR);
	assert.ok(town.seen.includes("POST 1"));
	town.hasSockets = true;
	town.run(HOUR);
	assert.not(town.seen.includes("DELETE 1"));
	town.answers[0] = true;
	town.run(HOUR);
	assert.equal(town.registered, [true, false]);
});

test.run();
