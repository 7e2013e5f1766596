// The objects as the console reads and writes them: with the rights of a server, no more, and through its handlers.

import { encodeText } from "../bytes.js";
import { Code, codeText } from "../coap/codes.js";
import type { Answer, ConsoleValue, Refusal } from "../console/target.js";
import type { Instant } from "../contract.js";
import { limits } from "../limits.js";
import { ServiceEvents } from "../lwm2m/events.js";
import { toBase64 } from "../lwm2m/formats/base64.js";
import type { Value, ValueType } from "../lwm2m/formats/format.js";
import { readText } from "../lwm2m/formats/text.js";
import { DEFERRED, Handlers } from "../lwm2m/handlers.js";
import { fits, type Instance } from "../lwm2m/instance.js";
import type { Model } from "../lwm2m/model.js";
import type { StoredValue } from "../lwm2m/object.js";
import { type Path, parsePath } from "../lwm2m/path.js";
import { isSecret } from "../lwm2m/registration-links.js";

const NO_PATH = "a path is needed, such as /3/0/0";
const SECRET = "this object holds secrets";

export class Objects {
	readonly #model: Model;
	readonly #events = new ServiceEvents();
	readonly #handlers: Handlers;

	constructor(model: Model) {
		this.#model = model;
		this.#handlers = new Handlers(model, this.#events);
	}

	/** Puts the values of an object, an instance, a resource or a resource instance under their full paths. */
	read(now: Instant, text: string, answer: Answer): Refusal {
		const path = parsePath(text);
		if (path === undefined || path.depth === 0) return NO_PATH;
		if (isSecret(path.objectId)) return SECRET;
		if (path.depth === 1 && this.#model.hasInstance(path.objectId)) return this.readObject(now, path, answer);
		const instance = this.#model.find(path.objectId, path.instanceId);
		if (instance === undefined) return `${text} is not there`;
		if (path.depth === 2) return this.readInstance(now, instance, answer);
		const index = instance.indexOf(path.resourceId);
		if (instance.values[index] === undefined) return `${text} is not there`;
		if (!instance.definition.table[index]!.readable) return `${text} cannot be read`;
		return this.readResource(now, instance, index, path.resourceInstanceId, answer);
	}

	private readObject(now: Instant, path: Path, answer: Answer): Refusal {
		const { instances } = this.#model;
		for (let i = 0; i < instances.length; i++)
			if (instances[i]!.definition.objectId === path.objectId) this.readInstance(now, instances[i]!, answer);
		return undefined;
	}

	/** What has no value now is left out, as a server's Read leaves it out. */
	private readInstance(now: Instant, instance: Instance, answer: Answer): Refusal {
		const { table } = instance.definition;
		for (let i = 0; i < table.length; i++)
			if (table[i]!.readable && instance.values[i] !== undefined) this.readResource(now, instance, i, -1, answer);
		return undefined;
	}

	/** A resource instance of -1 stands for all. */
	private readResource(now: Instant, instance: Instance, index: number, only: number, answer: Answer): Refusal {
		const { definition, instanceId } = instance;
		const resource = definition.table[index]!;
		const path = `/${definition.objectId}/${instanceId}/${resource.id}`;
		const handlers = this.#handlers;
		const code = handlers.read(now, instance, index);
		if (code === DEFERRED) {
			handlers.dropDeferral();
			return `${path} is not known at once`;
		}
		if (code !== Code.Content) return this.refusal(path, code);
		if (handlers.value === null) return `${path} has no value`;
		return put(answer, path, handlers.value, only);
	}

	/** Writes one value as a server's Write would, with all its effects. */
	write(now: Instant, text: string, value: ConsoleValue): Refusal {
		const path = parsePath(text);
		if (path === undefined || path.depth < 3) return NO_PATH;
		if (isSecret(path.objectId)) return SECRET;
		const instance = this.#model.find(path.objectId, path.instanceId);
		const index = instance?.indexOf(path.resourceId) ?? -1;
		if (instance === undefined || instance.values[index] === undefined) return `${text} is not there`;
		const resource = instance.definition.table[index]!;
		if (!resource.writable) return `${text} cannot be written`;
		if (resource.multiple !== (path.depth === 4)) return NO_PATH;
		const parsed = readText(encodeText(asText(value, resource.type)), resource.type);
		const stored = parsed === undefined ? undefined : stateOf(instance.values[index], path, parsed);
		if (stored === undefined || !fits(resource, stored)) return `${text} cannot hold that`;
		const code = this.#handlers.write(instance, index, stored);
		if (code !== DEFERRED) return code === Code.Changed ? this.obey(now) : this.refusal(text, code);
		this.#handlers.dropDeferral();
		return `${text} is not written at once`;
	}

	/** What a Write means to the device itself; the lifetime comes to the agent as a change of the model. */
	private obey(now: Instant): Refusal {
		for (let event = this.#events.poll(); event !== undefined; event = this.#events.poll())
			if (event.kind === "time") this.#model.handleTime(now, event.unixSeconds);
		return undefined;
	}

	private refusal(path: string, code: number): Refusal {
		const event = this.#events.poll();
		return event?.kind === "handler-failed" ? `${path}: ${event.error}` : `${path} was refused with ${codeText(code)}`;
	}
}

/** Text as in text/plain, where a boolean is 0 or 1. */
function asText(value: ConsoleValue, type: ValueType): string {
	const text = String(value);
	if (type !== "boolean") return text;
	return text === "true" ? "1" : text === "false" ? "0" : text;
}

/** The new state of a resource; undefined where there may be no such resource instance. */
function stateOf(old: StoredValue | null | undefined, path: Path, value: Value): StoredValue | undefined {
	if (path.depth === 3) return value;
	if (path.resourceInstanceId >= limits.resourceInstanceCount) return undefined;
	const values: Value[] = Array.isArray(old) ? old.slice() : [];
	values[path.resourceInstanceId] = value;
	return values;
}

function put(answer: Answer, path: string, value: StoredValue, only: number): Refusal {
	if (!Array.isArray(value)) {
		if (only >= 0) return `${path}/${only} is not there`;
		return putValue(answer, path, value as Value);
	}
	let found = false;
	for (let i = 0; i < value.length; i++) {
		if (value[i] === undefined || (only >= 0 && i !== only)) continue;
		putValue(answer, `${path}/${i}`, value[i]!);
		found = true;
	}
	return found || only < 0 ? undefined : `${path}/${only} is not there`;
}

function putValue(answer: Answer, name: string, value: Value): undefined {
	if (typeof value === "number") answer.number(name, value);
	else if (typeof value === "boolean") answer.flag(name, value);
	else answer.text(name, typeof value === "string" ? value : toBase64(value));
	return undefined;
}
