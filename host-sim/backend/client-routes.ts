// /api/clients: who is registered, and the operations on their paths, as Leshan's demo server has them.

import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Outcome } from "./core-event.js";
import { HttpError } from "./http-error.js";
import { type Plan, plan } from "./plan.js";
import type { Registration } from "./registration.js";
import { InvalidResponse, renderRegistration, renderResponse } from "./render.js";
import type { Service } from "./service.js";

/** Leshan's: 5 s. */
const DEFAULT_TIMEOUT_SECONDS = 5;
const LONGEST_TIMEOUT_SECONDS = 3600;

interface ClientRoute {
	Params: { endpointName: string; "*": string };
	Querystring: Record<string, unknown>;
	Body: string | undefined;
}

/** Adds the routes below /api/clients; `offsetMs` makes Unix milliseconds of the service's instants. */
export function addClientRoutes(api: FastifyInstance, service: Service, offsetMs: number): void {
	api.get("/api/clients", () =>
		service.core.registrations().map((registration) => renderRegistration(registration, offsetMs)),
	);
	api.get<ClientRoute>("/api/clients/:endpointName", (request) =>
		renderRegistration(find(service, request.params.endpointName), offsetMs),
	);
	api.route<ClientRoute>({
		method: ["GET", "PUT", "POST", "DELETE"],
		url: "/api/clients/:endpointName/*",
		handler: (request) => operate(service, request),
	});
}

async function operate(service: Service, request: FastifyRequest<ClientRoute>): Promise<unknown> {
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
	const { path, operation } = planned;
	if (operation === undefined) {
		service.forget(endpointName, path);
		return "";
	}
	if (operation.observe === 1 && service.core.observation(endpointName, path) === undefined) {
		throw new HttpError(404, `no observation for path ${path} for client '${endpointName}'`);
	}
	const outcome = service.ask(endpointName, operation, timeoutMs(request.query.timeout));
	if (outcome === undefined) throw unknown(endpointName);
	return answer(planned, await outcome);
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

function answer({ asked, path }: Plan, outcome: Outcome): Record<string, unknown> {
	switch (outcome.kind) {
		case "no-answer":
			throw new HttpError(504, "Request timeout");
		case "rejected":
			throw new HttpError(500, "Request rejected: the device answered by a Reset, or by what cannot be read");
		case "refused":
			throw new HttpError(400, "Invalid request: longer than one datagram, or one observation or command too many");
		case "response":
			try {
				return renderResponse(asked, path, outcome);
			} catch (error) {
				if (error instanceof InvalidResponse) throw new HttpError(500, `Invalid Response: ${error.message}`);
				throw error;
			}
		default:
			return outcome satisfies never;
	}
}
