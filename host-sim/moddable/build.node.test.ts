// The command lines of `npm run check:moddable`, held against an SDK that is a folder of stubs.

import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { assert, suite } from "#suite";
import { buildBoards } from "./build.js";
import { mcconfigWords } from "./command.js";

const folder = mkdtempSync(join(tmpdir(), "pinhole-moddable-"));
const root = join(folder, "checkout");
const sdk = join(folder, "sdk");
const tools = join(sdk, "build/bin", process.platform === "darwin" ? "mac" : "lin", "release");
const calls = join(folder, "calls");
const output = join(root, "out/moddable");

function file(path: string, text: string): void {
	mkdirSync(dirname(path), { recursive: true });
	writeFileSync(path, text);
}

/** A tool that notes its words, and then does what the script says. */
function stub(path: string, name: string, script: string): void {
	file(join(path, name), `#!/bin/sh\necho "${name} $*" >> "${calls}"\n${script}\n`);
	chmodSync(join(path, name), 0o755);
}

const FLAT = '{ "creation": { "static": 65536, "stack": 512 } }';
/** Leaves what mcconfig leaves: its own manifest, two modules, and with -m an image of 10 bytes. */
const MCCONFIG = `
board=$(echo "$*" | sed 's/.*esp32:.\\/boards\\/\\([a-z0-9]*\\).*/\\1/')
work="${output}/tmp/esp32/$board/release/pinhole"; result="${output}/bin/esp32/$board/release/pinhole"
mkdir -p "$work/modules/firmware" "$result"
echo '${FLAT}' > "$work/manifest_flat.json"
printf 12345 > "$work/modules/timer.xsb"; printf 123 > "$work/modules/firmware/main.xsb"
case "$*" in -m*) printf 1234567890 > "$result/xs_esp32.bin";; esac`;
const MAKE = `
echo "# tsc main.ts"; echo "### 4257 instances, 2854 keys, 183 colors, 0 holes"
echo "### warning: firmware/boot/boot: boot() UNITS[0]: not frozen"`;

async function build(words: readonly string[], environment: Record<string, string>) {
	let said = "";
	const surroundings = {
		root,
		environment: { PATH: [join(folder, "bin"), "/bin", "/usr/bin"].join(delimiter), ...environment },
		say: (text: string) => {
			said += text;
		},
	};
	const code = await buildBoards(words, surroundings);
	return { code, said };
}

function called(): string[] {
	return readFileSync(calls, "utf8").replaceAll(folder, "").trimEnd().split("\n");
}

const test = suite("moddable/build");

test.before.each(() => {
	for (const path of [root, sdk, join(folder, "bin")]) rmSync(path, { recursive: true, force: true });
	file(calls, "");
	file(join(sdk, "tools/mcconfig.js"), "");
	file(join(sdk, "tools/VERSION"), "8.2.3\n");
	stub(tools, "mcconfig", MCCONFIG);
	stub(join(folder, "bin"), "make", MAKE);
	for (const board of ["esp32c3", "esp32s3"]) {
		file(join(root, "boards", board, "host/provider.ts"), "");
		file(join(root, "boards", board, "manifest.json"), `{ "build": { "ESP32_SUBCLASS": "${board}" } }`);
	}
});
test.after(() => rmSync(folder, { recursive: true, force: true }));

test("without an SDK it says so in one sentence", async () => {
	assert.equal(await build([], {}), {
		code: 2,
		said: "The Moddable SDK is not here: MODDABLE is not set; docs/recipes/flash-an-esp32.md says how to install it.\n",
	});
});

test("a folder that is no SDK, or one without tools, is named", async () => {
	const nowhere = await build([], { MODDABLE: root });
	assert.is(nowhere.code, 2);
	assert.match(nowhere.said, /checkout, which is no Moddable SDK;/);
	rmSync(tools, { recursive: true });
	const unbuilt = await build([], { MODDABLE: sdk });
	assert.is(unbuilt.code, 2);
	assert.match(unbuilt.said, /^The tools of the Moddable SDK in .* have not been built;/);
});

test("a board that is none of ours is named with those that are", async () => {
	const { code, said } = await build(["esp8266"], { MODDABLE: sdk });
	assert.is(code, 2);
	assert.is(said, "esp8266 is no board of ours; there are esp32c3, esp32s3.\n");
});

test("without ESP-IDF each board is linked, and no more", async () => {
	const { code, said } = await build([], { MODDABLE: sdk });
	assert.is(code, 0, said);
	const work = (board: string) => `/checkout/out/moddable/tmp/esp32/${board}/release/pinhole`;
	const lines = ["esp32c3", "esp32s3"].flatMap((board) => [
		`mcconfig -o /checkout/out/moddable -p esp32:./boards/${board} build=release commit=unknown`,
		`make IDF_PATH=none IDF_VERSION=none -f makefile -o ${work(board)}/xsProj-${board}/build/config/sdkconfig.h ` +
			`${work(board)}/mc.xs.c`,
	]);
	assert.equal(called(), lines);
	assert.match(said, /no ESP-IDF \(IDF_PATH is not set\)/);
	assert.match(said, /^esp32c3 +2 +8 +4,257 +1 +65,536 +8,192 +-$/m);
	assert.match(said, /BOARD\.log names them\.\n$/);
	assert.match(readFileSync(join(output, "esp32c3.log"), "utf8"), /boot\(\) UNITS\[0\]: not frozen/);
});

test("with ESP-IDF the image is made and measured", async () => {
	const { code, said } = await build(["esp32s3"], { MODDABLE: sdk, IDF_PATH: "/opt/idf" });
	assert.is(code, 0, said);
	assert.equal(called(), [
		"mcconfig -o /checkout/out/moddable -p esp32:./boards/esp32s3 build=release commit=unknown",
		"mcconfig -m -o /checkout/out/moddable -p esp32:./boards/esp32s3 -t build build=release commit=unknown",
	]);
	assert.match(said, /^esp32s3 .* 10$/m);
});

test("an image of an earlier run is not measured", async () => {
	await build(["esp32c3"], { MODDABLE: sdk, IDF_PATH: "/opt/idf" });
	const { said } = await build(["esp32c3"], { MODDABLE: sdk });
	assert.match(said, /^esp32c3 .* -$/m);
});

test("a tool that fails ends it with the last lines of what it said", async () => {
	stub(join(folder, "bin"), "make", "echo first; seq 1 20; echo '# typescript compile failure' >&2; exit 2");
	const { code, said } = await build(["esp32c3"], { MODDABLE: sdk });
	assert.is(code, 1);
	assert.match(said, /esp32c3: make failed, it ended with exit code 2\.\n/);
	assert.match(said, /# typescript compile failure\n$/);
	assert.not.match(said, /first/);
});

test("a tool that leaves nothing is a failure", async () => {
	stub(tools, "mcconfig", "echo nothing");
	const { code, said } = await build(["esp32c3"], { MODDABLE: sdk, IDF_PATH: "/opt/idf" });
	assert.is(code, 1);
	assert.match(said, /manifest_flat\.json/);
});

test("another version of the SDK than the manifests were written for is told", async () => {
	file(join(sdk, "tools/VERSION"), "9.0.1\n");
	const { said } = await build(["esp32c3"], { MODDABLE: sdk });
	assert.match(said, /^The manifests were written for SDK 8\.2, and this is 9\.0\.1\.$/m);
});

test("mcconfig's words for each kind of image", () => {
	const image = { board: "esp32c3", commit: "1a2b3c4" };
	const words = (build: Parameters<typeof mcconfigWords>[0]["build"]) =>
		mcconfigWords({ ...image, build }, "flash").join(" ");
	assert.is(words("debug"), "-d -m -p esp32:./boards/esp32c3 build=debug commit=1a2b3c4");
	assert.is(words("instrumented"), "-i -m -p esp32:./boards/esp32c3 build=instrumented commit=1a2b3c4");
	assert.is(words("release"), "-m -p esp32:./boards/esp32c3 build=release commit=1a2b3c4");
	assert.is(words("test"), "-m -p esp32:./boards/esp32c3 build=test commit=1a2b3c4");
});

test.run();
