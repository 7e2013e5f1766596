// The trigger that an SMS carries: CoAP as 8-bit data that asks a device for an Update (LwM2M Core 1.2, /1/x/8 and 21).

import { Code } from "../../firmware/coap/codes.js";
import { Encoder } from "../../firmware/coap/encoder.js";
import { Option } from "../../firmware/coap/options.js";
import type { Random } from "../../firmware/contract.js";
import type { Association } from "./contexts.js";
import { instancesOf, rootPath } from "./links.js";
import type { Registration } from "./registration.js";

/** 3GPP TS 23.040, 9.2.3.24. */
const SMS_LENGTH = 140;
const SERVER_OBJECT = 1;

/**
 * An Execute of /1/x/8, sealed where the device has keys. It is a NON without a token: no message answers it. Undefined
 * where the device has keys and has agreed on none with this back end yet.
 */
export function encodeTrigger(
	random: Random,
	instanceId: number,
	keys: Association | undefined,
): Uint8Array | undefined {
	const plain = new Uint8Array(SMS_LENGTH);
	const encoder = new Encoder();
	encoder.target(plain);
	encoder.begin("NON", Code.Post, random.uint32() & 0xffff);
	encoder.segments(Option.UriPath, `/${SERVER_OBJECT}/${instanceId}/8`);
	if (keys === undefined) return plain.slice(0, encoder.end);
	const sealed = new Uint8Array(SMS_LENGTH);
	const length = keys.server.protectRequest(plain.subarray(0, encoder.end), sealed);
	return length === 0 ? undefined : sealed.slice(0, length);
}

/** The device's first Server instance: a device with one server has no other. */
export function serverInstanceOf({ links }: Registration): number {
	return instancesOf(links, rootPath(links))[SERVER_OBJECT]?.[0] ?? 0;
}
