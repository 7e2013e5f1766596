// The modules of the board under Moddable's specifiers, those shared with the desktop included.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";
import type { Source } from "../../host-sim/engine/bytecode.js";
import { ROOT } from "../../host-sim/engine/objects.js";
import type { ImageConfig } from "./image.js";

const SHARED = "host-sim/engine/modules";
const OWN = "boards/qemu-riscv32/modules";

/** In the order of their imports, so that each finds those it needs. */
const FILES: Readonly<Record<string, string>> = {
	timer: `${SHARED}/timer.js`,
	time: `${SHARED}/time.js`,
	"embedded:io/serial": `${OWN}/serial.js`,
	"embedded:io/socket/udp": `${SHARED}/udp.js`,
	"embedded:io/socket/tcp": `${SHARED}/tcp.js`,
	"embedded:network/dns/resolver/udp": `${SHARED}/resolver.js`,
	"embedded:network/interface/ethernet": `${OWN}/ethernet.js`,
	"embedded:storage/flash": `${OWN}/flash.js`,
	"embedded:storage/key-value": `${OWN}/key-value.ts`,
	"embedded:update": `${OWN}/update.ts`,
	"pinhole/primitives": `${SHARED}/primitives.js`,
	"pinhole/tls": `${SHARED}/tls.js`,
	"pinhole/device": `${OWN}/device.js`,
};

/** What test tools need. */
const SUITE_FILES: Readonly<Record<string, string>> = { "pinhole/web": `${SHARED}/web.js` };

function fileOf(name: string, path: string): Source {
	return { name, code: path.endsWith(".ts") ? bundled(path) : readFileSync(join(ROOT, path), "utf8") };
}

/** With what it takes from the firmware, as the module of a host can import no module of the firmware. */
function bundled(path: string): string {
	const { outputFiles } = buildSync({
		entryPoints: [path],
		absWorkingDir: ROOT,
		bundle: true,
		write: false,
		format: "esm",
		target: "es2022",
		external: ["embedded:*"],
	});
	return outputFiles[0]!.text;
}

function filesOf(table: Readonly<Record<string, string>>): Source[] {
	return Object.entries(table).map(([name, path]) => fileOf(name, path));
}

/** The JavaScript of them all; `mc/config` is made here. */
export function boardModules(config: ImageConfig): Source[] {
	const code = `export default Object.freeze(${JSON.stringify(config)});\n`;
	return [{ name: "mc/config", code }, ...filesOf(FILES)];
}

/** What an image has beside them for tests. */
export function suiteModules(): Source[] {
	return filesOf(SUITE_FILES);
}
