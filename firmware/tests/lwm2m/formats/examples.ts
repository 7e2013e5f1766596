// What the LwM2M specification shows of its example client (LwM2M Core, 7.4): values, and their payloads.

import { ascii } from "../../coap/hex.js";
import type { Row } from "./entries.js";

const manufacturer = "Open Mobile Alliance";
const model = "Lightweight M2M Client";

/** Read /3/0. */
export const device: readonly Row[] = [
	["/3/0/0", "string", manufacturer],
	["/3/0/1", "string", model],
	["/3/0/2", "string", "345000123"],
	["/3/0/3", "string", "1.0"],
	["/3/0/6/0", "integer", 1],
	["/3/0/6/1", "integer", 5],
	["/3/0/7/0", "integer", 3800],
	["/3/0/7/1", "integer", 5000],
	["/3/0/8/0", "integer", 125],
	["/3/0/8/1", "integer", 900],
	["/3/0/9", "integer", 100],
	["/3/0/10", "integer", 15],
	["/3/0/11/0", "integer", 0],
	["/3/0/13", "time", 1367491215],
	["/3/0/14", "string", "+02:00"],
	["/3/0/16", "string", "U"],
];

/** Read /1. */
export const servers: readonly Row[] = [
	["/1/0/0", "integer", 101],
	["/1/0/1", "integer", 86400],
	["/1/0/2", "integer", 300],
	["/1/0/3", "integer", 6000],
	["/1/0/5", "integer", 86400],
	["/1/0/6", "boolean", true],
	["/1/0/7", "string", "U"],
	["/1/1/0", "integer", 102],
	["/1/1/1", "integer", 86400],
	["/1/1/2", "integer", 600],
	["/1/1/3", "integer", 6000],
	["/1/1/5", "integer", 86400],
	["/1/1/6", "boolean", false],
	["/1/1/7", "string", "U"],
];

/** Payloads as printed there: content format, path asked for, values, hex. */
export const examples: readonly (readonly [string, number, string, readonly Row[], string])[] = [
	["7.4.4, single resource", 11544, "/3/0/0", device.slice(0, 1), `a183030000 74${ascii(manufacturer)}`],
	["7.4.4, multiple resource", 11544, "/3/0/6", device.slice(4, 6), "a183030006a200010105"],
	[
		"7.4.4, single object instance",
		11544,
		"/3/0",
		device,
		`a1820300ad 0074${ascii(manufacturer)} 0176${ascii(model)} 0269${ascii("345000123")} 0363${ascii("1.0")}
		 06a200010105 07a200190ed801191388 08a200187d01190384 091864 0a0f 0ba10000 0d1a5182428f
		 0e66${ascii("+02:00")} 106155`,
	],
	[
		"7.4.4, multiple object instances",
		11544,
		"/1",
		servers,
		`a101a2 00a7 001865 011a00015180 0219012c 03191770 051a00015180 06f5 076155
		 01a7 001866 011a00015180 02190258 03191770 051a00015180 06f4 076155`,
	],
	[
		"7.4.6, device object",
		110,
		"/3/0",
		device,
		ascii(
			`[{"bn":"/3/0/","n":"0","vs":"${manufacturer}"},{"n":"1","vs":"${model}"},{"n":"2","vs":"345000123"},` +
				'{"n":"3","vs":"1.0"},{"n":"6/0","v":1},{"n":"6/1","v":5},{"n":"7/0","v":3800},{"n":"7/1","v":5000},' +
				'{"n":"8/0","v":125},{"n":"8/1","v":900},{"n":"9","v":100},{"n":"10","v":15},{"n":"11/0","v":0},' +
				'{"n":"13","v":1367491215},{"n":"14","vs":"+02:00"},{"n":"16","vs":"U"}]',
		),
	],
	["7.4.6, one resource", 110, "/3/0/0", device.slice(0, 1), ascii(`[{"bn":"/3/0/0","vs":"${manufacturer}"}]`)],
	[
		"7.4.7, device object",
		112,
		"/3/0",
		device,
		`90a321652f332f302f00613003744f70 656e204d6f62696c6520416c6c69616e 6365a20061310376 4c69676874776569
		 676874204d324d20436c69656e74a200 61320369333435303030313233a20061 330363312e30a20063362f300201a200
		 63362f310205a20063372f3002190ed8 a20063372f3102191388a20063382f30 02187da20063382f3102190384a20061
		 39021864a2006231 30020fa200643131 2f300200a200623133021a5182428fa2 00623134 03662b30323a3030a20062
		 31 36036155`,
	],
];
