import { assert, suite } from "#suite";
import { Model } from "../../lwm2m/model.js";
import { Server } from "../../lwm2m/objects/server.js";
import { initialDelayMs, isExhausted, retryDelayMs } from "../../lwm2m/retry.js";
import { FixedRandom } from "../random.js";

const test = suite("lwm2m/retry");

type Settings = Readonly<
	Partial<
		Record<
			| "communicationRetryCount"
			| "communicationRetryTimer"
			| "communicationSequenceDelayTimer"
			| "communicationSequenceRetryCount"
			| "initialRegistrationDelayTimer",
			number
		>
	>
>;

function server(settings: Settings) {
	const model = new Model();
	model.add(Server, 0, { shortServerId: 1, lifetime: 300, notificationStoring: true, binding: "U", ...settings });
	return model.find(1, 0)!;
}

/** The waits in seconds after eight failures in a row, when chance takes nothing away. */
function waits(settings: Settings): number[] {
	const instance = server(settings);
	const random = new FixedRandom(0);
	return Array.from({ length: 8 }, (_, i) => retryDelayMs(instance, i + 1, random) / 1000);
}

const DAY = 86_400;

const rows: readonly (readonly [string, Settings, readonly number[]])[] = [
	["nothing is set: 16 min are the longest wait", {}, [60, 120, 240, 480, 960, 960, 960, 960]],
	["another timer (18)", { communicationRetryTimer: 10 }, [10, 20, 40, 80, 160, 160, 160, 160]],
	[
		"a delay between sequences (19)",
		{ communicationSequenceDelayTimer: 3600 },
		[60, 120, 240, 480, 3600, 60, 120, 240],
	],
	[
		"and another count of attempts (17)",
		{ communicationRetryCount: 2, communicationRetryTimer: 5, communicationSequenceDelayTimer: 100 },
		[5, 100, 5, 100, 5, 100, 5, 100],
	],
	[
		"the Enabler's greatest delay, which means never, is a day",
		{ communicationRetryCount: 1, communicationSequenceDelayTimer: 0xffffffff },
		[DAY, DAY, DAY, DAY, DAY, DAY, DAY, DAY],
	],
	["no wait is shorter than a second", { communicationRetryTimer: 0 }, [1, 1, 1, 1, 1, 1, 1, 1]],
];

for (const [name, settings, expected] of rows) test(name, () => assert.equal(waits(settings), expected));

test("chance takes up to half of a wait", () => {
	const least = retryDelayMs(server({}), 1, new FixedRandom(0xffff_ffff));
	assert.ok(least >= 30_000 && least < 30_001);
});

const ends: readonly (readonly [Settings, readonly number[]])[] = [
	[{}, [5, 10]],
	[{ communicationRetryCount: 3 }, [3, 6, 9]],
	[{ communicationRetryCount: 2, communicationSequenceRetryCount: 2 }, [4, 8]],
	[{ communicationRetryCount: 0, communicationSequenceRetryCount: 0 }, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]],
];

for (const [settings, expected] of ends)
	test(`bootstrap is due after failures ${expected.join(", ")} with ${JSON.stringify(settings)}`, () => {
		const instance = server(settings);
		const due = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].filter((count) => isExhausted(instance, count));
		assert.equal(due, expected);
	});

test("the very first Register waits as 14 says, a day at most", () => {
	assert.is(initialDelayMs(server({})), 0);
	assert.is(initialDelayMs(server({ initialRegistrationDelayTimer: 30 })), 30_000);
	assert.is(initialDelayMs(server({ initialRegistrationDelayTimer: 1e9 })), DAY * 1000);
});

test.run();
