// A request, or a notification, whose answer waits for handlers that said Later.

import { EXCHANGE_LIFETIME } from "../coap/constants.js";
import type { Instant } from "../contract.js";
import { limits } from "../limits.js";
import type { AttributeSet } from "./attributes.js";
import type { Operation } from "./events.js";
import type { Instance } from "./instance.js";
import type { Later, Status, StoredValue } from "./object.js";
import { Path } from "./path.js";

/** What a Later came to: a value for a Read (null: there is none now), a Status for a Write, an Execute or a fault. */
export type Result = { readonly value: StoredValue | null } | Status;

interface Item {
	readonly later: number;
	readonly instance: Instance;
	/** The place of the resource in the definition's table. */
	readonly index: number;
	/** What a Write will store when it has succeeded. */
	readonly value: StoredValue | undefined;
	result: Result | undefined;
}

/** Bounded: a request that would wait for more than limits.laterCount resources is answered with 5.03. */
export class Deferral {
	readonly items: Item[] = [];
	/** Of the request: what is needed to answer it in the end. */
	readonly path = new Path();
	operation: Operation = "read";
	exchange = 0;
	contentFormat = 0;
	/** Attributes that came with an Observe. */
	requested: AttributeSet | undefined = undefined;
	/** Of a composite operation that reads. */
	paths: readonly Path[] | undefined = undefined;
	expiresAt: Instant = Infinity;

	/** Keeps what is needed to answer; after EXCHANGE_LIFETIME the peer has long given up. */
	begin(
		now: Instant,
		exchange: number,
		operation: Operation,
		path: Path,
		contentFormat: number,
		requested: AttributeSet | undefined,
	): void {
		this.exchange = exchange;
		this.operation = operation;
		this.path.copy(path);
		this.contentFormat = contentFormat;
		this.requested = requested;
		this.expiresAt = now + EXCHANGE_LIFETIME;
	}

	/** False: too many. */
	add(later: Later, instance: Instance, index: number, value: StoredValue | undefined): boolean {
		if (this.items.length >= limits.laterCount) return false;
		this.items.push({ later: later.later, instance, index, value, result: undefined });
		return true;
	}

	/** Whether it is values that are waited for, to be told. */
	get reads(): boolean {
		switch (this.operation) {
			case "write":
			case "execute":
			case "delete":
			case "write-composite":
				return false;
			default:
				return true;
		}
	}

	/** The item that waits for this result; its `result` is to be set. */
	waitsFor(later: Later): Item | undefined {
		for (let i = 0; i < this.items.length; i++) {
			const item = this.items[i]!;
			if (item.later === later.later && item.result === undefined) return item;
		}
		return undefined;
	}

	get settled(): boolean {
		for (let i = 0; i < this.items.length; i++) if (this.items[i]!.result === undefined) return false;
		return true;
	}

	/** The result for one resource, when it is one of those put off. */
	resultOf(instance: Instance, index: number): Result | undefined {
		for (let i = 0; i < this.items.length; i++) {
			const item = this.items[i]!;
			if (item.instance === instance && item.index === index) return item.result;
		}
		return undefined;
	}

	/** How a Write or Execute ended: the first fault among the results, "changed" when there is none. */
	get status(): Status {
		for (let i = 0; i < this.items.length; i++) {
			const result = this.items[i]!.result;
			if (typeof result !== "string") return "internal-error";
			if (result !== "changed") return result;
		}
		return "changed";
	}
}

/** All that one server waits for. */
export class Deferrals {
	readonly #deferrals: Deferral[] = [];

	/** False: there are too many. */
	add(deferral: Deferral): boolean {
		if (this.#deferrals.length >= limits.laterCount) return false;
		this.#deferrals.push(deferral);
		return true;
	}

	/** The one that waits for this result. */
	find(later: Later): Deferral | undefined {
		for (let i = 0; i < this.#deferrals.length; i++) if (this.#deferrals[i]!.waitsFor(later)) return this.#deferrals[i];
		return undefined;
	}

	remove(exchange: number): void {
		for (let i = 0; i < this.#deferrals.length; i++)
			if (this.#deferrals[i]!.exchange === exchange) {
				this.#deferrals.splice(i, 1);
				return;
			}
	}

	/** Takes one that has waited too long. */
	takeExpired(now: Instant): Deferral | undefined {
		for (let i = 0; i < this.#deferrals.length; i++)
			if (this.#deferrals[i]!.expiresAt <= now) return this.#deferrals.splice(i, 1)[0];
		return undefined;
	}

	pollTimeout(): Instant {
		let at: Instant = Infinity;
		for (let i = 0; i < this.#deferrals.length; i++) at = Math.min(at, this.#deferrals[i]!.expiresAt);
		return at;
	}
}
