// Of what was asked of a device: what may be asked again, what is still out, and what there is room for.

import { Code } from "../../firmware/coap/codes.js";
import { EXCHANGE_LIFETIME, MAX_TRANSMIT_SPAN } from "../../firmware/coap/constants.js";
import type { Message, Request } from "../../firmware/coap/endpoint.js";
import { NotificationOrder, TIMELESS } from "../../firmware/coap/observation.js";
import { Option } from "../../firmware/coap/options.js";
import { UNPROTECTED } from "../../firmware/coap/token.js";
import type { Instant } from "../../firmware/contract.js";
import { limits } from "../../firmware/limits.js";
import type { Command, Device, Observation } from "./device.js";
import type { Peer } from "./peer.js";

/** RFC 7252, 4.8.2: a message is known for EXCHANGE_LIFETIME after it came; the last repetition must come before. */
const MEMORY_MS = EXCHANGE_LIFETIME - MAX_TRANSMIT_SPAN;

/** Header, token, all options but those of path and query, and what protection adds: surely no request has more. */
const OVERHEAD = 48;

/** True for what asks and changes nothing. */
export function isSafe({ operation }: Command): boolean {
	return operation.code === Code.Get || operation.code === Code.Fetch;
}

/**
 * True where a device may have carried it out that no longer knows of it: it must not get it again. A device of ours
 * knows its newest messages, for good; any other one at least knows what is no older than the RFC says. Under keys it
 * is the same sealed message, which nobody accepts twice (RFC 8613, 7.4).
 */
export function isUncertain(now: Instant, peer: Peer, command: Command): boolean {
	const { operation, pending, firstSentAt } = command;
	if (
		peer.protection !== undefined ||
		isSafe(command) ||
		pending === undefined ||
		!pending.wasSent ||
		pending.isAcknowledged
	)
		return false;
	// It went as a datagram, and a connection has no Message ID by which it would be known again.
	if (peer.endpoint.isReliable) return true;
	if (peer.endpoint.countSince(pending) >= limits.deduplicatorCount) return true;
	return operation.code === Code.Post && now - firstSentAt > MEMORY_MS;
}

/** RFC 7641, 3.4: the endpoint knows the order since the device's last move, the observation since its beginning. */
export function isNewest(now: Instant, observation: Observation, message: Message): boolean {
	const value = message.uint(Option.Observe);
	if (value === undefined) return true;
	const at = observation.requestNumber === UNPROTECTED ? now : TIMELESS;
	observation.order ??= new NotificationOrder(value - 1, at);
	return observation.order.accept(value, at);
}

/** Whether anything is out that its device has not acknowledged. */
export function isUnanswered(device: Device): boolean {
	for (const { exchange, pending } of device.commands) if (exchange !== 0 && pending?.length !== 0) return true;
	return false;
}

/** What a request may take on its way, at most. */
export function lengthMax({ path, query, payload }: Request): number {
	const options = 2 * (path.split("/").length + query.length) + path.length + query.join("").length;
	return OVERHEAD + options + Math.min(limits.blockLength, payload?.length ?? 0);
}

/** Whether anything is out that is not answered. */
export function isUnderWay(device: Device): boolean {
	for (const command of device.commands) if (command.exchange !== 0) return true;
	return false;
}
