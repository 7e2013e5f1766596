// Where a value lives: object, instance, resource, resource instance; -1 stands for an absent level.

import type { Message } from "../coap/endpoint.js";

/** RFC 7252, 5.10: the option that carries one segment of the path. */
const URI_PATH = 11;
/** LwM2M Core, 7.1: 65535 is MAX_ID, reserved and never an identifier. */
const MAX_ID = 65535;

/** A mutable path, so that one of them serves as the reader's or the walker's scratch for ever. */
export class Path {
	objectId = -1;
	instanceId = -1;
	resourceId = -1;
	resourceInstanceId = -1;

	set(objectId: number, instanceId: number, resourceId: number, resourceInstanceId: number): this {
		this.objectId = objectId;
		this.instanceId = instanceId;
		this.resourceId = resourceId;
		this.resourceInstanceId = resourceInstanceId;
		return this;
	}

	copy(path: Path): this {
		return this.set(path.objectId, path.instanceId, path.resourceId, path.resourceInstanceId);
	}

	/** How many levels are present: 0 is the root, 1 an object, 4 a resource instance. */
	get depth(): number {
		if (this.objectId < 0) return 0;
		if (this.instanceId < 0) return 1;
		if (this.resourceId < 0) return 2;
		return this.resourceInstanceId < 0 ? 3 : 4;
	}

	/** The level counted from 0: object, instance, resource, resource instance. */
	at(level: number): number {
		if (level === 0) return this.objectId;
		if (level === 1) return this.instanceId;
		return level === 2 ? this.resourceId : this.resourceInstanceId;
	}

	/** Appends one level; false when it is no identifier or all four are present. */
	push(id: number): boolean {
		const depth = this.depth;
		if (id < 0 || id >= MAX_ID || depth === 4) return false;
		if (depth === 0) this.objectId = id;
		else if (depth === 1) this.instanceId = id;
		else if (depth === 2) this.resourceId = id;
		else this.resourceInstanceId = id;
		return true;
	}

	/** True when the other path is this one or lies below it. */
	contains(path: Path): boolean {
		return (
			(this.objectId < 0 || this.objectId === path.objectId) &&
			(this.instanceId < 0 || this.instanceId === path.instanceId) &&
			(this.resourceId < 0 || this.resourceId === path.resourceId) &&
			(this.resourceInstanceId < 0 || this.resourceInstanceId === path.resourceInstanceId)
		);
	}

	/** Takes the path of a request (Uri-Path); false when it is no LwM2M path. Allocates nothing. */
	fromMessage(message: Message): boolean {
		this.set(-1, -1, -1, -1);
		const count = message.count(URI_PATH);
		for (let i = 0; i < count; i++) if (!this.push(message.decimal(URI_PATH, i))) return false;
		return true;
	}

	/** Takes "/3/0/9"; "/" and "" are the root; false when it is no LwM2M path. */
	fromText(text: string): boolean {
		this.set(-1, -1, -1, -1);
		if (text === "" || text === "/") return true;
		let at = 0;
		while (at < text.length) {
			if (text.charCodeAt(at++) !== SLASH) return false;
			const start = at;
			let id = 0;
			while (at < text.length && isDigit(text.charCodeAt(at))) id = id * 10 + text.charCodeAt(at++) - ZERO;
			const leadingZero = at - start > 1 && text.charCodeAt(start) === ZERO;
			if (at === start || at - start > 5 || leadingZero || !this.push(id)) return false;
		}
		return true;
	}

	toString(): string {
		const { objectId, instanceId, resourceId, resourceInstanceId } = this;
		let text = "/";
		if (objectId >= 0) text += objectId;
		if (instanceId >= 0) text += SEPARATOR + instanceId;
		if (resourceId >= 0) text += SEPARATOR + resourceId;
		if (resourceInstanceId >= 0) text += SEPARATOR + resourceInstanceId;
		return text;
	}
}

const SEPARATOR = "/";
const SLASH = 0x2f;
const ZERO = 0x30;

function isDigit(code: number): boolean {
	return code >= ZERO && code <= 0x39;
}

/** A fresh path from "/3/0/9", or undefined where the text is none. */
export function parsePath(text: string): Path | undefined {
	const path = new Path();
	return path.fromText(text) ? path : undefined;
}
