// suite: real-network serial limit=240
// The virtual board at Leshan under OSCORE: provisioned with keys over its console, registered through its own NAT.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { assert, suite } from "#suite";
import { missingForBoard } from "../boards/qemu-riscv32/build.js";
import { writeCredentials } from "../host-sim/backend/credentials.js";
import { newCredential } from "../host-sim/cli/credentials.js";
import { EXIT } from "../host-sim/cli/shared.js";
import { PinholeProcess, runPinhole } from "../host-sim/story/process.js";
import { content } from "./cases/case.js";
import { Driver } from "./driver.js";
import { startBackend } from "./lab.js";
import { installLeshan } from "./leshan/server.js";

const test = suite("interop/oscore: leshan, the virtual board");

const missing = missingForBoard();
if (missing !== undefined) suite.skip(missing);
const problem = await installLeshan("2.0.0-M15");
if (problem !== undefined) suite.skip(`Leshan: ${problem}`);

const ENDPOINT = "pump-7";
/** An image may have to be built first. */
const READY_MS = 120_000;
const REGISTER_MS = 20_000;
const LOOK_MS = 200;

/** Where Leshan sees the board, once that is another address than `before`. */
async function addressOf(driver: Driver, before = ""): Promise<string> {
	for (const endAt = Date.now() + REGISTER_MS; Date.now() < endAt; await pause(LOOK_MS)) {
		const registration = await driver.registration();
		if (registration !== undefined && registration.address !== before) return registration.address;
	}
	throw new Error("Leshan does not see the board");
}

test("OSCORE_31 the board renews its keys and registers; after a rebinding the next command arrives", async () => {
	const folder = mkdtempSync(join(tmpdir(), "oscore-board-"));
	const credentials = join(folder, "credentials.json");
	writeCredentials(credentials, [newCredential(ENDPOINT)]);
	const leshan = await startBackend("leshan", credentials);
	let board: PinholeProcess | undefined;
	try {
		const words = ["device", "--board", "qemu-riscv32", "--flash", join(folder, "flash")];
		board = await PinholeProcess.start(words, { readyMs: READY_MS });
		const uri = `coap://${board.place("host")}:${leshan.coap.split(":")[1]}`;
		const provisioned = await runPinhole([
			...["provision", "--port", board.place("port"), "--endpoint", ENDPOINT, "--server", uri],
			...["--credentials", credentials, "--keepalive", "1"],
		]);
		assert.is(provisioned.code, EXIT.success, provisioned.stderr);
		const driver = new Driver(leshan.http, ENDPOINT);
		const address = await addressOf(driver);
		const registration = await driver.registration();
		assert.is(registration?.secure, true);
		assert.is(content(await driver.read("/3/0/0")).value, "Pinhole");

		await board.ask("rebind");
		await addressOf(driver, address);
		assert.is((await driver.registration())?.registrationId, registration?.registrationId);
		assert.is(content(await driver.read("/3/0/0")).value, "Pinhole");
	} finally {
		await board?.stop();
		await leshan.stop();
		rmSync(folder, { recursive: true });
	}
});

test.run();
