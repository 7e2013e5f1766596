// Each rule about Moddable's manifests finds its own mistake in an otherwise right repository, and nothing else.

import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert, suite } from "#suite";
import { check } from "./check.js";
import { complete } from "./modules.js";
import { type Tree, treeAt } from "./tree.js";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../..");
const disk = remembered(treeAt(ROOT));

/** A tree as it was when it was first looked at: somebody may be at work in it. */
function remembered(tree: Tree): Tree {
	const texts = new Map<string, string | undefined>();
	const lists = new Map<string, readonly string[]>();
	return {
		text(path) {
			if (!texts.has(path)) texts.set(path, tree.text(path));
			return texts.get(path);
		},
		files(folder) {
			const files = lists.get(folder) ?? tree.files(folder);
			lists.set(folder, files);
			return files;
		},
	};
}

/** A tree with some files another way, or gone. */
function varied(tree: Tree, changes: Readonly<Record<string, string | undefined>>): Tree {
	const added = Object.keys(changes).filter((path) => tree.text(path) === undefined);
	return {
		text: (path) => (path in changes ? changes[path] : tree.text(path)),
		files: (folder) =>
			[...tree.files(folder), ...added.filter((path) => path.startsWith(`${folder}/`))]
				.filter((path) => !(path in changes && changes[path] === undefined))
				.sort(),
	};
}

/** The repository with complete lists: a module that is being added is no matter of these tests. */
const manifests = [...complete(disk)].map(([path, manifest]) => [path, JSON.stringify(manifest, null, "\t")] as const);
const right = varied(disk, Object.fromEntries(manifests));

function messages(changes: Readonly<Record<string, string | undefined>>): string[] {
	return check(varied(right, changes)).map(({ path, message }) => `${path}: ${message}`);
}

/** A file of the right tree with one text in place of another, which must be there. */
function edited(path: string, from: string, to: string): Record<string, string> {
	const text = right.text(path) ?? "";
	assert.ok(text.includes(from), `${path} has no ${from}`);
	return { [path]: text.replace(from, to) };
}

/** A new module, and the lists complete with it. */
function withModule(path: string, text: string): Record<string, string> {
	const tree = varied(right, { [path]: text });
	return { [path]: text, ...Object.fromEntries([...complete(tree)].map(([name, m]) => [name, JSON.stringify(m)])) };
}

const TOP = "manifest.json";
const FIRMWARE = "firmware/manifest.json";
const IDF = "boards/esp-idf/manifest.json";
const PARTITIONS = "boards/esp-idf/sdkconfig/partitions.csv";
const SDKCONFIG = "boards/esp-idf/sdkconfig/sdkconfig.defaults";
const CODE = "firmware/io/extra.ts";

const ROWS: readonly [what: string, changes: () => Record<string, string | undefined>, ...messages: string[]][] = [
	[
		"a module that nobody lists",
		() => ({ [CODE]: "export {};\n" }),
		`${FIRMWARE}: does not preload firmware/io/extra (wildcards leave out TypeScript).`,
	],
	[
		"a module that is no more",
		() => edited(FIRMWARE, '"firmware/limits",', '"firmware/limits",\n"firmware/gone",'),
		`${FIRMWARE}: preloads firmware/gone, which is no module of it.`,
	],
	[
		"a folder that is not in modules",
		() => edited(FIRMWARE, '"firmware/reach/*": "./reach/*",', ""),
		`${FIRMWARE}: lists other folders in modules than there are.`,
	],
	[
		"a main module that is none",
		() => edited(TOP, '"main": "firmware/examples/compressor-board"', '"main": "firmware/examples/none"'),
		`${TOP}: starts firmware/examples/none, which is no module.`,
	],
	[
		"an import of a file that is not there",
		() => withModule(CODE, 'import { a } from "./gone.js";\na();\n'),
		`${CODE}: line 1 imports "./gone.js", which is no file.`,
	],
	[
		"an import of what no image holds",
		() => withModule(CODE, '\nimport { lab } from "../tests/agent/lab.js";\nlab();\n'),
		`${CODE}: line 2 imports "../tests/agent/lab.js", which is no module of the image (firmware/tests/agent/lab).`,
	],
	[
		"an import that no typing declares",
		() => withModule(CODE, 'import Digital from "embedded:io/digital";\nnew Digital();\n'),
		`${CODE}: line 1 imports "embedded:io/digital", which no typing of ours declares.`,
	],
	[
		"an import whose manifest nobody includes",
		() => withModule(CODE, 'import update from "embedded:update";\nupdate.open();\n'),
		`${CODE}: line 1 imports "embedded:update", and no manifest includes $(MODDABLE)/modules/io/update/manifest.json.`,
	],
	[
		"a relative import in a module with a colon in its name",
		() => edited("boards/esp32c3/host/provider.ts", '"esp-idf/device"', '"../../esp-idf/device.js"'),
		'boards/esp32c3/host/provider.ts: line 3 imports "../../esp-idf/device.js": ' +
			"XS resolves no relative import in embedded:provider/builtin.",
	],
	[
		"a random that can be guessed",
		() => withModule(CODE, "export const id = (): number => Math.random();\n"),
		`${CODE}: line 1 uses the global Math.random, which no device has or may use.`,
	],
	[
		"a timer that is no module",
		() => withModule(CODE, "export const later = (): unknown => setTimeout(later, 1);\n"),
		`${CODE}: line 1 uses the global setTimeout, which no device has or may use.`,
	],
	[
		"a global that the engine lacks",
		() => withModule(CODE, 'export const say = (): void => console.log("");\n'),
		`${CODE}: line 1: XS has no console.`,
	],
	["code that is no TypeScript", () => withModule(CODE, "export const;\n"), `${CODE}: cannot be parsed: ${CODE}: `],
	[
		"a compiler option unlike the firmware's",
		() => edited(FIRMWARE, '"noImplicitReturns": true', '"noImplicitReturns": false'),
		`${FIRMWARE}: has the compiler option noImplicitReturns unlike tsconfig.json.`,
	],
	[
		"a compiler option too few",
		() => edited("tsconfig.json", '"isolatedModules": true,', '"isolatedModules": true, "checkJs": true,'),
		`${FIRMWARE}: has the compiler option checkJs unlike tsconfig.json.`,
	],
	[
		"a typing of ours that mcconfig does not get",
		() => edited(FIRMWARE, '"mc/config": "./typings/mc-config",', ""),
		`${FIRMWARE}: does not give mc/config the typing ./typings/mc-config.`,
	],
	[
		"a typing of the SDK beside ours",
		() => edited(FIRMWARE, '"$(TYPINGS)/time",', ""),
		`${FIRMWARE}: does not leave out the SDK's typing $(TYPINGS)/time.`,
	],
	[
		"a heap below the budget",
		() => edited(IDF, '"static": 65536', '"static": 32768'),
		`${IDF}: gives a heap of 32768 bytes; the budget asks for 51200.`,
	],
	[
		"a stack below the budget",
		() => edited(IDF, '"stack": 640', '"stack": 384'),
		`${IDF}: gives a stack of 384 slots; the budget asks for 448.`,
	],
	[
		"another version than the package",
		() => edited(TOP, '"version": "', '"version": "9.'),
		`${TOP}: has another version than package.json: ${JSON.parse(disk.text("package.json")!).version}.`,
	],
	["built-ins that nobody uses", () => edited(TOP, '"strip": "*"', '"strip": []'), "does not strip built-ins"],
	[
		"no answer for other platforms",
		() => edited(TOP, '"..."', '"lin"'),
		`${TOP}: has no platform "..." with an error for all others.`,
	],
	[
		"a platform behind one that takes its place",
		() => edited(TOP, '"esp32/*": {},', '"esp32/*": {}, "esp32/esp32c3": {},'),
		`${TOP}: has the platform esp32/esp32c3 after esp32/*, which takes its place.`,
	],
	[
		"a board of another name",
		() => edited("boards/esp32/manifest.json", '"board": "esp32"', '"board": "esp32s2"'),
		"boards/esp32/manifest.json: does not call its board esp32.",
	],
	[
		"a board without a chip",
		() => edited("boards/esp32/manifest.json", "ESP32_SUBCLASS", "ESP32_CLASS"),
		"boards/esp32/manifest.json: names no chip (ESP32_SUBCLASS).",
	],
	[
		"a board without what all share",
		() => edited("boards/esp32s3/manifest.json", "../esp-idf/", "../idf/"),
		"boards/esp32s3/manifest.json: does not include ../esp-idf/manifest.json.",
	],
	[
		"a native function of another shape than its typing",
		() => edited(IDF, '"arguments": ["int32_t"]', '"arguments": []'),
		`${IDF}: has other functions in ffi than boards/esp-idf/typings declares.`,
	],
	[
		"a slot at no multiple of 64 KB",
		() => edited(PARTITIONS, "0x10000,", "0x11000,"),
		`${PARTITIONS}: has ota_0 at no multiple of 0x10000.`,
		`${PARTITIONS}: has ota_1 over the one before it.`,
	],
	[
		"partitions that overlap",
		() => edited(PARTITIONS, "0x5f0000,", "0x5e0000,"),
		`${PARTITIONS}: has journal over the one before it.`,
	],
	[
		"partitions beyond the flash",
		() => edited(PARTITIONS, "0x20000", "0x400000"),
		`${PARTITIONS}: ends at 0x9f0000, beyond a flash of 8 MB.`,
	],
	["slots of unequal size", () => edited(PARTITIONS, "0x300000, 0x2f0000", "0x300000, 0x2e0000"), "unequal size"],
	[
		"slots below the image",
		() =>
			edited(
				"docs/budget.md",
				right.text("docs/budget.md")!.match(/^\| bytecode .*$/m)![0],
				"| bytecode | 1 | 900,000 | |",
			),
		"for an image of up to 3094112.",
	],
	["no journal", () => edited(PARTITIONS, "journal,", "diary,"), "has no data partition journal of 65536 bytes."],
	["no otadata", () => edited(PARTITIONS, "otadata,  data, ota,", "otadata,  data, 0x41,"), "no slot could be chosen."],
	[
		"no way back from a bad image",
		() => edited(SDKCONFIG, "ROLLBACK_ENABLE=y", "ROLLBACK_ENABLE=n"),
		`${SDKCONFIG}: does not say CONFIG_BOOTLOADER_APP_ROLLBACK_ENABLE=y.`,
	],
	[
		"an option that mcconfig cannot merge",
		() => edited(SDKCONFIG, "CONFIG_ESP_INT_WDT=y", "CONFIG_ESP_INT_WDT = y"),
		`${SDKCONFIG}: has a line that mcconfig cannot merge: CONFIG_ESP_INT_WDT = y`,
	],
	["a manifest that is no JSON", () => edited(TOP, "{", "[{"), `${TOP} is no JSON`],
	[
		"no budget to go by",
		() => ({ "docs/budget.md": "" }),
		"docs/budget.md has no ceiling for heap.",
		"docs/budget.md has no ceiling for bytecode.",
	],
];

/** Mistakes that are there without a variation; the first test tells them. */
const before = messages({});

const test = suite("moddable/check");

test("nothing is found where the lists are complete", () => {
	assert.equal(before, []);
});

for (const [what, changes, ...wanted] of ROWS) {
	test(`found: ${what}`, () => {
		const found = messages(changes()).filter((message) => !before.includes(message));
		assert.is(found.length, wanted.length, JSON.stringify(found));
		for (const [i, each] of wanted.entries())
			assert.ok(found[i]?.includes(each), `"${each}" in ${JSON.stringify(found)}`);
	});
}

test.run();
