// POST /api/clients/EP/trigger: wakes a device by SMS. Ours alone: Leshan has no such route.

import type { FastifyInstance, FastifyRequest } from "fastify";
import { parseJson } from "./api-request.js";
import { HttpError } from "./http-error.js";
import type { Service } from "./service.js";
import type { SmsCentre } from "./sms-centre.js";
import { serverInstanceOf } from "./trigger.js";

interface TriggerRoute {
	Params: { endpointName: string };
	Body: string | undefined;
}

/** What may be said, for a device that is not registered, or not as it should be. */
interface Wish {
	/** Its number; else what it registered with. */
	readonly number?: string;
	/** Its Server instance for this back end; else its first. */
	readonly instance?: number;
}

const NUMBER = /^\+[1-9]\d{4,14}$/;
const LARGEST_INSTANCE = 65_534;
/** A device drops what comes sooner after another one. */
const GAP_MS = 60_000;

export function addTriggerRoute(api: FastifyInstance, service: Service, centre: SmsCentre | undefined): void {
	const sentAt = new Map<string, number>();
	api.post<TriggerRoute>("/api/clients/:endpointName/trigger", async (request) => {
		if (centre === undefined)
			throw new HttpError(400, "This back end has no way to an SMS centre: give it one by --sms");
		const { endpointName } = request.params;
		const { number, data, secure } = prepare(service, endpointName, wishOf(request));
		const waitMs = (sentAt.get(endpointName) ?? Number.NEGATIVE_INFINITY) + GAP_MS - performance.now();
		if (waitMs > 0) {
			throw new HttpError(429, `The device takes one trigger a minute: try again in ${Math.ceil(waitMs / 1000)} s`);
		}
		sentAt.set(endpointName, performance.now());
		await centre.submit({ to: number, data }).catch((error: Error) => {
			sentAt.delete(endpointName);
			throw new HttpError(502, error.message);
		});
		return { to: number, bytes: data.length, secure };
	});
}

function prepare(service: Service, endpointName: string, wish: Wish) {
	const registration = service.core.registration(endpointName);
	const number = wish.number ?? registration?.smsNumber;
	if (number === undefined) {
		if (registration === undefined) throw new HttpError(400, `No registered client with id '${endpointName}'`);
		throw new HttpError(400, `${endpointName} has registered without a number for SMS: give one`);
	}
	if (!NUMBER.test(number)) throw new HttpError(400, `${number} is no number for SMS, such as +491700000001`);
	const instance = wish.instance ?? (registration === undefined ? 0 : serverInstanceOf(registration));
	const trigger = service.core.trigger(endpointName, instance);
	if (trigger === undefined)
		throw new HttpError(400, `${endpointName} has keys, and has agreed on none with this back end`);
	return { number, ...trigger };
}

function wishOf(request: FastifyRequest<TriggerRoute>): Wish {
	const body = request.body ?? "";
	if (body === "") return {};
	const { number, instance } = parseJson({
		method: request.method,
		path: "",
		query: {},
		contentType: request.headers["content-type"] ?? "",
		body,
	}) as Readonly<Record<string, unknown>>;
	if (number !== undefined && typeof number !== "string") throw new HttpError(400, "Invalid request: number is a text");
	const isInstance = Number.isInteger(instance) && Number(instance) >= 0 && Number(instance) <= LARGEST_INSTANCE;
	if (instance !== undefined && !isInstance) throw new HttpError(400, "Invalid request: instance is a whole number");
	return { ...(number !== undefined && { number }), ...(instance !== undefined && { instance: Number(instance) }) };
}
