// The HTTP API: Leshan's routes on fastify, guarded by a token or by being on this machine only.

import { timingSafeEqual } from "node:crypto";
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { addClientRoutes } from "./client-routes.js";
import { EventFeed } from "./event-feed.js";
import { HttpError } from "./http-error.js";
import { isLocalName } from "./local-name.js";
import type { Service } from "./service.js";
import type { SmsCentre } from "./sms-centre.js";
import { addTriggerRoute } from "./trigger-routes.js";

export interface ApiOptions {
	readonly service: Service;
	/** What makes Unix milliseconds of the service's instants. */
	readonly offsetMs: number;
	/** Without a token only callers on this machine are served. */
	readonly token: string | undefined;
	/** Undefined: devices cannot be woken by SMS. */
	readonly smsCentre?: SmsCentre | undefined;
}

/** Builds the API; `listen` or `inject` is the caller's business. */
export function createApi({ service, offsetMs, token, smsCentre }: ApiOptions): FastifyInstance {
	const api = fastify({ forceCloseConnections: true, routerOptions: { ignoreTrailingSlash: true } });
	// Bodies are read as text and understood by the routes: the argument of an Execute may come under any type.
	api.removeAllContentTypeParsers();
	api.addContentTypeParser("*", { parseAs: "string" }, (_request, body, done) => done(null, body));
	api.addHook("onRequest", async (request) =>
		token === undefined ? allowLocal(request) : allowBearer(request, token),
	);
	api.setErrorHandler((error: unknown, _request, reply) => answerError(error, reply));
	api.setNotFoundHandler((_request, reply) => answerError(new HttpError(404, "There is no such route"), reply));

	const feed = new EventFeed(service, offsetMs);
	api.addHook("preClose", async () => feed.close());
	api.get<{ Querystring: { ep?: string } }>("/api/event", (request, reply) => {
		reply.hijack();
		feed.open(reply.raw, request.query.ep);
	});
	api.get("/api/reach", () => service.core.reachCounters ?? {});
	addTriggerRoute(api, service, smsCentre);
	addClientRoutes(api, service, offsetMs);
	return api;
}

function answerError(error: unknown, reply: FastifyReply): void {
	const known = error instanceof HttpError || (error instanceof Error && "statusCode" in error);
	const code = known && typeof error.statusCode === "number" ? error.statusCode : 500;
	const message = error instanceof Error ? error.message : String(error);
	reply
		.code(code)
		.type("text/plain; charset=utf-8")
		.send(known ? message : `Unexpected exception: ${message}`);
}

/** A web page elsewhere must not speak to a back end that trusts its machine (DNS rebinding, cross-site requests). */
function allowLocal(request: FastifyRequest): void {
	const host = request.headers.host ?? "";
	const origin = request.headers.origin;
	if (!isLocalName(host.replace(/:\d+$/, ""))) {
		throw new HttpError(403, "Without a token the back end answers only under the names of this machine");
	}
	if (origin !== undefined && origin !== `http://${host}`) {
		throw new HttpError(403, "Without a token the back end answers no other site's page");
	}
}

function allowBearer(request: FastifyRequest, token: string): void {
	const given = Buffer.from(request.headers.authorization ?? "");
	const wanted = Buffer.from(`Bearer ${token}`);
	if (given.length === wanted.length && timingSafeEqual(given, wanted)) return;
	throw new HttpError(401, "Authorization: Bearer TOKEN is missing or wrong");
}
