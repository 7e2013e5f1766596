// A case of OMA's enabler test specification, and what may be said about it.

import { assert, suite } from "#suite";
import type { Answer, ApiNode } from "../driver.js";
import type { BackendName, Lab } from "../lab.js";

/** One case. All of them know the specification's titles only, not its texts. */
export interface Case {
	/** N of LightweightM2M-1.x-int-N; a letter where we have more than one test for it. */
	readonly id: string;
	readonly title: string;
	/** Where another server would have to be waited for too long. */
	readonly only?: BackendName;
	run(lab: Lab): Promise<void>;
}

/** Thrown where the device or back end does not have a feature yet. */
export class NotYet extends Error {}

/** What a device answers to an operation or format that it does not have, and what our back end says of its own. */
const LACKS = [
	/^(METHOD_NOT_ALLOWED|NOT_ACCEPTABLE|UNSUPPORTED_CONTENT_FORMAT|NOT_IMPLEMENTED)\(/,
	/not there yet|cannot hold|no content format/,
];

/** A feature that is missing is no failure: it is noted under the test's name, and docs/conformance.md shows it. */
export async function orNotYet(name: string, body: () => Promise<void>): Promise<void> {
	try {
		await body();
	} catch (error) {
		if (!(error instanceof NotYet)) throw error;
		suite.record(name, `not yet: ${error.message}`);
	}
}

/** The answer, unless it says that the feature is missing. */
export function unlessMissing(answer: Answer): Answer {
	if (LACKS.some((pattern) => pattern.test(answer.status))) throw new NotYet(answer.status);
	return answer;
}

/** The device answered so. */
export function answered(answer: Answer, status: string): Answer {
	assert.is(answer.status, status, `HTTP ${answer.httpStatus}: ${answer.text}`);
	assert.is(answer.httpStatus, 200);
	assert.is(answer.success, /\(2\d\d\)$/.test(status));
	return answer;
}

/** The content of a successful Read or Observe. */
export function content(answer: Answer): ApiNode {
	answered(answer, "CONTENT(205)");
	assert.ok(answer.content, answer.text);
	return answer.content;
}

/** The resource of an instance, by its number: their order is nobody's promise. */
export function resource(instance: ApiNode, id: number): ApiNode {
	assert.is(instance.kind, "instance");
	const found = instance.resources?.find((one) => one.id === id);
	assert.ok(found, `no resource ${id} in ${JSON.stringify(instance)}`);
	return found;
}

/** The numbers of an instance's resources, ascending. */
export function resourceIds(instance: ApiNode): number[] {
	return (instance.resources ?? []).map((one) => one.id ?? -1).sort((left, right) => left - right);
}

/** The only instance of an object. */
export function onlyInstance(object: ApiNode): ApiNode {
	assert.is(object.kind, "obj");
	assert.is(object.instances?.length, 1);
	return object.instances![0]!;
}

/** A number that the API shows as decimal text: "20" here and "20.0" there. */
export function decimal(node: ApiNode): number {
	assert.type(node.value, "string");
	assert.ok(/^-?\d+(\.\d+)?(E-?\d+)?$/.test(String(node.value)), String(node.value));
	return Number(node.value);
}

export function single(id: number, type: string, value: unknown): ApiNode {
	return { kind: "singleResource", id, type, value };
}
