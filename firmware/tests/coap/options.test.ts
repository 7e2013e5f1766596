import { assert, suite } from "#suite";
import { Option } from "../../coap/options.js";
import { Bench, content, get } from "./bench.js";
import { fromHex } from "./hex.js";

const test = suite("coap/options");

/* conditions (RFC 7252, 5.10.8) */

const CONDITIONS: readonly (readonly [title: string, options: string, served: boolean])[] = [
	["If-Match of whatever exists", "10 a1 61", true],
	["If-Match of an entity-tag", "12 aabb a1 61", false],
	["If-Match of an entity-tag, or of whatever exists", "12 aabb 00 a1 61", true],
	["If-Match of two entity-tags", "11 aa 01 bb a1 61", false],
	["If-None-Match", "50 61 61", false],
	["If-Match and If-None-Match", "10 40 61 61", false],
];

for (const [title, options, served] of CONDITIONS) {
	test(`${title} is ${served ? "met" : "not met"}`, () => {
		const lines = new Bench().receive(0, `4103000177 ${options} ff 31`);
		assert.equal(lines, [served ? "request 1 3/a 31" : "618c000177"]);
	});
}

test("a block of a request whose condition is not met is not kept", () => {
	const bench = new Bench();
	assert.equal(bench.receive(0, `4103000177 50 61 61 d10308 ff ${"aa".repeat(16)}`), ["618c000177"]);
	assert.equal(bench.pass(1e9), []);
});

test("an application that knows entity-tags judges conditions itself", () => {
	for (const options of ["12 aabb a1 61", "50 61 61"]) {
		const bench = new Bench({ conditional: true });
		assert.equal(bench.receive(0, `4103000177 ${options} ff 31`), ["request 1 3/a 31"]);
	}
});

test("a response may carry an ETag of the application, as may the answer that it is still valid", () => {
	const bench = new Bench();
	const entityTag = fromHex("aabbcc");
	bench.receive(0, "4101000177 b161");
	assert.equal(bench.respond(0, 1, content({ entityTag, payload: fromHex("37") })), ["614500017743aabbccff37"]);
	bench.receive(1, "4101000277 43aabbcc 7161");
	assert.equal(bench.respond(1, 2, content({ code: 0x43, entityTag })), ["614300027743aabbcc"]);
	bench.receive(2, "4101000377 b161");
	assert.equal(bench.respond(2, 3), ["6145000377"]);
});

test("all blocks of a response carry the ETag of the application", () => {
	const bench = new Bench();
	bench.receive(0, "4101000177 b161");
	const [first] = bench.respond(0, 1, content({ entityTag: fromHex("aa"), payload: new Uint8Array(1025) }));
	assert.match(first!, /^614500017741aad1060e520401ff0/);
	assert.equal(bench.receive(1, "4101000277 b161 c116"), ["614500027741aad10616ff00"]);
});

test("a response may name the new resource by Location-Query, too", () => {
	const bench = new Bench();
	bench.receive(0, "4102000177 b161");
	const created = content({ code: 0x41, locationPath: "/b", locationQuery: ["c=1", "d"] });
	assert.equal(bench.respond(0, 1, created), ["61410001778162c3633d310164"]);
	bench.receive(1, "4102000277 b161");
	assert.equal(bench.respond(1, 2, content({ code: 0x44 })), ["6144000277"]);
});

/* elective options that ask nothing of us */

const IGNORED: readonly (readonly [title: string, hex: string])[] = [
	["Hop-Limit (RFC 8768): only proxies count", "4101000177 b161 51 10"],
	["Hop-Limit of zero", "4101000177 b161 51 00"],
	["Echo in a request without a challenge", "4101000177 b161 d1 e4 aa"],
	["Request-Tag without Block1", "4101000177 b161 e1 000c 01"],
	["Size1", "4101000177 b161 d1 24 05"],
	["ETag in a request", "4101000177 41 aa 71 61"],
];

for (const [title, hex] of IGNORED) {
	test(`served as if without: ${title}`, () => {
		assert.equal(new Bench().receive(0, hex), ["request 1 1/a"]);
	});
}

const METHODS: readonly (readonly [name: string, code: string])[] = [
	["FETCH", "05"],
	["PATCH", "06"],
	["iPATCH", "07"],
];

for (const [name, code] of METHODS) {
	test(`${name} is for the application (RFC 8132)`, () => {
		assert.equal(new Bench().receive(0, `41${code}000177 b161 11 3c ff 31`), [`request 1 ${Number(code)}/a 31`]);
	});
}

test("a FETCH may observe (RFC 8132, 2.4)", () => {
	const bench = new Bench();
	bench.receive(0, "4105000177 60 51 61 ff 31");
	assert.equal(bench.respond(0, 1, content({ observe: true })), ["61450001776101"]);
});

test("blocks of the answer to one FETCH are not given to another (RFC 8132, 2.1)", () => {
	const bench = new Bench();
	bench.receive(0, "4105000177 b161 ff 31");
	bench.respond(0, 1, content({ payload: new Uint8Array(1025) }));
	assert.equal(bench.receive(1, "4105000277 b161 c116 ff 32"), ["6188000277"]);
	assert.match(bench.receive(2, "4105000377 b161 c116 ff 31")[0]!, /^6145000377/);
});

test("Max-Age of a response can be read", () => {
	const bench = new Bench();
	bench.request(0);
	bench.endpoint.handleReceived(1, fromHex("624500010001 d1 01 3c"));
	const event = bench.endpoint.pollEvent();
	assert.is(event?.kind === "response" && event.message.uint(Option.MaxAge), 60);
});

/* No-Response (RFC 7967): 2 no success, 8 no client error, 16 no server error */

const UNWANTED: readonly (readonly [value: string, code: number, answered: boolean])[] = [
	["d0 ea", 0x44, true],
	["d1 ea 02", 0x44, false],
	["d1 ea 02", 0x84, true],
	["d1 ea 08", 0x84, false],
	["d1 ea 08", 0xa0, true],
	["d1 ea 10", 0xa0, false],
	["d1 ea 10", 0x44, true],
	["d1 ea 1a", 0x44, false],
	["d1 ea 1a", 0x84, false],
	["d1 ea 1a", 0xa0, false],
];

for (const [value, code, answered] of UNWANTED) {
	for (const type of ["CON", "NON"]) {
		test(`No-Response ${value}: a ${type} that yields ${code.toString(16)}`, () => {
			const bench = new Bench();
			bench.receive(0, `${type === "CON" ? "41" : "51"}02123477 b161 ${value}`);
			const response = type === "CON" ? `61${code.toString(16)}123477` : `51${code.toString(16)}000177`;
			const silence = type === "CON" ? ["60001234"] : [];
			assert.equal(bench.respond(0, 1, content({ code })), answered ? [response] : silence);
			assert.equal(bench.pass(1e9), []);
		});
	}
}

test("a late response that nobody wants is not sent after the Empty ACK", () => {
	const bench = new Bench();
	bench.receive(0, "4102123477 b161 d1ea02");
	assert.equal(bench.pass(1000), ["1000 60001234"]);
	assert.equal(bench.respond(1100, 1, content({ code: 0x44 })), []);
	assert.equal(bench.pass(1e9), []);
});

test("a refusal that nobody wants to hear is an Empty ACK", () => {
	assert.equal(new Bench().receive(0, "4102123477 d1 08 00 d1 e0 08"), ["60001234"]);
});

test("a Continue is sent all the same, or no further block would come", () => {
	const bench = new Bench();
	assert.equal(bench.receive(0, `4103123477 b161 d10308 d1da02 ff ${"aa".repeat(16)}`), ["615f123477d10e08"]);
});

test("a repetition of a request without a response is acknowledged again", () => {
	const bench = new Bench();
	bench.receive(0, "4102123477 b161 d1ea02");
	bench.respond(0, 1, content({ code: 0x44 }));
	assert.equal(bench.receive(1, "4102123477 b161 d1ea02"), ["60001234"]);
});

/* Echo (RFC 9175, 2.3), to us as a client */

test("a challenge is answered by the same request with the Echo", () => {
	const bench = new Bench();
	bench.request(0, get({ query: ["a"] }));
	assert.equal(bench.receive(1, "628100010001 d3ef aabbcc"), ["420100020001b1614161d3e0aabbcc"]);
	assert.equal(bench.receive(2, "624500020001 ff 37"), ["response 1 45 37"]);
});

test("a second challenge is the response", () => {
	const bench = new Bench();
	bench.request(0);
	bench.receive(1, "628100010001 d1ef aa");
	assert.equal(bench.receive(2, "628100020001 d1ef bb"), ["response 1 81"]);
});

test("a challenge that leaves no room for its Echo is the response", () => {
	const bench = new Bench();
	bench.request(0, get({ path: `/${"p".repeat(1120)}` }));
	assert.equal(bench.receive(1, `628100010001 dd ef 0b ${"aa".repeat(24)}`), ["response 1 81"]);
});

test("Unauthorized without a challenge is the response", () => {
	const bench = new Bench();
	bench.request(0);
	assert.equal(bench.receive(1, "628100010001"), ["response 1 81"]);
});

test("an Echo in another response asks nothing", () => {
	const bench = new Bench();
	bench.request(0);
	assert.equal(bench.receive(1, "624500010001 d1ef aa"), ["response 1 45"]);
});

test("an observation is registered with the Echo, too", () => {
	const bench = new Bench();
	bench.request(0, get({ observe: 0 }));
	assert.equal(bench.receive(1, "628100010001 d1ef aa"), ["420100020001605161d1e4aa"]);
});

/* cache keys are made when they are needed */

test("a response that comes after another request is cut by its own key", () => {
	const bench = new Bench();
	bench.receive(0, "4101000177 b161");
	bench.receive(1, "4101000277 b162");
	bench.respond(2, 1, content({ payload: new Uint8Array(1025) }));
	assert.equal(bench.receive(3, "4101000377 b162 c116"), ["6188000377"]);
	assert.match(bench.receive(4, "4101000477 b161 c116")[0]!, /^6145000477/);
});

test("a key is made while the bytes of the request are borrowed", () => {
	const bench = new Bench();
	const bytes = fromHex("4101000177 b161");
	bench.endpoint.handleReceived(0, bytes);
	bench.drain(0);
	bench.endpoint.pollTimeout();
	bytes.fill(0);
	bench.respond(2, 1, content({ payload: new Uint8Array(1025) }));
	assert.match(bench.receive(4, "4101000477 b161 c116")[0]!, /^6145000477/);
});

test.run();
