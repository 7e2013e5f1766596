import { assert, suite } from "#suite";
import { addServerAccount } from "../../agent/server-account.js";
import { Code } from "../../coap/codes.js";
import type { Endpoint, Message, Request } from "../../coap/endpoint.js";
import { ContentFormat, Option } from "../../coap/options.js";
import { encodeReach, REACH_UNDERSTOOD, ReachFlag, type ReachWord } from "../../coap/reach-option.js";
import { Model } from "../../lwm2m/model.js";
import { Registration } from "../../lwm2m/registration.js";
import { FixedRandom } from "../random.js";

const test = suite("lwm2m/registration");

/** Records what is requested; the test is the server. */
class Recorder {
	readonly requests: Request[] = [];
	readonly cancelled: number[] = [];
	full = false;

	request(_now: number, request: Request): number {
		if (this.full) return 0;
		return this.requests.push(request);
	}

	cancel(_now: number, exchange: number): void {
		this.cancelled.push(exchange);
	}

	get last(): Request {
		return this.requests[this.requests.length - 1]!;
	}
}

function answer(code: number, ...location: string[]): Message {
	return {
		code,
		token: "",
		payload: undefined,
		option: () => undefined,
		uint: () => undefined,
		count: (number) => (number === Option.LocationPath ? location.length : 0),
		text: (_number, occurrence = 0) => location[occurrence],
		decimal: () => -1,
	};
}

/** The same answer with the option Reach. */
function saying(message: Message, word: ReachWord): Message {
	return { ...message, option: (number) => (number === Option.Reach ? encodeReach(word) : undefined) };
}

function set(elective?: boolean) {
	const model = new Model();
	const server = addServerAccount(model, { serverUri: "coap://192.0.2.1", shortServerId: 1, lifetimeSeconds: 300 });
	const recorder = new Recorder();
	const content = { endpointName: "urn:dev:mac:0011223344", model, server: model.find(1, 0)!, elective };
	const registration = new Registration(content, recorder as unknown as Endpoint, new FixedRandom());
	return { model, server, recorder, registration };
}

function registered() {
	const all = set();
	all.registration.register(0);
	all.registration.handleResponse(0, 1, answer(Code.Created, "rd", "5a3f"));
	all.registration.pollEvent();
	return all;
}

test("Register names endpoint, lifetime, version and binding, and lists all objects but Security", () => {
	const { recorder, registration } = set();
	registration.register(0);
	const { code, path, query, contentFormat, confirmable, payload } = recorder.last;
	assert.equal(query, ["ep=urn:dev:mac:0011223344", "lt=300", "lwm2m=1.2", "b=U"]);
	assert.equal([code, path, contentFormat, confirmable], [Code.Post, "/rd", ContentFormat.LinkFormat, true]);
	const links = String.fromCharCode(...payload!);
	assert.ok(links.includes("</1/0>"), links);
	assert.not.ok(links.includes("</0"), links);
});

test("Register says that the option Reach is understood, unless nothing elective is sent; Update does not", () => {
	const { recorder, registration } = registered();
	assert.is(recorder.last.reach, REACH_UNDERSTOOD);
	registration.update(20, undefined);
	assert.is(recorder.last.reach, undefined);
	const plain = set(false);
	plain.registration.register(0);
	assert.is(plain.recorder.last.reach, undefined);
});

test("what the server says of the way comes with its answers to Register and Update", () => {
	const { registration } = set();
	registration.register(0);
	const offer = { flags: ReachFlag.Keeper | ReachFlag.Probe, lostSeconds: -1, lostCount: 0, heardCount: -1 };
	registration.handleResponse(10, 1, saying(answer(Code.Created, "rd", "1"), offer));
	const event = registration.pollEvent();
	assert.equal(event?.kind === "registered" && event.reach, offer);
	registration.update(20, undefined);
	const reach = { flags: ReachFlag.Lost | ReachFlag.Moved, lostSeconds: 300, lostCount: 5, heardCount: -1 };
	registration.handleResponse(30, 2, saying(answer(Code.Changed), reach));
	assert.equal(registration.pollEvent(), { kind: "updated", reach });
});

test("a location of any depth is kept as the server made it", () => {
	const { recorder, registration } = set();
	registration.register(0);
	registration.handleResponse(10, 1, answer(Code.Created, "a", "b", "c"));
	assert.equal(registration.pollEvent(), { kind: "registered", version: "1.2", location: "/a/b/c", reach: undefined });
	registration.update(20, undefined);
	assert.is(recorder.last.path, "/a/b/c");
});

test("a server that gives no location is asked again after a while, and not at each Update", () => {
	const { recorder, registration } = set();
	registration.register(0);
	registration.handleResponse(10, 1, answer(Code.Created));
	const event = registration.pollEvent();
	assert.is(event?.kind, "refused");
	assert.not(registration.registered);
	registration.update(20, undefined);
	assert.is(recorder.requests.length, 1);
	assert.ok(registration.pollTimeout() >= 30_000);
});

test("the versions that the server speaks by its own word (/1/x/25) spare the trial", () => {
	const versionTold = (spoken: string[]) => {
		const { recorder, registration, server } = set();
		server.set("supportedServerVersions", spoken);
		registration.handlePathOpened(0);
		return recorder.last.query[2];
	};
	assert.is(versionTold(["1.0", "1.1"]), "lwm2m=1.1");
	assert.is(versionTold(["1.0"]), "lwm2m=1.0");
	assert.is(versionTold(["2.0"]), "lwm2m=1.2");
	assert.is(versionTold([]), "lwm2m=1.2");
});

test("Queue Mode is a letter of the binding in 1.0, and a parameter since 1.1", () => {
	const { recorder, registration, server } = set();
	server.set("binding", "UQ");
	registration.register(0);
	registration.handleResponse(10, 1, answer(Code.PreconditionFailed));
	registration.handleResponse(20, 2, answer(Code.PreconditionFailed));
	assert.equal(
		recorder.requests.map((request) => request.query.slice(2)),
		[
			["lwm2m=1.2", "b=U", "Q"],
			["lwm2m=1.1", "b=U", "Q"],
			["lwm2m=1.0", "b=UQ"],
		],
	);
});

test("a lifetime of 0 is infinite: no Update is due; to versions before 1.2 it is the longest", () => {
	const { recorder, registration, server } = set();
	server.set("lifetime", 0);
	registration.register(0);
	registration.handleResponse(10, 1, answer(Code.PreconditionFailed));
	assert.equal(
		recorder.requests.map((request) => request.query[1]),
		["lt=0", "lt=4294967295"],
	);
	registration.handleResponse(20, 2, answer(Code.Created, "rd", "1"));
	assert.is(registration.pollTimeout(), Number.POSITIVE_INFINITY);
	server.set("lifetime", 300);
	registration.handleContentChanged(30);
	assert.equal(recorder.last.query, ["lt=300"]);
});

for (const code of [Code.PreconditionFailed, Code.BadRequest, Code.BadOption]) {
	test(`falls back from 1.2 to 1.1 and 1.0 on 0x${code.toString(16)}, at once`, () => {
		const { recorder, registration } = set();
		registration.register(0);
		registration.handleResponse(10, 1, answer(code));
		registration.handleResponse(20, 2, answer(code));
		assert.equal(
			recorder.requests.map((request) => request.query[2]),
			["lwm2m=1.2", "lwm2m=1.1", "lwm2m=1.0"],
		);
		registration.handleResponse(30, 3, answer(Code.Created, "rd", "1"));
		assert.equal(registration.pollEvent(), { kind: "registered", version: "1.0", location: "/rd/1", reach: undefined });
	});
}

test("refused in all versions it waits, and begins with 1.2 again", () => {
	const { recorder, registration } = set();
	registration.register(0);
	for (const exchange of [1, 2, 3]) registration.handleResponse(0, exchange, answer(Code.PreconditionFailed));
	assert.equal(registration.pollEvent(), { kind: "refused", code: Code.PreconditionFailed, retryMs: 60_000 });
	assert.is(registration.pollTimeout(), 60_000);
	registration.handleTimeout(60_000);
	assert.is(recorder.last.query[2], "lwm2m=1.2");
});

test("unanswered Registers wait 1, 2, 4, 8, 16, 16 … minutes, name the bootstrap seam and never end", () => {
	const { recorder, registration } = set();
	const waits: number[] = [];
	const kinds: string[] = [];
	let now = 0;
	registration.register(now);
	for (let exchange = 1; exchange <= 7; exchange++) {
		registration.handleFailed(now, exchange, "timeout");
		kinds.push(registration.pollEvent()!.kind);
		waits.push((registration.pollTimeout() - now) / 60_000);
		now = registration.pollTimeout();
		registration.handleTimeout(now);
	}
	assert.equal(waits, [1, 2, 4, 8, 16, 16, 16]);
	assert.is(kinds.indexOf("bootstrap-needed"), 4);
	assert.is(recorder.requests.length, 8);
});

test("the very first Register waits as /1/x/14 says, later ones do not", () => {
	const { recorder, registration, server } = set();
	server.set("initialRegistrationDelayTimer", 30);
	registration.handlePathOpened(1_000);
	assert.is(recorder.requests.length, 0);
	registration.handlePathOpened(2_000);
	assert.is(registration.pollTimeout(), 31_000);
	registration.handleTimeout(31_000);
	assert.is(recorder.requests.length, 1);
	registration.handlePathLost(32_000);
	registration.handlePathOpened(33_000);
	assert.is(recorder.requests.length, 2);
});

test("chance takes up to half of a wait away", () => {
	const model = set().model;
	const recorder = new Recorder();
	const content = { endpointName: "a", model, server: model.find(1, 0)! };
	const registration = new Registration(content, recorder as unknown as Endpoint, new FixedRandom(0xffff_ffff));
	registration.register(0);
	registration.handleFailed(0, 1, "timeout");
	assert.ok(registration.pollTimeout() >= 30_000 && registration.pollTimeout() < 30_001);
});

test("Update leaves 93 s before the end of a long lifetime, at half of a short one", () => {
	for (const [lifetime, at] of [
		[86_400, 86_307_000],
		[300, 207_000],
		[60, 30_000],
	] as const) {
		const { recorder, registration, server } = set();
		server.set("lifetime", lifetime);
		registration.register(0);
		registration.handleResponse(0, 1, answer(Code.Created, "rd", "1"));
		assert.is(registration.pollTimeout(), at);
		registration.handleTimeout(at);
		assert.is(recorder.requests.length, 2);
	}
});

test("an Update without news has neither query nor payload", () => {
	const { recorder, registration } = registered();
	registration.update(1_000, 2);
	const { query, payload, contentFormat, maxRetransmit, path } = recorder.last;
	assert.equal([query, payload, contentFormat, maxRetransmit, path], [[], undefined, undefined, 2, "/rd/5a3f"]);
	registration.handleResponse(1_100, 2, answer(Code.Changed));
	assert.equal(registration.pollEvent(), { kind: "updated", reach: undefined });
	assert.is(registration.pollTimeout(), 1_100 + 207_000);
});

test("an Update tells a new lifetime and a changed object list, once", () => {
	const { recorder, registration, server, model } = registered();
	server.set("lifetime", 600);
	model.remove(0, 0);
	registration.update(1_000, undefined);
	assert.equal(recorder.last.query, ["lt=600"]);
	assert.is(recorder.last.contentFormat, ContentFormat.LinkFormat);
	registration.handleResponse(1_100, 2, answer(Code.Changed));
	registration.update(2_000, undefined);
	assert.equal([recorder.last.query, recorder.last.payload], [[], undefined]);
});

test("an object list whose Update was lost goes with the next one", () => {
	const { recorder, registration, model } = registered();
	model.remove(0, 0);
	registration.update(1_000, undefined);
	registration.handleFailed(90_000, 2, "timeout");
	assert.equal(registration.pollEvent(), { kind: "lost" });
	registration.update(91_000, undefined);
	assert.is(recorder.last.contentFormat, ContentFormat.LinkFormat);
});

test("a lifetime whose Update was lost, with its answer or its path, goes with the next one", () => {
	for (const path of [true, false]) {
		const { recorder, registration, server } = registered();
		server.set("lifetime", 600);
		registration.handleContentChanged(1_000);
		assert.equal(recorder.last.query, ["lt=600"]);
		if (path) registration.handleFailed(90_000, 2, "timeout");
		else registration.handlePathLost(90_000);
		registration.update(91_000, undefined);
		assert.equal(recorder.last.query, ["lt=600"]);
	}
});

test("a lifetime changed while the answer is under way is told when it is there", () => {
	const { recorder, registration, server } = registered();
	registration.update(1_000, undefined);
	server.set("lifetime", 600);
	registration.handleContentChanged(1_001);
	registration.handleResponse(1_100, 2, answer(Code.Changed));
	assert.is(registration.pollTimeout(), 1_100);
	registration.handleTimeout(1_100);
	assert.equal(recorder.last.query, ["lt=600"]);
	registration.handleResponse(1_200, 3, answer(Code.Changed));
	assert.is(registration.pollTimeout(), 1_200 + 600_000 - 93_000);
});

test("a change that the server knows already asks for nothing", () => {
	const { recorder, registration, server } = registered();
	server.set("notificationStoring", false);
	registration.handleContentChanged(1_000);
	assert.is(recorder.requests.length, 1);
});

test("another binding asks for a Register, as Queue Mode is nothing that an Update tells of", () => {
	const { recorder, registration, server } = registered();
	server.set("binding", "UQ");
	registration.handleContentChanged(1_000);
	assert.equal([recorder.last.path, recorder.last.query.slice(-2)], ["/rd", ["b=U", "Q"]]);
});

test("one Update at a time", () => {
	const { recorder, registration } = registered();
	registration.update(1_000, undefined);
	registration.update(1_001, undefined);
	assert.is(recorder.requests.length, 2);
});

for (const code of [Code.NotFound, Code.BadRequest, Code.InternalServerError]) {
	test(`an Update answered by 0x${code.toString(16)} leads to Register at once`, () => {
		const { recorder, registration } = registered();
		registration.update(1_000, undefined);
		registration.handleResponse(1_100, 2, answer(code));
		assert.equal(registration.pollEvent(), { kind: "forgotten", code });
		assert.is(recorder.last.path, "/rd");
		assert.not(registration.registered);
	});
}

test("a lost path keeps the registration: the next path begins with an Update", () => {
	const { recorder, registration } = registered();
	registration.update(1_000, undefined);
	registration.handlePathLost(1_001);
	assert.equal(recorder.cancelled, [2]);
	assert.ok(registration.registered);
	assert.not(registration.handleFailed(1_001, 2, "path-changed"));
	registration.handlePathOpened(2_000);
	assert.is(recorder.last.path, "/rd/5a3f");
});

test("a path lost while registering begins with a Register, a wait is kept", () => {
	const { recorder, registration } = set();
	registration.register(0);
	registration.handlePathLost(500);
	registration.handlePathOpened(1_000);
	assert.equal([recorder.requests.length, recorder.last.path], [2, "/rd"]);
	registration.handleFailed(90_000, 2, "timeout");
	registration.handlePathOpened(91_000);
	assert.is(recorder.requests.length, 2);
});

test("De-register deletes the location and ends in any case", () => {
	for (const answered of [true, false]) {
		const { recorder, registration } = registered();
		registration.deregister(1_000);
		assert.equal([recorder.last.code, recorder.last.path], [Code.Delete, "/rd/5a3f"]);
		if (answered) registration.handleResponse(1_100, 2, answer(Code.Deleted));
		else registration.handleFailed(20_000, 2, "timeout");
		assert.equal(registration.pollEvent(), { kind: "deregistered" });
		assert.is(registration.pollTimeout(), Number.POSITIVE_INFINITY);
	}
});

test("De-register during an Update lets go of the Update", () => {
	const { recorder, registration } = registered();
	registration.update(1_000, undefined);
	registration.deregister(1_001);
	assert.equal(recorder.cancelled, [2]);
	assert.is(recorder.last.code, Code.Delete);
});

test("De-register during a Register deletes what the answer names", () => {
	const { recorder, registration } = set();
	registration.register(0);
	registration.deregister(100);
	assert.is(registration.pollEvent(), undefined);
	assert.is(recorder.requests.length, 1);
	registration.handleResponse(200, 1, answer(Code.Created, "rd", "7"));
	assert.equal([recorder.last.code, recorder.last.path], [Code.Delete, "/rd/7"]);
	assert.not(registration.registered);
	registration.handleResponse(300, 2, answer(Code.Deleted));
	assert.equal(registration.pollEvent(), { kind: "deregistered" });
});

test("De-register during a Register waits 14 s for its answer, no longer", () => {
	const { recorder, registration } = set();
	registration.register(0);
	registration.deregister(100);
	assert.is(registration.pollTimeout(), 14_100);
	registration.handleTimeout(14_100);
	assert.equal(registration.pollEvent(), { kind: "deregistered" });
	assert.equal(recorder.cancelled, [1]);
});

test("De-register during a Register that is refused or unanswered ends with it", () => {
	for (const answered of [true, false]) {
		const { recorder, registration } = set();
		registration.register(0);
		registration.deregister(100);
		if (answered) registration.handleResponse(200, 1, answer(Code.PreconditionFailed));
		else registration.handleFailed(93_000, 1, "timeout");
		assert.equal(registration.pollEvent(), { kind: "deregistered" });
		assert.is(recorder.requests.length, 1);
		assert.is(registration.pollTimeout(), Number.POSITIVE_INFINITY);
	}
});

test("De-register of what was never registered ends at once", () => {
	const { recorder, registration } = set();
	registration.deregister(0);
	assert.equal(registration.pollEvent(), { kind: "deregistered" });
	assert.is(recorder.requests.length, 0);
});

test("a full queue is no failure of the server: Update tries again soon", () => {
	const { recorder, registration } = registered();
	recorder.full = true;
	registration.update(1_000, undefined);
	assert.is(registration.pollTimeout(), 3_000);
	recorder.full = false;
	registration.handleTimeout(3_000);
	assert.is(recorder.last.path, "/rd/5a3f");
});

test.run();
