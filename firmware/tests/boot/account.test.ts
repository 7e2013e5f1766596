import { assert, suite } from "#suite";
import { addAccounts, windows } from "../../boot/account.js";
import type { Settings } from "../../boot/settings.js";
import { Model } from "../../lwm2m/model.js";
import { Server } from "../../lwm2m/objects/server.js";

const test = suite("boot/account");

const ACCOUNT = { serverUri: "coap://192.0.2.1", lifetimeSeconds: 300, keepaliveSeconds: 21, credentials: undefined };

const settings: Settings = {
	endpointName: "a",
	accounts: [
		{ ...ACCOUNT, shortServerId: 2, awakeSeconds: 20 },
		{ ...ACCOUNT, shortServerId: 1 },
	],
	network: undefined,
};

test("an account with a window is in Queue Mode, the others are not", () => {
	const model = new Model();
	addAccounts(model, settings, false);
	const bindings = model.instances
		.filter(({ definition }) => definition.objectId === Server.objectId)
		.map((server) => server.get("binding"));
	assert.equal(bindings, ["U", "UQ"]);
	assert.equal(windows(settings), [undefined, 20_000]);
});

test("servers of a provisioned board may be sent to (/1/x/23)", () => {
	const model = new Model();
	addAccounts(model, settings, false);
	assert.is(model.find(Server.objectId, 0)!.get("muteSend"), false);
});

test.run();
