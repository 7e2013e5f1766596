import { assert, suite } from "#suite";
import { Code } from "../../coap/codes.js";
import { SeededRandom } from "../random.js";
import { Lab } from "./lab.js";

const test = suite("agent/adversity");

/** A device to which anything happens in any order, by a seed. */
class Fate {
	readonly #random: SeededRandom;
	readonly lab: Lab;
	#resolvable = true;
	/** Commands whose "resolve" has been seen to. */
	#seenCount = 0;

	constructor(seed: number) {
		this.#random = new SeededRandom(seed);
		this.lab = new Lab(this.#one(1_000, 20_000), this.#one("coap://192.0.2.1", "coap://backend.example"));
		const server = this.lab.model.find(1, 0)!;
		server.set("lifetime", this.#one(10, 86_400, 0xffff_ffff));
		server.set("disableTimeout", this.#one(0, 1, 30));
		server.set("defaultNotificationMode", this.#one(0, 1));
	}

	#one<T>(...choices: readonly T[]): T {
		return choices[this.#random.uint32() % choices.length]!;
	}

	run(milliseconds: number): void {
		const end = this.lab.now + milliseconds;
		while (this.lab.now < end) {
			this.lab.run(Math.min(500, end - this.lab.now));
			this.#resolve();
		}
	}

	#resolve(): void {
		const { agent, commands, now } = this.lab;
		for (; this.#seenCount < commands.length; this.#seenCount++) {
			const command = commands[this.#seenCount]!;
			if (command.kind === "resolve") agent.handleResolved(now, command.query, this.#resolvable ? ["192.0.2.1"] : []);
		}
	}

	/** One blow, and some time. */
	strike(): void {
		const { lab } = this;
		const blows: readonly (() => void)[] = [
			() => lab.rebind(),
			() => {
				lab.silent = !lab.silent;
			},
			() => lab.restartServer(),
			() => lab.change(20 + (this.#random.uint32() % 10)),
			() => lab.ask({ path: "/3303/0/5700", accept: 0, observe: 0 }),
			() => lab.ask({ code: Code.Post, path: this.#one("/1/0/4", "/1/0/8") }),
			() => lab.agent.handleNetwork(lab.now, this.#one(undefined, "wifi:home")),
			() => {
				this.#resolvable = !this.#resolvable;
			},
			() => this.#closePath(),
			() => {
				lab.model.find(1, 0)!.set("lifetime", this.#one(10, 60, 86_400));
				lab.agent.handleModelChanged(lab.now);
			},
		];
		this.#one(...blows)();
		this.run(this.#one(0, 10, 300, 3_000, 20_000, 100_000));
	}

	#closePath(): void {
		const opened = this.lab.commands.filter((command) => command.kind === "open").at(-1);
		if (opened?.kind === "open") this.lab.agent.handleClosed(this.lab.now, opened.path, "reset");
	}

	relent(): void {
		this.lab.silent = false;
		this.#resolvable = true;
		this.lab.agent.handleNetwork(this.lab.now, "wifi:home");
	}
}

for (let seed = 1; seed <= 6; seed++) {
	test(`after anything (seed ${seed}) it is reachable again`, () => {
		const fate = new Fate(seed);
		for (let i = 0; i < 30; i++) fate.strike();
		fate.relent();
		fate.run(1_000_000);
		const at = fate.lab.now;
		fate.lab.ask({ path: "/3303/0/5700", accept: 0 });
		fate.run(1_000);
		const seen = fate.lab.since(at);
		assert.ok(
			seen.some((text) => text.startsWith("2.5 ")),
			seen.join(),
		);
	});

	test(`after anything (seed ${seed}) it ends when it is stopped`, () => {
		const fate = new Fate(seed);
		for (let i = 0; i < 30; i++) fate.strike();
		fate.lab.stop();
		fate.run(14_500);
		assert.is(fate.lab.kinds.at(-1), "deregistered");
		assert.is(fate.lab.agent.pollTimeout(), Number.POSITIVE_INFINITY);
	});
}

test.run();
