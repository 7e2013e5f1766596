// The back end as a process has it: a UDP socket, an HTTP server, a timer and a directory around the service.

import { randomFillSync, randomInt } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { Instant, Random } from "../../firmware/contract.js";
import { formatHostPort, type HostPort, type Logger } from "../cli/shared.js";
import { nodePrimitives } from "../crypto/node-primitives.js";
import { createApi } from "./api.js";
import { isConnection } from "./connections.js";
import { ContextLog } from "./context-log.js";
import { Contexts } from "./contexts.js";
import type { CoreSecurity } from "./core.js";
import type { Credential } from "./credentials.js";
import { logEvents } from "./event-log.js";
import { type ConnectionPort, Listeners } from "./listener.js";
import { type Environment, Service, type ServiceEvent } from "./service.js";
import type { SmsCentre } from "./sms-centre.js";
import { load, save } from "./store.js";

export interface ServerOptions {
	readonly coap: HostPort;
	/** Where devices connect, besides (RFC 8323); nowhere if not given. */
	readonly ports?: readonly ConnectionPort[] | undefined;
	readonly http: HostPort;
	/** Where registrations outlive the process; undefined: nowhere. */
	readonly data: string | undefined;
	readonly token: string | undefined;
	/** The keys of devices; undefined: none has any. */
	readonly credentials?: readonly Credential[] | undefined;
	/** Whether devices without keys may register (NoSec); they may if not given and no device has keys. */
	readonly noSecurity?: boolean;
	/** Undefined: devices cannot be woken by SMS. */
	readonly smsCentre?: SmsCentre | undefined;
	/** How long devices in Queue Mode listen after they have spoken; 93 s if not given. */
	readonly awakeMs?: number | undefined;
	readonly log: Logger;
}

export interface Server {
	/** "127.0.0.1:5683", with the port that was given. */
	readonly coap: string;
	/** The same for each port of connections, as URIs: "coap+tcp://127.0.0.1:5683". */
	readonly connections: readonly string[];
	/** "http://127.0.0.1:8080". */
	readonly http: string;
	/** From now on these devices have keys, and no others; nothing where the server was started without any. */
	replaceCredentials(credentials: readonly Credential[]): void;
	close(): Promise<void>;
}

/** setTimeout takes no longer times. */
const LONGEST_TIMER_MS = 0x7fffffff;

/** Changes are written together after this time. */
const SAVE_MS = 100;

const random: Random = {
	fill: (into) => void randomFillSync(into),
	uint32: () => randomInt(2 ** 32),
};

/** Opens both ports and begins to serve; throws when an address is in use or saved registrations cannot be read. */
export async function startServer(options: ServerOptions): Promise<Server> {
	const { coap, http, token, log } = options;
	const offsetMs = Date.now() - performance.now();
	const socket = createSocket(coap.host.includes(":") ? "udp6" : "udp4");
	// First of all: who has the port already uses the folder, and must not lose its files.
	socket.bind(coap.port, coap.host);
	await Promise.race([once(socket, "listening"), once(socket, "error").then(([error]) => Promise.reject(error))]);
	const contextLog = orClose(socket, () => (options.data === undefined ? undefined : new ContextLog(options.data)));
	const alarm = new Alarm(() => service.handleTimeout());
	const environment: Environment = {
		random,
		now: () => performance.now(),
		transmit: (bytes, address) =>
			isConnection(address) ? listeners.transmit(bytes, address) : transmit(socket, bytes, address),
		close: (address) => listeners.end(address),
		alarm: (at) => alarm.set(at),
	};
	const security = securityOf(options, contextLog);
	const service: Service = new Service(environment, security, { awakeMs: options.awakeMs });
	logEvents(service, log);
	const flush = orClose(socket, () => keep(service, options.data, offsetMs, log));
	socket.on("message", (bytes, { address, port }) => service.handleReceived(formatHostPort(address, port), bytes));
	socket.on("error", (error) => log.error("backend", "socket:", error.message));
	const api = createApi({ service, offsetMs, token, smsCentre: options.smsCentre });
	const listeners = new Listeners(service);
	const connections: string[] = [];
	try {
		for (const port of options.ports ?? []) connections.push(await listeners.listen(port));
		await api.listen({ host: http.host, port: http.port });
	} catch (error) {
		socket.close();
		await listeners.close();
		throw error;
	}
	service.drain();
	const httpPort = (api.server.address() as AddressInfo).port;
	return {
		coap: formatHostPort(coap.host, socket.address().port),
		connections,
		http: `http://${formatHostPort(http.host, httpPort)}`,
		replaceCredentials(credentials) {
			security.contexts?.replace(credentials);
			service.handleKeysChanged();
		},
		close: async () => {
			alarm.close();
			service.farewell();
			await listeners.close();
			socket.close();
			flush();
			contextLog?.close();
			await api.close();
		},
	};
}

/** The one timer of a back end. */
class Alarm {
	readonly #ring: () => void;
	#timer: NodeJS.Timeout | undefined;
	#isClosed = false;

	constructor(ring: () => void) {
		this.#ring = ring;
	}

	/** Rings at an instant, and no more at the one before; `Infinity`: never. */
	set(at: Instant): void {
		clearTimeout(this.#timer);
		if (this.#isClosed || at === Number.POSITIVE_INFINITY) return;
		const waitMs = Math.max(0, Math.min(Math.ceil(at - performance.now()), LONGEST_TIMER_MS));
		this.#timer = setTimeout(this.#ring, waitMs);
	}

	/** For good: connections tell of their end when all is over. */
	close(): void {
		this.#isClosed = true;
		clearTimeout(this.#timer);
	}
}

/** What cannot begin leaves no port open. */
function orClose<Result>(socket: Socket, begin: () => Result): Result {
	try {
		return begin();
	} catch (error) {
		socket.close();
		throw error;
	}
}

function securityOf(options: ServerOptions, contextLog: ContextLog | undefined): CoreSecurity {
	const { credentials, noSecurity = credentials === undefined } = options;
	if (credentials === undefined) return { contexts: undefined, noSecurity };
	const memoryOf = contextLog === undefined ? {} : { memoryOf: (name: string) => contextLog.of(name) };
	return { contexts: new Contexts({ primitives: nodePrimitives, random, credentials, ...memoryOf }), noSecurity };
}

function transmit(socket: Socket, bytes: Uint8Array, address: string): void {
	const colon = address.lastIndexOf(":");
	const host = address.slice(0, colon).replace(/^\[|\]$/g, "");
	// The service uses these bytes again at once; what cannot be sent is a lost datagram.
	socket.send(Buffer.from(bytes), Number(address.slice(colon + 1)), host, () => {});
}

/** After these the disk is to be written. */
const SAVED_EVENTS: readonly ServiceEvent["kind"][] = ["registered", "updated", "deregistered", "observation", "queue"];

/** Restores what is on disk, and writes what changes; returns the last writing. */
function keep(service: Service, directory: string | undefined, offsetMs: number, log: Logger): () => void {
	if (directory === undefined) return () => {};
	service.core.restore(performance.now(), load(directory, -offsetMs));
	let pending: NodeJS.Timeout | undefined;
	const flush = (): void => {
		clearTimeout(pending);
		pending = undefined;
		try {
			save(directory, service.core.save(), -offsetMs);
		} catch (error) {
			log.error("backend", "registrations not saved:", (error as Error).message);
		}
	};
	service.listen(({ kind }) => {
		if (!SAVED_EVENTS.includes(kind)) return;
		pending ??= setTimeout(flush, SAVE_MS);
	});
	return flush;
}
