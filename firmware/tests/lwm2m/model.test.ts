import { assert, suite } from "#suite";
import { Model } from "../../lwm2m/model.js";
import { Device } from "../../lwm2m/objects/device.js";
import { Security } from "../../lwm2m/objects/security.js";
import { Server } from "../../lwm2m/objects/server.js";
import { Temperature } from "../../lwm2m/objects/temperature.js";
import { Path } from "../../lwm2m/path.js";

const test = suite("lwm2m/model");

/** The path of each change, in the order of polling. */
function changes(model: Model): string[] {
	const path = new Path();
	const list: string[] = [];
	while (model.pollChange(path)) list.push(path.toString());
	return list;
}

const device = { errorCode: [0], supportedBindingAndModes: "U" };
const server = { shortServerId: 1, lifetime: 300, notificationStoring: true, binding: "U" };
const security = {
	serverUri: "coap://a",
	bootstrapServer: false,
	securityMode: 3,
	publicKeyOrIdentity: null,
	serverPublicKey: null,
	secretKey: null,
};

test("instances that come and go are one change of their object", () => {
	const model = new Model();
	model.add(Temperature, 0, { sensorValue: 20 });
	model.add(Temperature, 1, { sensorValue: 20 });
	assert.equal(changes(model), ["/3303"]);
	model.remove(3303, 1);
	assert.equal(changes(model), ["/3303"]);
	assert.equal(changes(model), []);
});

test("a change is polled once, however often the value changed", () => {
	const model = new Model();
	const temperature = model.add(Temperature, 0, { sensorValue: 20, maxMeasuredValue: 20 });
	changes(model);
	temperature.set("sensorValue", 21);
	temperature.set("maxMeasuredValue", 21);
	temperature.set("sensorValue", 22);
	assert.equal(changes(model), ["/3303/0/5602", "/3303/0/5700"]);
	assert.equal(changes(model), []);
});

test("setting an equal value is no change", () => {
	const model = new Model();
	const instance = model.add(Device, 0, { ...device, errorCode: [1, 2] });
	changes(model);
	instance.set("errorCode", [1, 2]);
	assert.equal(changes(model), []);
	instance.set("errorCode", [1, 3]);
	assert.equal(changes(model), ["/3/0/11"]);
});

test("a handler's value is marked by touch", () => {
	const model = new Model();
	const temperature = model.add(Temperature, 0, { sensorValue: 20 });
	changes(model);
	temperature.touch("sensorValue");
	assert.equal(changes(model), ["/3303/0/5700"]);
});

test("instances are found by their ids", () => {
	const model = new Model();
	model.add(Temperature, 1, { sensorValue: 1 });
	model.add(Temperature, 0, { sensorValue: 0 });
	assert.is(model.find(3303, 1)?.get("sensorValue"), 1);
	assert.is(model.find(3303, 2), undefined);
	assert.is(model.find(3304, 0), undefined);
});

test("an instance can be there only once", () => {
	const model = new Model();
	model.add(Temperature, 0, { sensorValue: 0 });
	assert.throws(() => model.add(Temperature, 0, { sensorValue: 0 }), /exists/);
});

test("what comes and goes counts as a revision", () => {
	const model = new Model();
	model.add(Temperature, 0, { sensorValue: 0 });
	assert.is(model.revision, 1);
	assert.ok(model.remove(3303, 0));
	assert.is(model.revision, 2);
	assert.not(model.remove(3303, 0));
	assert.is(model.revision, 2);
});

test("the clock runs once it is set", () => {
	const model = new Model();
	assert.is(model.unixSeconds(0), undefined);
	model.handleTime(5000, 1_700_000_000);
	assert.is(model.unixSeconds(5000), 1_700_000_000);
	assert.is(model.unixSeconds(7999), 1_700_000_002);
});

const registrations = [
	["1.0", '</>;rt="oma.lwm2m";ct="11542",</1>;ver=1.2,</1/0>,</3>;ver=1.2,</3/0>,</3303>;ver=1.1,</3303/0>,</3303/1>'],
	[
		"1.1",
		'</>;rt="oma.lwm2m";ct="60 110 112 11542",</1>;ver=1.2,</1/0>,</3>;ver=1.2,</3/0>,' +
			"</3303>;ver=1.1,</3303/0>,</3303/1>",
	],
	["1.2", '</>;rt="oma.lwm2m";ct="60 110 112 11542 11544",</1/0>,</3/0>,</3303>;ver=1.1,</3303/0>,</3303/1>'],
] as const;

for (const [version, links] of registrations)
	test(`LightweightM2M-1.1-int-101: what is registered with LwM2M ${version}`, () => {
		const model = new Model();
		model.add(Temperature, 1, { sensorValue: 0 });
		model.add(Temperature, 0, { sensorValue: 0 });
		model.add(Device, 0, device);
		model.add(Server, 0, server);
		model.add(Security, 0, security);
		assert.is(model.links(version), links);
	});

test.run();
