// What servers wrote, created and deleted, kept across power cuts: one record of the store for each instance.

import { encodeText } from "../bytes.js";
import { Code } from "../coap/codes.js";
import { hashBytes } from "../coap/hash.js";
import type { Store } from "../contract.js";
import { ServiceEvents } from "./events.js";
import { DEFERRED, Handlers } from "./handlers.js";
import type { Instance } from "./instance.js";
import { decodeRecord, encodeRecord, hashOf, isRecord, Kind, kindOf, type RecordValues } from "./instance-record.js";
import type { Creatable, Model } from "./model.js";
import type { ObjectDefinition, StoredValue } from "./object.js";
import { Security } from "./objects/security.js";
import { Server } from "./objects/server.js";
import { Path, parsePath } from "./path.js";

/** Keeps a model in a store. Before `restore` the application has made what it always makes. */
export class Persistence {
	readonly #model: Model;
	readonly #store: Store;
	/** Keys of records that should not be there, and could not be deleted. */
	#stale: string[] | undefined;

	constructor(model: Model, store: Store) {
		this.#model = model;
		this.#store = store;
	}

	/** Carries out anew what servers did before; from then on all that they do is kept. */
	restore(): void {
		const keys = this.#store.keys();
		for (let i = 0; i < keys.length; i++) {
			const path = parsePath(keys[i]!);
			const record = path?.depth === 2 ? this.#store.read(keys[i]!) : undefined;
			if (record !== undefined && isRecord(record)) this.restoreInstance(path!, record);
		}
		this.#model.persistence = this;
	}

	/** Keeps a value that a server writes, before anybody is told that it was. Throws what the store throws. */
	keep(instance: Instance, index: number, value: StoredValue | null): void {
		if (!instance.definition.table[index]!.persistent) return;
		const key = keyOf(instance);
		const place = this.#stale?.indexOf(key) ?? -1;
		const old = place >= 0 ? undefined : this.#store.read(key);
		const kind = old !== undefined && kindOf(old) === Kind.created ? Kind.created : Kind.written;
		const hash = old === undefined ? this.provisionHash(instance) : hashOf(old);
		this.#store.write(key, encodeRecord(kind, hash, instance, index, value));
		if (place >= 0) this.#stale!.splice(place, 1);
	}

	/** Keeps an instance that a server creates. */
	keepCreated(instance: Instance): void {
		if (!isPersistent(instance.definition)) return;
		const key = keyOf(instance);
		const old = this.#store.read(key);
		// What was deleted before is made by the application, at the next start too.
		const kind = old !== undefined && kindOf(old) === Kind.deleted ? Kind.written : Kind.created;
		this.#store.write(key, encodeRecord(kind, 0, instance, -1, null));
	}

	/** Keeps that a server deletes an instance. */
	keepDeleted(instance: Instance): void {
		if (!isPersistent(instance.definition)) return;
		const key = keyOf(instance);
		const old = this.#store.read(key);
		if (old !== undefined && kindOf(old) === Kind.created) this.#store.delete(key);
		else this.#store.write(key, encodeRecord(Kind.deleted, 0, instance, -1, null));
	}

	/** Forgets all that servers did: the next start finds what the application makes. */
	clear(): void {
		const keys = this.#store.keys();
		for (let i = 0; i < keys.length; i++) if (parsePath(keys[i]!)?.depth === 2) this.#store.delete(keys[i]!);
	}

	private restoreInstance({ objectId, instanceId }: Path, record: Uint8Array): void {
		const instance = this.#model.find(objectId, instanceId);
		const creatable = this.#model.creatable(objectId);
		// As a server would: the application hears of it, and may refuse what it does not want any more.
		const handlers = new Handlers(this.#model, new ServiceEvents());
		if (kindOf(record) === Kind.deleted) {
			if (instance === undefined || creatable === undefined) return;
			if (handlers.delete(instance) === Code.Changed) this.#model.remove(objectId, instanceId);
			return;
		}
		const values = decodeRecord(this.#model, objectId, instanceId, record);
		if (values === undefined) return;
		if (instance !== undefined) this.writeAnew(handlers, instance, record, values);
		else if (creatable !== undefined && kindOf(record) === Kind.created)
			this.createAnew(handlers, creatable, instanceId, values);
	}

	private writeAnew(handlers: Handlers, instance: Instance, record: Uint8Array, values: RecordValues): void {
		if (hashOf(record) !== this.provisionHash(instance)) return this.forget(instance);
		const { table } = instance.definition;
		for (let index = 0; index < table.length; index++) {
			const value = values[table[index]!.name];
			if (value === undefined || instance.values[index] === undefined) continue;
			if (value === null) instance.store(index, null);
			else if (handlers.write(instance, index, value) === DEFERRED) {
				handlers.dropDeferral();
				instance.store(index, value);
			}
		}
	}

	/** Provisioned anew, an account is as it was provisioned. */
	private forget(instance: Instance): void {
		const key = keyOf(instance);
		try {
			this.#store.delete(key);
		} catch {
			// The record is passed over at each start until it can be deleted.
			this.#stale ??= [];
			this.#stale.push(key);
		}
	}

	private createAnew(handlers: Handlers, creatable: Creatable, instanceId: number, kept: RecordValues): void {
		const { definition } = creatable;
		const values: Record<string, StoredValue | null> = {};
		for (let index = 0; index < definition.table.length; index++) {
			const { name, mandatory } = definition.table[index]!;
			const value = kept[name] ?? creatable.values[name] ?? (mandatory ? null : undefined);
			if (value !== undefined) values[name] = value;
		}
		if (handlers.create(creatable, instanceId, values) === Code.Changed)
			this.#model.insert(definition, instanceId, values, creatable.handler);
	}

	/**
	 * What an account was provisioned with, as a hash; 0 for any other instance. Only while its values are still those,
	 * that is: before the first record of it.
	 */
	private provisionHash(instance: Instance): number {
		if (instance.definition.objectId !== Server.objectId) return 0;
		let hash = 0;
		const { instances } = this.#model;
		for (let i = 0; i < instances.length; i++) {
			const security = instances[i]!;
			if (security.definition.objectId !== Security.objectId) continue;
			if (security.get("shortServerId") !== instance.get("shortServerId")) continue;
			const uri = encodeText(security.get("serverUri") as string);
			hash = hashBytes(hash, uri, 0, uri.length);
		}
		const values = encodeRecord(Kind.written, 0, instance, -1, null);
		return hashBytes(hash, values, 0, values.length);
	}
}

/** Whether anything of an object is kept at all. */
function isPersistent(definition: ObjectDefinition): boolean {
	for (let i = 0; i < definition.table.length; i++) if (definition.table[i]!.persistent) return true;
	return false;
}

/** The key of an instance's record: its path as text. */
function keyOf({ definition, instanceId }: Instance): string {
	return new Path().set(definition.objectId, instanceId, -1, -1).toString();
}
