// suite: real-network limit=180
// The whole firmware on the virtual board: it starts, says what it is, and finds room.

import { execFileSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, suite } from "#suite";
import { HEAP_AIM_BYTES } from "../../host-sim/engine/budget.js";
import { Bench } from "./bench.js";
import { type BuildKind, buildImage, missingForBoard } from "./build.js";

const test = suite("board/firmware");
const missing = missingForBoard();
if (missing !== undefined) suite.skip(missing);

const KINDS: readonly BuildKind[] = ["release", "test"];
/** A slot for updates. */
const IMAGE_LIMIT = 4 << 20;
const SETTINGS =
	'{"endpointName":"e","accounts":[{"serverUri":"coap://192.0.2.1","shortServerId":1,"lifetimeSeconds":300}]}';

async function withBoard(build: BuildKind, body: (board: Bench) => Promise<void>): Promise<void> {
	const { image } = await buildImage({ build });
	const board = await Bench.start({ image });
	try {
		await body(board);
	} finally {
		await board.stop();
	}
}

for (const build of KINDS) {
	test(`a ${build} build starts within two seconds and says what it is`, async () => {
		const { config } = await buildImage({ build });
		const startedAt = performance.now();
		await withBoard(build, async (board) => {
			const banner = JSON.parse(await board.line()) as unknown;
			assert.ok(performance.now() - startedAt < 2000, `after ${performance.now() - startedAt} ms`);
			assert.equal(banner, { boot: { ...config, reset: "power-on" } });
			assert.match(await board.line(), /^I \d+\.\d{3} boot unprovisioned$/);
		});
	});
}

test("only a test build moves its time on", async () => {
	const answers: Record<string, boolean> = {};
	for (const build of KINDS) {
		await withBoard(build, async (board) => {
			await board.line();
			await board.line();
			answers[build] = (await board.ask('#1 {"verb":"time advance","ms":1000}')).includes('"ok":true');
		});
	}
	assert.equal(answers, { release: false, test: true });
});

test("a source of randomness that gives nothing makes the board unfit, and does not restart it", async () => {
	const folder = mkdtempSync(join(tmpdir(), "pinhole-silent-"));
	const randomness = join(folder, "random");
	execFileSync("mkfifo", [randomness]);
	const writer = openSync(randomness, constants.O_RDWR);
	const { image } = await buildImage({ build: "release" });
	const board = await Bench.start({ image, randomness, flash: join(folder, "flash") });
	try {
		assert.match(await board.line(), /"reset":"power-on"/);
		assert.match(await board.line(), /boot unfit for keys: Error: the source of randomness is unfit$/);
		assert.is(await board.ask("status"), "state: unfit");
	} finally {
		await board.stop();
		closeSync(writer);
	}
});

test("the image fits an update slot", async () => {
	const { sizes } = await buildImage({ build: "release" });
	for (const [name, value] of Object.entries(sizes)) suite.record(name, String(value));
	assert.ok(sizes.total <= IMAGE_LIMIT, `${sizes.total} bytes`);
});

test("what lives on a provisioned board fits the heap's budget", () =>
	withBoard("release", async (board) => {
		await board.line();
		await board.line();
		assert.is(await board.ask(`provision ${SETTINGS}`), "ok");
		assert.is(await board.ask("restart"), "ok");
		assert.match(await board.line(), /"reset":"restart","endpoint":"e"/);
		const answer = await board.ask('#1 {"verb":"statistics"}');
		const { heapBytes } = JSON.parse(answer.replace(/^#1 | [\da-f]{4}$/g, "")) as { heapBytes: number };
		suite.record("heapBytes", String(heapBytes));
		assert.ok(heapBytes < HEAP_AIM_BYTES, `${heapBytes} bytes`);
	}));

test.run();
