// What a foreign CoAP implementation has to offer to the cases, whichever it is.

import { createSocket } from "node:dgram";

/** Options by which a request says under which condition it is meant. */
export type Condition = "If-Match" | "ETag" | "If-None-Match";

/** A request by a foreign client. */
export interface ForeignRequest {
	readonly method: "GET" | "POST" | "PUT" | "DELETE";
	/** With its query. */
	readonly path: string;
	readonly confirmable?: boolean;
	readonly payload?: string;
	readonly accept?: number;
	readonly token?: string;
	/** Wanted block size; the first request then carries Block2 (early negotiation). */
	readonly blockLength?: number;
	/** Further options, by the names of RFC 7252. */
	readonly conditions?: Readonly<Partial<Record<Condition, string>>>;
}

/** What the foreign client understood. */
export interface ForeignReply {
	/** "2.05" */
	readonly code: string;
	readonly payload: string;
	readonly contentFormat?: string;
	/** "/path?query" */
	readonly location?: string;
	readonly entityTag?: string;
}

/** A running observation of a foreign client. */
export interface ForeignObservation {
	/** Resolves when so many values have been heard. */
	heard(count: number): Promise<readonly string[]>;
	/** Ends it by what the client has for that: a GET with Observe 1, or a Reset of the next notification. */
	stop(): Promise<void>;
}

/** A foreign client of one server. */
export interface ForeignClient {
	ask(port: number, request: ForeignRequest): Promise<ForeignReply>;
	observe(port: number, path: string): ForeignObservation;
}

/** A foreign server on a port of 127.0.0.1. */
export interface ForeignServer {
	readonly port: number;
	close(): Promise<void>;
}

/** A port of 127.0.0.1 that nobody has, for a server that must be told one. */
export async function freePort(): Promise<number> {
	const socket = createSocket("udp4");
	await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
	const { port } = socket.address();
	await new Promise<void>((resolve) => socket.close(() => resolve()));
	return port;
}

/** What a client has heard, once it is so much. */
export async function until(values: () => readonly string[], count: number): Promise<readonly string[]> {
	const deadline = Date.now() + 8000;
	while (values().length < count) {
		if (Date.now() > deadline) throw new Error(`heard only ${JSON.stringify(values())}`);
		await new Promise((resolve) => setTimeout(resolve, 20));
	}
	return values();
}
