// Imports point downwards: the table of the architecture, row by row.

import { posix } from "node:path";
import { isTest } from "./places.js";
import { type Finding, finding, imports, type Source } from "./source.js";

/** What each part may import beside itself; `node:`, `embedded:` stand for a platform's modules, npm for packages. */
const MAY: Readonly<Record<string, readonly string[]>> = {
	"firmware/base": [],
	"firmware/coap": ["firmware/base"],
	"firmware/security": ["firmware/base", "firmware/coap"],
	"firmware/lwm2m/formats": ["firmware/base", "firmware/coap"],
	"firmware/lwm2m": ["firmware/base", "firmware/coap", "firmware/lwm2m/formats"],
	"firmware/reach": ["firmware/base"],
	"firmware/sms": ["firmware/base"],
	"firmware/equipment": ["firmware/base"],
	"firmware/store": ["firmware/base"],
	"firmware/agent": [
		"firmware/base",
		"firmware/coap",
		"firmware/security",
		"firmware/lwm2m",
		"firmware/lwm2m/formats",
		"firmware/reach",
		"firmware/store",
	],
	"firmware/settings": ["firmware/base", "firmware/agent", "firmware/lwm2m/formats"],
	"firmware/console": ["firmware/base", "firmware/lwm2m/formats", "firmware/settings"],
	"firmware/io": ["firmware/base", "firmware/coap", "firmware/agent", "firmware/console", "firmware/sms", "embedded:"],
	"firmware/boot": [
		"firmware/base",
		"firmware/agent",
		"firmware/settings",
		"firmware/coap",
		"firmware/console",
		"firmware/io",
		"firmware/lwm2m",
		"firmware/lwm2m/formats",
		"firmware/main",
		"firmware/security",
		"firmware/store",
	],
	"firmware/typings": ["firmware/base"],
	"firmware/examples": [
		"firmware/base",
		"firmware/agent",
		"firmware/boot",
		"firmware/lwm2m",
		"firmware/equipment",
		"firmware/main",
		"embedded:",
	],
	"firmware/main": [
		"firmware/base",
		"firmware/agent",
		"firmware/lwm2m",
		"firmware/io",
		"firmware/examples",
		"embedded:",
	],
	"host-sim/backend": [
		"firmware/base",
		"firmware/coap",
		"firmware/security",
		"firmware/lwm2m/formats",
		"host-sim/shared",
		"node:",
		"npm",
	],
	"host-sim/nat": ["firmware/base", "firmware/coap", "host-sim/shared", "node:", "npm"],
	"host-sim/engine": ["host-sim/shared", "node:", "npm"],
	"host-sim/engine/modules": ["firmware/base", "embedded:"],
	"host-sim/flash": ["firmware/base", "firmware/store", "host-sim/shared", "node:"],
	"host-sim/console": [
		"firmware/base",
		"firmware/settings",
		"firmware/console",
		"firmware/lwm2m/formats",
		"host-sim/shared",
		"node:",
		"npm",
	],
	"host-sim/qemu": ["boards", "host-sim/engine", "host-sim/nat", "host-sim/shared", "node:", "npm"],
	"host-sim/moddable": ["firmware/base", "host-sim/shared", "host-sim/suite", "node:", "npm"],
	"host-sim/shared": ["embedded:", "firmware/base", "firmware/security", "node:", "npm"],
	"host-sim/suite": ["host-sim/engine", "node:", "npm"],
};

/** The top of the project: whoever is above everything may use everything below. */
const TOP = [
	"boards",
	"hil-tests",
	"interop",
	"host-sim/story",
	"host-sim/cli",
	"host-sim/device",
	"host-sim/world",
	"host-sim/reach",
	"host-sim/machines",
	"host-sim/bench",
	"host-sim/engine/fixtures", // scripts for the engine to run, in its tests
	"host-sim/engine/scenario", // and the device that is measured
];

/** The part that a path belongs to: the longest row of the table that contains it. */
export function partOf(path: string): string {
	if (/^firmware\/[\w-]+\.ts$/.test(path)) return path === "firmware/main.ts" ? "firmware/main" : "firmware/base";
	if (/^firmware\/(io\/(ecma-419|board)|security\/primitives)\.ts$/.test(path)) return "firmware/base"; // shapes only
	if (/^firmware\/boot\/(settings|shape)\.ts$/.test(path)) return "firmware/settings"; // console and boot share them
	if (path === "firmware/lwm2m/path.ts") return "firmware/lwm2m/formats"; // both sides of the wire
	if (path.startsWith("host-sim/crypto/")) return "host-sim/shared";
	// Exit codes, addresses and logs of all commands; chance from a seed.
	if (path === "host-sim/cli/shared.ts" || path === "host-sim/nat/seeded-random.ts") return "host-sim/shared";
	const parts = [...Object.keys(MAY), ...TOP].filter((part) => path.startsWith(`${part}/`));
	return parts.sort((left, right) => right.length - left.length)[0] ?? path.split("/").slice(0, 2).join("/");
}

function targetOf(path: string, from: string): string {
	if (from.startsWith("node:")) return "node:";
	if (/^(embedded:|pinhole\/|mc\/|timer$|time$)/.test(from)) return "embedded:";
	if (from.startsWith(".")) return partOf(posix.join(posix.dirname(path), from).replace(/\.js$/, ".ts"));
	return from === "#suite" ? "#suite" : "npm";
}

function allowedInTest(path: string, target: string): boolean {
	if (!path.startsWith("firmware/") || path.endsWith(".node.test.ts")) return true;
	if (target === "npm") return path.endsWith(".property.test.ts");
	return target === "#suite" || target.startsWith("firmware/");
}

/** Each import points to the part itself or to one below it. */
export function directions(source: Source): Finding[] {
	const part = partOf(source.path);
	if (TOP.includes(part) && !isTest(source.path)) return [];
	return imports(source)
		.filter(({ from }) => {
			const target = targetOf(source.path, from);
			if (isTest(source.path)) return !allowedInTest(source.path, target);
			return target !== part && !(MAY[part] ?? []).includes(target);
		})
		.map(({ from, node }) => finding(source, node, `${part} may not import "${from}"`));
}
