// Resources of the standard objects that mean something to the device itself, whatever the application does with them.

import type { ServiceEvent } from "./events.js";
import type { Instance } from "./instance.js";
import type { Model } from "./model.js";
import type { StoredValue } from "./object.js";
import { Device } from "./objects/device.js";
import { Server } from "./objects/server.js";

const REBOOT: ServiceEvent = Object.freeze({ kind: "reboot" });
const FACTORY_RESET: ServiceEvent = Object.freeze({ kind: "factory-reset" });

function isResource(instance: Instance, index: number, objectId: number, resourceId: number): boolean {
	return instance.definition.objectId === objectId && instance.definition.table[index]!.id === resourceId;
}

/** /3/0/13 is read from the clock of the model, which runs, and not from what was written. */
export function isClock(instance: Instance, index: number): boolean {
	return isResource(instance, index, Device.objectId, Device.resources.currentTime.id);
}

/** /3/0/12 needs nobody to carry it out. */
export function resetsErrorCode(instance: Instance, index: number): boolean {
	return isResource(instance, index, Device.objectId, Device.resources.resetErrorCode.id);
}

/** What an Execute asks of the agent; undefined: nothing. */
export function executeEvent(instance: Instance, index: number, argument: string): ServiceEvent | undefined {
	const { reboot, factoryReset } = Device.resources;
	if (isResource(instance, index, Device.objectId, reboot.id)) return REBOOT;
	if (isResource(instance, index, Device.objectId, factoryReset.id)) return FACTORY_RESET;
	const { registrationUpdateTrigger, disable } = Server.resources;
	const shortServerId = shortServerIdOf(instance);
	if (isResource(instance, index, Server.objectId, registrationUpdateTrigger.id))
		return { kind: "registration-update-trigger", shortServerId, binding: bindingIn(argument) };
	if (isResource(instance, index, Server.objectId, disable.id)) return { kind: "disable", shortServerId };
	return undefined;
}

/** LwM2M Core 1.2, /1/x/8: the argument 0 may name a binding, as in `0='T'`; what else it says is nothing to us. */
function bindingIn(argument: string): "U" | "T" | undefined {
	if (argument.startsWith("0='U'")) return "U";
	return argument.startsWith("0='T'") ? "T" : undefined;
}

/** What a Write asks of the agent; undefined: nothing. */
export function writeEvent(instance: Instance, index: number, value: StoredValue | null): ServiceEvent | undefined {
	if (typeof value !== "number") return undefined;
	if (isClock(instance, index)) return { kind: "time", unixSeconds: value };
	if (isResource(instance, index, Server.objectId, Server.resources.lifetime.id))
		return { kind: "lifetime", shortServerId: shortServerIdOf(instance), seconds: value };
	return undefined;
}

/** The Short Server ID of a Server instance, 0 for any other object. */
export function shortServerIdOf(instance: Instance): number {
	return instance.definition.objectId === Server.objectId ? (instance.get("shortServerId") as number) : 0;
}

/** The Server instance (/1/x) of a server. */
export function serverInstance(model: Model, shortServerId: number): Instance | undefined {
	for (let i = 0; i < model.instances.length; i++) {
		const instance = model.instances[i]!;
		if (instance.definition.objectId !== Server.objectId) continue;
		if (instance.get("shortServerId") === shortServerId) return instance;
	}
	return undefined;
}
