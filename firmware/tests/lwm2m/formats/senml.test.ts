import { assert, suite } from "#suite";
import { encodeText } from "../../../bytes.js";
import type { SenmlPack } from "../../../lwm2m/formats/senml.js";
import { SenmlCborPack } from "../../../lwm2m/formats/senml-cbor.js";
import { SenmlJsonPack } from "../../../lwm2m/formats/senml-json.js";
import { fromHex, toHex } from "../../coap/hex.js";

const test = suite("lwm2m/formats/senml");

/** Every record as "name label value @time"; undefined where the pack is refused. */
function records(pack: SenmlPack): string[] | undefined {
	const list: string[] = [];
	while (pack.next()) {
		const value = pack.value instanceof Uint8Array ? toHex(pack.value) : pack.value;
		const time = pack.time === undefined ? "" : ` @${pack.time}`;
		list.push(`${pack.baseName}${pack.name} ${pack.label} ${value}${time}`);
	}
	return pack.complete ? list : undefined;
}

const example3 = [
	"urn:dev:ow:10e2073a0108006:voltage 2 120.1 @1276020076.001",
	"urn:dev:ow:10e2073a0108006:current 2 1.2 @1276020071.001",
	"urn:dev:ow:10e2073a0108006:current 2 1.3 @1276020072.001",
	"urn:dev:ow:10e2073a0108006:current 2 1.4 @1276020073.001",
	"urn:dev:ow:10e2073a0108006:current 2 1.5 @1276020074.001",
	"urn:dev:ow:10e2073a0108006:current 2 1.6 @1276020075.001",
	"urn:dev:ow:10e2073a0108006:current 2 1.7 @1276020076.001",
];

const json: readonly (readonly [string, string, readonly string[]])[] = [
	[
		"5.1.1: a single value",
		'[{"n":"urn:dev:ow:10e2073a01080063","u":"Cel","v":23.1}]',
		["urn:dev:ow:10e2073a01080063 2 23.1"],
	],
	[
		"5.1.2: a base name",
		'[{"bn":"urn:dev:ow:10e2073a01080063:","n":"voltage","u":"V","v":120.1},{"n":"current","u":"A","v":1.2}]',
		["urn:dev:ow:10e2073a01080063:voltage 2 120.1", "urn:dev:ow:10e2073a01080063:current 2 1.2"],
	],
	[
		"5.1.2: a base time, and times before it",
		`[
			{"bn":"urn:dev:ow:10e2073a0108006:","bt":1.276020076001e+09,"bu":"A","bver":5,"n":"voltage","u":"V","v":120.1},
			{"n":"current","t":-5,"v":1.2},
			{"n":"current","t":-4,"v":1.3},
			{"n":"current","t":-3,"v":1.4},
			{"n":"current","t":-2,"v":1.5},
			{"n":"current","t":-1,"v":1.6},
			{"n":"current","v":1.7}
		]`,
		example3,
	],
	[
		"5.1.3: a base name that is the name",
		'[{"bn":"urn:dev:ow:10e2073a01080063","bt":1.320067464e+09,"bu":"%RH","v":20},{"u":"lon","t":60,"v":24.30622}]',
		["urn:dev:ow:10e2073a01080063 2 20 @1320067464", "urn:dev:ow:10e2073a01080063 2 24.30622 @1320067524"],
	],
	[
		"5.1.5: values of all types",
		'[{"bn":"urn:dev:ow:10e2073a01080063:","n":"temp","u":"Cel","v":23.1},{"n":"label","vs":"Machine Room"},' +
			'{"n":"open","vb":false},{"n":"nfc-reader","vd":"aGkgCg"}]',
		[
			"urn:dev:ow:10e2073a01080063:temp 2 23.1",
			"urn:dev:ow:10e2073a01080063:label 3 Machine Room",
			"urn:dev:ow:10e2073a01080063:open 4 false",
			"urn:dev:ow:10e2073a01080063:nfc-reader 8 6869200a",
		],
	],
	[
		"5.1.6: a base name that changes",
		'[{"bn":"2001:db8::2/","bt":1.320078429e+09,"n":"temperature","u":"Cel","v":25.2},' +
			'{"n":"humidity","u":"%RH","v":30},' +
			'{"bn":"2001:db8::1/","n":"temperature","u":"Cel","v":12.3}]',
		[
			"2001:db8::2/temperature 2 25.2 @1320078429",
			"2001:db8::2/humidity 2 30 @1320078429",
			"2001:db8::1/temperature 2 12.3 @1320078429",
		],
	],
];

for (const [name, text, expected] of json)
	test(`RFC 8428, ${name}`, () => {
		assert.equal(records(new SenmlJsonPack(encodeText(text), false)), expected);
	});

test("RFC 8428, 6: the CBOR example means the same as the JSON one", () => {
	const payload = fromHex(
		`87a721781b75726e3a6465763a6f773a313065323037336130313038303036
		 3a22fb41d303a15b001062236141200500 67766f6c7461676501615602fb405e066666666666
		 a3006763757272656e74062402fb3ff3333333333333 a3006763757272656e74062302fb3ff4cccccccccccd
		 a3006763757272656e74062202fb3ff6666666666666 a3006763757272656e74062102f93e00
		 a3006763757272656e74062002fb3ff999999999999a a3006763757272656e74060002fb3ffb333333333333`.replace(/\s/g, ""),
	);
	assert.equal(records(new SenmlCborPack(payload, false)), example3);
});

test.run();
