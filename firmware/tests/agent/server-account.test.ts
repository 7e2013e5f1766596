import { assert, suite } from "#suite";
import { addServerAccount } from "../../agent/server-account.js";
import { Model } from "../../lwm2m/model.js";

const test = suite("agent/server-account");

test("makes a Security and a Server instance that name each other", () => {
	const model = new Model();
	const server = addServerAccount(model, {
		serverUri: "coap://192.0.2.1",
		shortServerId: 101,
		lifetimeSeconds: 600,
		server: { defaultMinimumPeriod: 5 },
	});
	const security = model.find(0, 100)!;
	assert.equal([security.get("shortServerId"), security.get("securityMode")], [101, 3]);
	assert.equal([server.instanceId, server.get("lifetime"), server.get("defaultMinimumPeriod")], [100, 600, 5]);
});

test("refuses a second account with the same Short Server ID", () => {
	const model = new Model();
	const account = { serverUri: "coap://192.0.2.1", shortServerId: 1, lifetimeSeconds: 600 };
	addServerAccount(model, account);
	assert.throws(() => addServerAccount(model, account), /exists/);
});

test.run();
