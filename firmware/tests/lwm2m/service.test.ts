// The Service on a real endpoint, with a real server's endpoint at the other end of a wire in virtual time.

import { assert, suite } from "#suite";
import { decodeText } from "../../bytes.js";
import { Code, codeText } from "../../coap/codes.js";
import { DatagramEndpoint } from "../../coap/datagram.js";
import type { EndpointEvent, Request } from "../../coap/endpoint.js";
import { Model } from "../../lwm2m/model.js";
import { Device } from "../../lwm2m/objects/device.js";
import { Temperature } from "../../lwm2m/objects/temperature.js";
import { Path } from "../../lwm2m/path.js";
import { Service } from "../../lwm2m/service.js";
import { get } from "../coap/bench.js";
import { type Side, Wire } from "../coap/wire.js";
import { FixedRandom } from "../random.js";

const test = suite("lwm2m/service");

const SENSOR = "/3303/0/5700";

function lab() {
	const model = new Model();
	model.add(Device, 0, { manufacturer: "x".repeat(3000), errorCode: [0], supportedBindingAndModes: "U" });
	const temperature = model.add(Temperature, 0, { sensorValue: 21.5 });
	const server = new DatagramEndpoint({ random: new FixedRandom(1) });
	const client = new DatagramEndpoint({ random: new FixedRandom(2) });
	const service = new Service(model, client, 1);
	const told: string[] = [];
	const wire = new Wire(server, client, {
		delayMs: 10,
		onEvent(side: Side, event: EndpointEvent, at: number) {
			if (side === "left" && event.kind === "response") {
				const { code, payload } = event.message;
				const text = payload === undefined ? "" : ` ${decodeText(payload, 0, payload.length) ?? "binary"}`;
				told.push(`${event.exchange} ${codeText(code).slice(0, 4)}${text}`);
			} else if (side === "right" && event.kind === "request") service.handleRequest(at, event.exchange, event.message);
			else if (side === "right" && event.kind === "cancelled") service.handleCancelled(at, event.exchange);
		},
	});
	const ask = (overrides: Partial<Request>) => server.request(wire.now, get({ path: SENSOR, ...overrides }));
	const settle = () => {
		const change = new Path();
		while (model.pollChange(change))
			service.handleChanged(wire.now, change.objectId, change.instanceId, change.resourceId);
		if (service.pollTimeout() <= wire.now) service.handleTimeout(wire.now);
		wire.run(wire.now + 100);
	};
	settle();
	return { server, temperature, service, wire, told, ask, settle };
}

test("LightweightM2M-1.1-int-224: a Read over the wire", () => {
	const { told, ask, settle } = lab();
	const exchange = ask({});
	settle();
	assert.equal(told, [`${exchange} 2.05 21.5`]);
});

test("two large answers at a time come whole, block by block", () => {
	const { told, ask, settle, wire } = lab();
	ask({ path: "/3/0/0" });
	wire.run(wire.now + 15);
	ask({});
	settle();
	wire.run(wire.now + 10_000);
	assert.equal(told.map((line) => line.slice(2)).sort(), ["2.05 21.5", `2.05 ${"x".repeat(3000)}`]);
});

test("LightweightM2M-1.1-int-301: notifications over the wire", () => {
	const { told, ask, settle, temperature } = lab();
	const exchange = ask({ observe: 0 });
	settle();
	for (const value of [22, 23]) {
		temperature.set("sensorValue", value);
		settle();
	}
	assert.equal(told, [`${exchange} 2.05 21.5`, `${exchange} 2.05 22`, `${exchange} 2.05 23`]);
});

test("LightweightM2M-1.1-int-302: a Reset ends the observation", () => {
	const { server, told, ask, settle, temperature, wire, service } = lab();
	const exchange = ask({ observe: 0 });
	settle();
	server.cancel(wire.now, exchange);
	for (const value of [22, 23]) {
		temperature.set("sensorValue", value);
		settle();
	}
	assert.is(told.length, 1);
	assert.is(service.pollTimeout(), Infinity);
	const sent = wire.passages.filter(({ from }) => from === "right").length;
	temperature.set("sensorValue", 24);
	settle();
	assert.is(wire.passages.filter(({ from }) => from === "right").length, sent);
});

test("a Write over the wire", () => {
	const { told, ask, settle } = lab();
	ask({ code: Code.Put, payload: new Uint8Array([0x31]), contentFormat: 0 });
	ask({ code: Code.Post, path: "/3/0/4" });
	settle();
	assert.equal(told.map((line) => line.slice(2)).sort(), ["2.04", "4.05"]);
});

test.run();
