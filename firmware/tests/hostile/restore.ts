// After an attack: what the enemy changed by valid operations, other valid operations bring to a fixed state.

import { encodeText } from "../../bytes.js";
import { Code } from "../../coap/codes.js";
import { ContentFormat, Option } from "../../coap/options.js";
import { limits } from "../../limits.js";
import { encoderFor } from "../../lwm2m/formats/codec.js";
import type { Value, ValueType } from "../../lwm2m/formats/format.js";
import { parsePath } from "../../lwm2m/path.js";
import { message, type OptionValue } from "./message.js";
import type { Target } from "./target.js";

/** Each resource that a server may write, with the value that it shall have. */
const VALUES: readonly (readonly [path: string, type: ValueType, value: Value])[] = [
	["/1/0/1", "integer", 86_400],
	["/1/0/2", "integer", 0],
	["/1/0/3", "integer", 0],
	["/1/0/5", "integer", 5],
	["/1/0/6", "boolean", true],
	["/1/0/7", "string", "U"],
	["/3303/1/5750", "string", ""],
	["/3306/0/5850", "boolean", false],
	["/3306/0/5851", "integer", 30],
	["/42/0/0", "string", "s"],
	["/42/0/2", "opaque", new Uint8Array(2)],
	["/42/0/4", "objectLink", "3303:0"],
	["/42/0/5", "string", "cabinet"],
	["/42/0/7", "unsigned", 0],
];

/** No value: the attribute goes. */
const NO_ATTRIBUTES = ["pmin", "pmax", "gt", "lt", "st", "epmin", "epmax", "edge", "con", "hqmax"].map(
	(name): OptionValue => [Option.UriQuery, name],
);

/** Brings a device to one state, whatever was asked of it: values, instances, attributes, observations. */
export function restore(target: Target): void {
	let messageId = 0x8000;
	const ask = (code: number, path: string, options: readonly OptionValue[], payload?: Uint8Array): void => {
		const parts = { code, path, options, messageId: messageId++, token: "0d" };
		target.receive(message(payload === undefined ? parts : { ...parts, payload }));
	};
	for (const { definition, instanceId } of target.model.instances.slice())
		if (definition.objectId === 42 && instanceId !== 0) ask(Code.Delete, `/42/${instanceId}`, []);
	for (const [path, type, value] of VALUES) {
		const encoder = encoderFor(ContentFormat.SenmlCbor, new Uint8Array(64), parsePath(path)!)!;
		encoder.add(parsePath(path)!, type, value);
		ask(Code.Put, path, [[Option.ContentFormat, ContentFormat.SenmlCbor]], encoder.finish()!);
	}
	ask(Code.Put, "/42/0/3", [[Option.ContentFormat, ContentFormat.SenmlJson]], encodeText("[]"));
	ask(Code.Post, "/3/0/12", []);
	for (const { definition, instanceId, values } of target.model.instances) {
		ask(Code.Put, `/${definition.objectId}`, NO_ATTRIBUTES);
		ask(Code.Put, `/${definition.objectId}/${instanceId}`, NO_ATTRIBUTES);
		for (const [index, { id }] of definition.table.entries()) {
			if (values[index] !== undefined) ask(Code.Put, `/${definition.objectId}/${instanceId}/${id}`, NO_ATTRIBUTES);
		}
	}
	for (let i = 0; i < limits.resourceInstanceCount; i++) ask(Code.Put, `/42/0/3/${i}`, NO_ATTRIBUTES);
	for (const path of ["/3/0/6/0", "/3/0/6/1", "/3/0/11/0"]) ask(Code.Put, path, NO_ATTRIBUTES);
	target.startAgain();
}
