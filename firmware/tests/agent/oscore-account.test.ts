import { assert, suite } from "#suite";
import { renewingOscore, storedOscore } from "../../agent/oscore-account.js";
import { addServerAccount } from "../../agent/server-account.js";
import type { Store } from "../../contract.js";
import { Model } from "../../lwm2m/model.js";
import { Oscore } from "../../security/oscore/oscore.js";
import { RenewingClient } from "../../security/oscore/renewing-client.js";
import { EXAMPLES, optionsOf } from "../security/oscore/bench.js";

const test = suite("agent/oscore-account");

const NO_STORE: Store = { read: () => undefined, write: () => {}, delete: () => {}, keys: () => [] };

function protection(protect: typeof renewingOscore, example: keyof typeof EXAMPLES) {
	const model = new Model();
	const account = { serverUri: "coap://192.0.2.1", shortServerId: 1, lifetimeSeconds: 300, oscore: EXAMPLES[example] };
	addServerAccount(model, account);
	return protect(optionsOf())(model, model.find(0, 0)!);
}

const stored: typeof renewingOscore = (options) => storedOscore(options, NO_STORE);

test("keys without an ID Context are renewed, whether or not there is a store", () => {
	assert.instance(protection(renewingOscore, "C.1"), RenewingClient);
	assert.instance(protection(stored, "C.1"), RenewingClient);
});

test("keys with an ID Context are used as they are where their numbers can be stored", () => {
	const oscore = protection(stored, "C.3");
	assert.instance(oscore, Oscore);
	assert.equal((oscore as Oscore).context.idContext, EXAMPLES["C.3"].idContext);
});

test("without keys there is no account", () => {
	const model = new Model();
	const oscore = EXAMPLES["C.1"];
	addServerAccount(model, { serverUri: "coap://192.0.2.1", shortServerId: 1, lifetimeSeconds: 300, oscore });
	model.find(0, 0)!.set("oscoreSecurityMode", "21:7");
	assert.throws(() => renewingOscore(optionsOf())(model, model.find(0, 0)!), /points to 21:7, and no OSCORE instance/);
});

test.run();
