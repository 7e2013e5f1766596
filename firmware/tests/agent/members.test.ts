import { assert, suite } from "#suite";
import { encodeText } from "../../bytes.js";
import { Code } from "../../coap/codes.js";
import { ContentFormat } from "../../coap/options.js";
import { encodePaths } from "../../lwm2m/formats/paths.js";
import { Actuation } from "../../lwm2m/objects/actuation.js";
import { Temperature } from "../../lwm2m/objects/temperature.js";
import { parsePath } from "../../lwm2m/path.js";
import { Lab } from "./lab.js";

const test = suite("agent/members");

test("LightweightM2M-1.1-int-270 and 290: what a server creates or deletes is told by an Update", () => {
	const lab = new Lab(Number.POSITIVE_INFINITY, undefined, (model) => model.allowCreate(Temperature, 3, {}));
	lab.run(1000);
	for (const [code, path, answer] of [
		[Code.Post, "/3303", "2.1"],
		[Code.Delete, "/3303/1", "2.2"],
	] as const) {
		const at = lab.now;
		lab.ask({ code, path });
		lab.run(1000);
		const seen = lab.since(at);
		assert.ok(seen[0]?.startsWith(answer), seen.join());
		assert.ok(seen[1]?.startsWith("POST /rd/"), seen.join());
		assert.is(seen.length, 2, seen.join());
	}
});

test("LightweightM2M-1.1-int-229, 230 and 304: composite operations go over the wire", () => {
	const lab = new Lab(Number.POSITIVE_INFINITY, undefined, (model) => model.add(Actuation, 0, { onOff: false }));
	lab.run(1000);
	const payload = new Uint8Array(256);
	const paths = [parsePath("/3303/0/5700")!, parsePath("/3306/0")!];
	const names = encodePaths(ContentFormat.SenmlJson, paths, payload)!.slice();
	const both = { path: "", contentFormat: ContentFormat.SenmlJson };
	lab.ask({ ...both, code: Code.Fetch, accept: ContentFormat.SenmlJson, observe: 0, payload: names });
	lab.run(1000);
	lab.ask({ ...both, code: Code.IPatch, payload: encodeText('[{"n":"/3306/0/5850","vb":true}]') });
	lab.run(1000);
	lab.change(22);
	lab.run(1000);
	const told = (on: boolean, value: number) =>
		`2.5 [{"n":"/3303/0/5700","v":${value}},{"n":"/3306/0/5850","vb":${on}}]`;
	const seen = lab.since(1000);
	assert.equal(seen.sort(), [told(false, 21.5), told(true, 21.5), told(true, 22), "2.4"].sort());
});

test("what changes without a network is told after the Update on the new path, not before", () => {
	const lab = new Lab(Number.POSITIVE_INFINITY);
	lab.run(1000);
	lab.ask({ path: "/3303/0/5700", observe: 0 });
	lab.run(1000);
	lab.agent.handleNetwork(lab.now, undefined);
	lab.change(30);
	lab.change(31);
	lab.run(60_000);
	const at = lab.now;
	lab.agent.handleNetwork(at, "home");
	lab.run(5000);
	assert.equal(lab.since(at), ["POST /rd/1", "2.5 31"]);
});

test.run();
