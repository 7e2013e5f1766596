import { assert, suite } from "#suite";
import { bindingOf, routesOf, streamPlaceOf } from "../../agent/routes.js";
import { addServerAccount } from "../../agent/server-account.js";
import type { ServerUri } from "../../agent/server-uri.js";
import { Way } from "../../agent/way.js";
import type { Instance } from "../../lwm2m/instance.js";
import { Model } from "../../lwm2m/model.js";
import { Security } from "../../lwm2m/objects/security.js";
import { FixedRandom } from "../random.js";

const test = suite("agent/routes");

/** The routes of an account, and its instance of the Server object. */
function account(
	serverUri: string,
	secondaryServerUri: string | undefined,
	server: Record<string, string>,
): [ServerUri[], Instance] {
	const model = new Model();
	const instance = addServerAccount(model, {
		serverUri,
		secondaryServerUri,
		shortServerId: 1,
		lifetimeSeconds: 300,
		server,
	}) as unknown as Instance;
	const security = model.instances.find(({ definition }) => definition.objectId === Security.objectId)!;
	return [routesOf(security, instance), instance];
}

/** The routes as "transport host:port". */
function routes(serverUri: string, secondaryServerUri: string | undefined, server: Record<string, string>): string[] {
	const [all] = account(serverUri, secondaryServerUri, server);
	return all.map(({ transport, host, port }) => `${transport} ${host}:${port}`);
}

const UDP = "coap://a.example";
const WSS = "coaps+ws://b.example";

const ROUTES: readonly (readonly [
	name: string,
	uri: string,
	secondary: string | undefined,
	server: Record<string, string>,
	expected: readonly string[],
])[] = [
	["UDP alone", UDP, undefined, {}, ["udp a.example:5683"]],
	[
		"TCP where UDP goes, if the binding allows it",
		UDP,
		undefined,
		{ binding: "UT" },
		["udp a.example:5683", "tcp a.example:5683"],
	],
	["a second URI in its place (/0/x/25)", UDP, WSS, {}, ["udp a.example:5683", "wss b.example:443"]],
	[
		"the preferred transport first (/1/x/22)",
		UDP,
		WSS,
		{ preferredTransport: "T" },
		["wss b.example:443", "udp a.example:5683"],
	],
	[
		"a preference that leads nowhere changes nothing",
		UDP,
		undefined,
		{ preferredTransport: "T" },
		["udp a.example:5683"],
	],
	[
		"another preference changes nothing",
		WSS,
		UDP,
		{ preferredTransport: "S" },
		["wss b.example:443", "udp a.example:5683"],
	],
];

for (const [name, uri, secondary, server, expected] of ROUTES)
	test(name, () => {
		assert.equal(routes(uri, secondary, server), expected);
	});

const PLACES: readonly (readonly [
	name: string,
	uri: string,
	secondary: string | undefined,
	server: Record<string, string>,
	place: number,
])[] = [
	["none where there is no stream", UDP, undefined, {}, -1],
	["TCP where UDP goes, if the binding allows it", UDP, undefined, { binding: "UT" }, 1],
	["the second URI", UDP, WSS, {}, 1],
	["none where the binding does not allow it (/1/x/7)", UDP, WSS, { binding: "U" }, -1],
	["none in Queue Mode", UDP, WSS, { binding: "UTQ" }, -1],
	["none where the server prefers UDP (/1/x/22)", UDP, WSS, { preferredTransport: "U" }, -1],
	["none to be chosen where it is preferred anyway", UDP, WSS, { preferredTransport: "T" }, -1],
	["none to be chosen where it is the first", WSS, UDP, {}, -1],
];

for (const [name, uri, secondary, server, place] of PLACES)
	test(`a stream for its price: ${name}`, () => {
		assert.is(streamPlaceOf(...account(uri, secondary, server)), place);
	});

for (const [uris, binding] of [
	[[UDP], "U"],
	[[WSS], "T"],
	[[WSS, UDP], "UT"],
] as const) {
	test(`the binding of ${uris.join(" and ")} is ${binding}`, () => {
		assert.is(bindingOf(uris), binding);
	});
}

const URIS = [
	{ transport: "udp", host: "192.0.2.1", port: 5683, numeric: true },
	{ transport: "wss", host: "192.0.2.1", port: 443, numeric: true },
] as const;

test("the way goes by the route it is told from the next opening on", () => {
	const way = new Way(URIS, 1, new FixedRandom());
	way.open(0);
	assert.equal(way.pollCommand(), { kind: "open", path: 5, transport: "udp", address: "192.0.2.1", port: 5683 });
	way.use(1);
	assert.equal([way.routeIndex, way.isStream], [0, false]);
	way.open(10);
	assert.is(way.pollCommand()!.kind, "close");
	const host = "192.0.2.1";
	assert.equal(way.pollCommand(), { kind: "open", path: 9, transport: "wss", address: host, port: 443, host });
	assert.equal([way.routeIndex, way.isStream, way.routeCount], [1, true, 2]);
});

test("what never opens is closed and sought again later", () => {
	const way = new Way(URIS.slice(1), 0, new FixedRandom());
	way.open(0);
	way.pollCommand();
	assert.is(way.pollTimeout(), 15_000);
	assert.ok(way.handleTimeout(15_000), "somebody is to be told");
	assert.equal(way.pollCommand(), { kind: "close", path: 4 });
	way.handleTimeout(way.pollTimeout());
	assert.is(way.pollCommand()!.kind, "open");
});

test("a connection that says nothing does not shorten the wait for the next one", () => {
	const way = new Way(URIS.slice(1), 0, new FixedRandom());
	const waits: number[] = [];
	for (let now = 0, path = 4; waits.length < 4; path += 4) {
		way.open(now);
		way.handleOpened(path);
		way.handleClosed(now, path);
		waits.push(way.pollTimeout() - now);
		now = way.pollTimeout();
	}
	assert.equal(waits, [2000, 4000, 8000, 16_000]);
});

test("a Hold-Off is kept (RFC 8323, 5.5)", () => {
	const way = new Way(URIS.slice(1), 0, new FixedRandom());
	way.open(0);
	way.handleOpened(4);
	way.leave(100, 60_000);
	assert.is(way.pollTimeout(), 60_100);
});

test.run();
