import { assert, suite } from "#suite";
import { keys } from "../../boot/constants.js";
import { encodeSettings, type Settings } from "../../boot/settings.js";
import { Starts } from "../../boot/starts.js";
import { ValueStore } from "../../boot/value-store.js";
import { limits } from "../../limits.js";
import { StoreFull } from "../../store/errors.js";
import { Journal } from "../../store/journal.js";
import { RamFlash } from "../store/ram-flash.js";

const test = suite("boot/value-store");

/** The longest that a board takes. */
function longestSettings(): Settings {
	const key = (length: number) => new Uint8Array(length);
	const credentials = {
		mode: "oscore",
		masterSecret: key(64),
		masterSalt: key(32),
		senderId: key(7),
		recipientId: key(7),
		idContext: key(32),
	} as const;
	const account = { serverUri: "u".repeat(128), lifetimeSeconds: 1, keepaliveSeconds: 1, credentials };
	const accounts = Array.from({ length: limits.accountCount }, (_, i) => ({ ...account, shortServerId: i + 1 }));
	return { endpointName: "e".repeat(64), accounts, network: { ssid: "s".repeat(32), password: "p".repeat(64) } };
}

/** A journal that servers have filled, with short settings in it. */
function filled(): { journal: Journal; store: ValueStore } {
	const journal = new Journal(new RamFlash(4096, 8));
	journal.write(keys.settings, new Uint8Array(40));
	new Starts(journal, { reason: "power-on", cause: undefined });
	const store = new ValueStore(journal);
	assert.throws(
		() => {
			for (let id = 0; ; id++) store.write(`/3308/${id}`, new Uint8Array(300));
		},
		(error: unknown) => error instanceof StoreFull,
	);
	return { journal, store };
}

test("a journal that servers have filled still takes other settings, and counts faults", () => {
	const { journal } = filled();
	journal.write(keys.settings, encodeSettings(longestSettings()));
	for (let fault = 1; fault <= 3; fault++)
		assert.is(new Starts(journal, { reason: "watchdog", cause: "\u20ac".repeat(200) }).faultsInRow, fault);
});

test("what a server wrote before can be written anew, deleted, and made shorter", () => {
	const { journal, store } = filled();
	journal.write(keys.settings, encodeSettings(longestSettings()));
	store.write("/3308/0", new Uint8Array(300).fill(1));
	store.write("/3308/1", new Uint8Array(200));
	store.delete("/3308/2");
	assert.is(store.read("/3308/0")![0], 1);
	assert.is(store.read("/3308/1")!.length, 200);
	assert.not.ok(store.keys().includes("/3308/2"));
});

test.run();
