// suite: real-network
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";
import { assert, suite } from "#suite";
import { createLogger } from "../cli/shared.js";
import { type Server, startServer } from "./server.js";

const CLIENT = "/usr/bin/coap-client-notls";

const test = suite("backend/libcoap");

if (!existsSync(CLIENT)) suite.skip("libcoap's coap-client-notls is not installed (Debian: libcoap3-bin)");

let server: Server;

test.before(async () => {
	const anywhere = { host: "127.0.0.1", port: 0 };
	server = await startServer({
		coap: anywhere,
		http: anywhere,
		data: undefined,
		token: undefined,
		log: createLogger("error"),
	});
});

test.after(() => server.close());

async function client(...args: string[]): Promise<{ stdout: string; stderr: string }> {
	return promisify(execFile)(CLIENT, ["-B", "5", ...args]);
}

test("coap-client reads the back end's list of resources", async () => {
	const { stdout } = await client("-m", "get", `coap://${server.coap}/.well-known/core`);
	assert.is(stdout.trim(), '</rd>;rt="core.rd";ct=40');
});

test("coap-client registers a device and is answered by its location", async () => {
	const { stderr, stdout } = await client(
		"-m",
		"post",
		"-t",
		"40",
		"-e",
		"</3/0>",
		"-v",
		"6",
		`coap://${server.coap}/rd?ep=libcoap&lt=60&lwm2m=1.0`,
	);
	assert.match(stdout + stderr, /2\.01.*Location-Path:rd, Location-Path:[\w-]{10}/);
	const devices = (await (await fetch(`${server.http}/api/clients`)).json()) as { readonly endpoint: string }[];
	assert.is(devices[0]?.endpoint, "libcoap");
});

test("coap-client is told what is not there", async () => {
	const { stderr } = await client("-m", "get", `coap://${server.coap}/nothing`);
	assert.match(stderr, /4\.04/);
});

test.run();
