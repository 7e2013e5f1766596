// /api/clients: who is registered, and the operations on their paths, as Leshan's demo server has them.

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Outcome } from "./core-event.js";
import { HttpError } from "./http-error.js";
import { cancel, type Operation } from "./operations.js";
import { plan } from "./plan.js";
import type { Registration } from "./registration.js";
import { type Asked, InvalidResponse, renderRegistration, renderResponse } from "./render.js";
import type { Service } from "./service.js";

/** Leshan's: 5 s. */
const DEFAULT_TIMEOUT_SECONDS = 5;
const LONGEST_TIMEOUT_SECONDS = 3600;
/** A command for which nobody waits may wait for its device for four weeks. */
const LONGEST_QUEUE_SECONDS = 28 * 86_400;

interface ClientRoute {
	Params: { endpointName: string; "*": string };
	Querystring: Record<string, unknown>;
	Body: string | undefined;
}

/** Adds the routes below /api/clients; `offsetMs` makes Unix milliseconds of the service's instants. */
export function addClientRoutes(api: FastifyInstance, service: Service, offsetMs: number): void {
	const { core } = service;
	const render = (one: Registration) =>
		renderRegistration(one, offsetMs, core.isAsleep(one.endpointName), core.waitingCount(one.endpointName));
	api.get("/api/clients", () => core.registrations().map(render));
	api.get<ClientRoute>("/api/clients/:endpointName", (request) => render(find(service, request.params.endpointName)));
	api.route<ClientRoute>({
		method: ["GET", "PUT", "POST", "DELETE"],
		url: "/api/clients/:endpointName/*",
		handler: (request, reply) => operate(service, request, reply),
	});
}

async function operate(service: Service, request: FastifyRequest<ClientRoute>, reply: FastifyReply): Promise<unknown> {
	const { endpointName } = request.params;
	const registration = find(service, endpointName);
	const planned = plan(
		{
			method: request.method,
			path: request.params["*"],
			query: request.query,
			contentType: request.headers["content-type"] ?? "",
			body: request.body ?? "",
		},
		registration,
	);
	if (planned.operation === "forget") {
		service.forget(endpointName, planned.path);
		return "";
	}
	const operation =
		planned.operation === "cancel" ? cancelling(service, endpointName, planned.path) : planned.operation;
	if (request.query.queue !== undefined) {
		const command = service.queue(endpointName, operation, queueMs(request.query.queue));
		return reply.status(202).send({ status: "WAITING", command });
	}
	const outcome = service.ask(endpointName, operation, timeoutMs(request.query.timeout));
	if (outcome === undefined) throw unknown(endpointName);
	return answer(planned.asked, operation, await outcome);
}

/** The device knows an observation by the request that began it. */
function cancelling(service: Service, endpointName: string, path: string): Operation {
	const observation = service.core.observation(endpointName, path);
	if (observation !== undefined) return cancel(observation);
	throw new HttpError(404, `no observation for path ${path} for client '${endpointName}'`);
}

function find(service: Service, endpointName: string): Registration {
	const registration = service.core.registration(endpointName);
	if (registration === undefined) throw unknown(endpointName);
	return registration;
}

function unknown(endpointName: string): HttpError {
	return new HttpError(400, `No registered client with id '${endpointName}'`);
}

function timeoutMs(value: unknown): number {
	if (value === undefined) return DEFAULT_TIMEOUT_SECONDS * 1000;
	const seconds = typeof value === "string" && value !== "" ? Number(value) : Number.NaN;
	if (seconds > 0 && seconds <= LONGEST_TIMEOUT_SECONDS) return seconds * 1000;
	throw new HttpError(
		400,
		`Invalid request: timeout needs seconds, more than 0 and at most ${LONGEST_TIMEOUT_SECONDS}`,
	);
}

function queueMs(value: unknown): number {
	const seconds = typeof value === "string" && value !== "" ? Number(value) : Number.NaN;
	if (seconds > 0 && seconds <= LONGEST_QUEUE_SECONDS) return seconds * 1000;
	throw new HttpError(400, `Invalid request: queue needs seconds, more than 0 and at most ${LONGEST_QUEUE_SECONDS}`);
}

function answer(asked: Asked, operation: Operation, outcome: Outcome): Record<string, unknown> {
	switch (outcome.kind) {
		case "no-answer":
			throw new HttpError(504, "Request timeout");
		case "rejected":
			throw new HttpError(500, "Request rejected: the device answered by a Reset, or by what cannot be read");
		case "refused":
			throw new HttpError(
				400,
				"Invalid request: its options are longer than a datagram, or it is one observation or command too many",
			);
		case "response":
			try {
				return renderResponse(asked, operation, outcome);
			} catch (error) {
				if (error instanceof InvalidResponse) throw new HttpError(500, `Invalid Response: ${error.message}`);
				throw error;
			}
		default:
			return outcome satisfies never;
	}
}
