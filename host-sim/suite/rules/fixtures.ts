// Negative fixtures: for each rule, sources in which it must find exactly what stands in the third column, and nothing
// where that column is empty. A rule that no row makes fire is not a rule.

/** `[path, source, what the message of the one finding contains; "" for none]` */
export type Row = readonly [path: string, source: string, message: string];

const core = "firmware/coap/x.ts";
const xsTest = "firmware/tests/coap/x.test.ts";

export const SANS_IO: readonly Row[] = [
	[core, "export const f = () => Date.now();", "Date in the core"],
	[core, "export const f = () => new Date();", "Date in the core"],
	[core, "export const f = () => performance.now();", "performance in the core"],
	[core, "export const f = () => Math.random();", "Math.random in the core"],
	[core, "export const f = () => setTimeout(f, 1);", "setTimeout in the core"],
	[core, "export const f = () => trace('x');", "trace in the core"],
	[core, "declare const trace: (text: string) => void; export const f = () => trace('x');", "trace in the core"],
	[core, "export const f = () => console.log('x');", "console in the core"],
	[core, "export const f = (p: Promise<void>) => Promise.resolve(p);", "Promise in the core"],
	[core, "export async function f() {}", "an async function"],
	[core, "export class A { async f() {} }", "an async function"],
	[core, "export function* f() {}", "a generator"],
	[core, "import { readFileSync } from 'node:fs'; readFileSync;", 'imports "node:fs"'],
	[core, "import UDP from 'embedded:io/socket/udp'; UDP;", 'imports "embedded:io/socket/udp"'],
	[core, "import Timer from 'timer'; Timer;", 'imports "timer"'],
	[core, "export * from 'node:os';", 'imports "node:os"'],
	[core, "export const f = () => import('node:os');", 'imports "node:os"'],
	[core, "export type T = import('node:os').Foo;", 'imports "node:os"'],
	["firmware/bytes.ts", "export const f = () => Date.now();", "Date in the core"],
	["firmware/agent/x.ts", "export const f = () => Date.now();", "Date in the core"],
	[xsTest, "export const f = () => Date.now();", "Date in a test"],
	[xsTest, "export const f = () => new Promise((done) => setTimeout(done, 1));", "setTimeout in a test"],
	["firmware/tests/coap/x.node.test.ts", "export const f = () => Date.now();", ""],
	["firmware/io/clock.ts", "export const f = () => Date.now();", ""],
	["firmware/main.ts", "import Timer from 'timer'; Timer;", ""],
	[core, "export const f = (clock: { Date: number }) => clock.Date + { Date: 1 }.Date;", ""],
	[core, "export const f = (trace: (text: string) => void) => trace('x');", ""],
	[core, "export type T = Date; export const f = (at: Date) => at as Date;", ""],
	[core, "export const f = () => Math.floor(1.5);", ""],
];

export const HOT_PATH: readonly Row[] = [
	[core, "export class A { pollTransmit() { return () => 1; } }", "a closure in pollTransmit"],
	[core, "export class A { pollTimeout() { return [1].map(function () { return 1; }); } }", "a closure in pollTimeout"],
	[core, "export class A { handleReceived(a: number[]) { return Math.max(...a); } }", "a spread in handleReceived"],
	[core, "export class A { pollTimeout(a: number[]) { for (const b of a) b; } }", "for…of in pollTimeout"],
	[core, "export class A { pollTimeout(a: object) { for (const b in a) b; } }", "for…in in pollTimeout"],
	[core, "export class A { pollTransmit(a: [number]) { const [b] = a; return b; } }", "array destructuring"],
	[core, "export function pollTransmit() { return () => 1; }", "a closure in pollTransmit"],
	[core, "// hot: for each option\nfunction next() { return () => 1; }\nnext();", "a closure in next"],
	[core, "export class A { other() { return () => 1; } }", ""],
	[core, "export class A { pollTransmit(a: number[]) { for (let i = 0; i < a.length; i++) a[i]; } }", ""],
	["host-sim/nat/x.ts", "export class A { pollTransmit() { return () => 1; } }", ""],
];

export const MODULE_LEVEL: readonly Row[] = [
	[core, "let count = 0; count++;", "let at module level"],
	[core, "export var count = 0;", "var at module level"],
	[core, "const peers = new Map<string, number>(); peers;", "new Map kept"],
	[core, "export const table = Object.freeze({ peers: new Set<string>() });", "new Set kept"],
	[core, "const peers: ReadonlyMap<string, number> = new Map(); peers;", "new Map kept"],
	[core, "const scratch = new Uint8Array(16); scratch;", "new Uint8Array kept"],
	[core, "const view = new DataView(buffer); view;", "new DataView kept"],
	[core, "const digits = /^\\d+$/; digits;", "a RegExp kept"],
	[core, "const digits = new RegExp('^x'); digits;", "new RegExp kept"],
	[core, "export class A { static count = 0; }", "a static field that is not readonly"],
	[core, "export class A { static #count = 0; }", "a static field that is not readonly"],
	[core, "export class A { static readonly seen = new Map(); }", "new Map kept"],
	["firmware/main.ts", "const x = await f(); x;", "await at module level"],
	["firmware/lwm2m/objects/device.ts", "let count = 0; count++;", "let at module level"],
	[core, "export class A { static readonly limit = 4; peers = new Map<string, number>(); count = 0; }", ""],
	[core, "const NONE = new Uint8Array(0); const TABLE = new Uint8Array([1, 2]); NONE; TABLE;", ""],
	[core, "const TABLE: ReadonlyMap<number, string> = new Map([[1, 'a']]); TABLE;", ""],
	[core, "export function f() { let i = 0; const m = new Map(); return [i++, m, /x/]; }", ""],
	[core, "for (let i = 0; i < 3; i++) { let j = i; j++; }", ""],
	[xsTest, "let count = 0; count++;", ""],
	["host-sim/nat/x.ts", "let count = 0; count++;", ""],
];

export const ENGINE: readonly Row[] = [
	[core, "export const f = () => new TextEncoder();", "TextEncoder"],
	[xsTest, "export const f = () => new TextDecoder();", "TextDecoder"],
	["firmware/io/x.ts", "export const f = (a: object) => structuredClone(a);", "structuredClone"],
	["firmware/main.ts", "queueMicrotask(() => 1);", "queueMicrotask"],
	[core, "export const f = () => new URL('coap://x');", "URL"],
	[core, "export const f = () => Buffer.from('x');", "Buffer"],
	[core, "export const f = () => process.env;", "process"],
	[core, "export const f = (a: number[]) => a.toSorted();", "toSorted"],
	[core, "export const f = (a: Set<number>) => a.isSubsetOf(a);", "isSubsetOf"],
	[core, "export const f = (a: number[]) => Object.groupBy(a, String);", "groupBy"],
	[core, "export const f = (a: string) => a.localeCompare('x');", "localeCompare"],
	[core, "export const f = () => Promise.withResolvers();", "withResolvers"],
	[core, "export const f = () => /x/v;", "v flag"],
	[core, "export const f = () => { using a = g(); };", "using"],
	[core, "@f export class A {}", "a decorator"],
	[core, "import a from './a.json' with { type: 'json' }; a;", "an import attribute"],
	["firmware/tests/coap/x.property.test.ts", "export const f = () => new TextEncoder();", ""],
	["host-sim/cli/x.ts", "export const f = () => process.env;", ""],
	[core, "export const f = (process: () => void) => process();", ""],
	[core, "export const f = (a: { URL: string }) => a.URL;", ""],
];

export const DIRECTIONS: readonly Row[] = [
	["firmware/bytes.ts", "import '../firmware/coap/message.js';", "firmware/base may not import"],
	["firmware/coap/message.ts", "import '../lwm2m/path.js';", "firmware/coap may not import"],
	["firmware/coap/message.ts", "import '../security/no-security.js';", "firmware/coap may not import"],
	["firmware/lwm2m/model.ts", "import '../agent/agent.js';", "firmware/lwm2m may not import"],
	["firmware/lwm2m/model.ts", "import '../reach/reach.js';", "firmware/lwm2m may not import"],
	["firmware/reach/reach.ts", "import type { Agent } from '../agent/agent.js';", "firmware/reach may not import"],
	["firmware/reach/reach.ts", "import '../coap/endpoint.js';", "firmware/reach may not import"],
	["firmware/agent/agent.ts", "import '../io/udp.js';", "firmware/agent may not import"],
	["firmware/io/udp.ts", "import '../lwm2m/path.js';", "firmware/io may not import"],
	["firmware/io/udp.ts", "import 'node:dgram';", "firmware/io may not import"],
	["firmware/main.ts", "import '../host-sim/cli/main.js';", "firmware/main may not import"],
	["firmware/lwm2m/model.ts", "import 'cac';", "firmware/lwm2m may not import"],
	["host-sim/backend/server.ts", "import '../../firmware/lwm2m/model.js';", "host-sim/backend may not import"],
	["host-sim/backend/server.ts", "import '../../firmware/agent/agent.js';", "host-sim/backend may not import"],
	["host-sim/nat/relay.ts", "import '../backend/server.js';", "host-sim/nat may not import"],
	["host-sim/backend/server.ts", "import '../cli/main.js';", "host-sim/backend may not import"],
	[xsTest, "import { readFileSync } from 'node:fs';", "may not import"],
	[xsTest, "import fc from 'fast-check';", "may not import"],
	[xsTest, "import '../../../host-sim/nat/relay.js';", "may not import"],
	[xsTest, "import '#suite'; import '../../coap/message.js';", ""],
	["firmware/tests/coap/x.property.test.ts", "import 'fast-check';", ""],
	["firmware/tests/coap/x.node.test.ts", "import 'node:fs';", ""],
	["firmware/coap/datagram.ts", "import './message.js'; import '../bytes.js';", ""],
	["firmware/lwm2m/formats/tlv.ts", "import '../model.js';", "firmware/lwm2m/formats may not import"],
	["host-sim/backend/server.ts", "import '../../firmware/lwm2m/path.js';", ""],
	["firmware/lwm2m/formats/tlv.ts", "import '../path.js'; import '../../limits.js';", ""],
	["firmware/agent/agent.ts", "import '../reach/reach.js'; import '../lwm2m/objects/device.js';", ""],
	["firmware/io/udp.ts", "import 'embedded:io/socket/udp'; import '../agent/agent.js';", ""],
	["host-sim/backend/server.ts", "import 'fastify'; import '../../firmware/lwm2m/formats/tlv.js';", ""],
	["host-sim/device/device.ts", "import '../../firmware/agent/agent.js'; import '../nat/relay.js';", ""],
];

const long = `export function f() {\n${"\t1;\n".repeat(60)}}`;

export const FUNCTION_SIZES: readonly Row[] = [
	[core, long, "a function of 62 lines"],
	["host-sim/cli/x.ts", long, "a function of 62 lines"],
	[core, `export function f() {\n${"\t1;\n".repeat(58)}}`, ""],
	[xsTest, long, ""],
];

export const TEXT_SIZES: readonly Row[] = [
	[core, `const a = "${"x".repeat(110)}";`, "123 columns"],
	["host-sim/engine/host.c", `// ${"x".repeat(118)}`, "121 columns"],
	[core, "1;\n".repeat(451), "a file of 451 lines"],
	[core, `// ${"ä".repeat(117)}`, ""],
	["firmware/coap/constants.ts", "1;\n".repeat(451), ""],
];
