// Registration and control through the NAT, by the back end's HTTP API.

import { assert } from "#suite";
import { hil } from "../rig/suite.js";
import { REGISTER_MS, register } from "./steps.js";

const MOTOR = "/3306/0/5850";
const NEEDS = { needs: ["link"] } as const;

hil("registers with its objects", NEEDS, async (bench) => {
	const name = await register(bench, { lifetimeSeconds: 86_400 });
	const registration = await bench.backend.registration(name);
	assert.is(registration?.lifetime, 86_400);
	const { objectLinks = [] } = await bench.backend.ask("GET", name, "/3/discover");
	assert.ok(objectLinks.some(({ url }) => url === "/3/0/0"));
});

hil("reads, writes and executes", NEEDS, async (bench) => {
	const { backend } = bench;
	const name = await register(bench);
	assert.is(await backend.read(name, "/3/0/0"), "Pinhole");
	assert.is(await backend.read(name, MOTOR), "true");
	await backend.write(name, MOTOR, "false");
	assert.is(await backend.read(name, MOTOR), "false");
	assert.is((await backend.ask("POST", name, "/3323/0/5605")).status, "CHANGED(204)");
});

const REFUSED: readonly (readonly [method: "GET" | "PUT" | "POST", path: string, status: string])[] = [
	["GET", "/3303/7/5700", "NOT_FOUND(404)"],
	["PUT", "/3303/0/5700", "METHOD_NOT_ALLOWED(405)"],
	["POST", "/3/0/0", "METHOD_NOT_ALLOWED(405)"],
];

hil("refuses what cannot be", NEEDS, async (bench) => {
	const name = await register(bench);
	for (const [method, path, status] of REFUSED) {
		const text = method === "PUT" ? { text: "1" } : {};
		assert.is((await bench.backend.ask(method, name, path, text)).status, status, `${method} ${path}`);
	}
});

hil("the console and the server see the same device", NEEDS, async (bench) => {
	const { board, backend } = bench;
	const name = await register(bench);
	await board.console.request("objects write", { path: MOTOR, value: false });
	assert.is(await backend.read(name, MOTOR), "false");
	await backend.write(name, MOTOR, "true");
	assert.is((await board.console.request("objects read", { path: MOTOR }))[MOTOR], true);
});

hil("a reboot by the server is answered, carried out and told", NEEDS, async (bench) => {
	const { board, backend } = bench;
	const name = await register(bench);
	const banner = await board.restarts(async () => {
		assert.is((await backend.ask("POST", name, "/3/0/4")).status, "CHANGED(204)");
	});
	assert.is(banner.reset, "restart");
	await board.event("registered", { within: REGISTER_MS });
	assert.is(await backend.read(name, "/3/0/0"), "Pinhole");
});

hil("a back end that forgot everything is registered with again", NEEDS, async (bench) => {
	const { board, backend } = bench;
	const name = await register(bench, { keepaliveSeconds: 2 });
	await backend.restart();
	assert.is(await backend.registration(name), undefined);
	await board.event("registered", { within: REGISTER_MS });
	assert.is(await backend.read(name, "/3/0/0"), "Pinhole");
});

hil(
	"registers and answers over a line that loses, delays, reorders and doubles",
	{ needs: ["link"], limitSeconds: 120 },
	async (bench) => {
		const { board, backend } = bench;
		await board.link.drop(0.2);
		await board.link.delay(80);
		await board.link.jitter(200);
		await board.link.duplicate(0.1);
		// RFC 7252, 4.8.2: MAX_TRANSMIT_SPAN, and the line.
		const name = await register(bench, {}, 50_000);
		for (let turn = 0; turn < 5; turn++) assert.is(await backend.read(name, "/3/0/0", 60), "Pinhole");
	},
);
