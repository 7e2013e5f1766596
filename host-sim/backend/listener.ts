// The ports where devices connect over TCP, TLS and WebSocket (RFC 8323).

import { createServer, type Server as NetServer, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { formatHostPort, type HostPort } from "../cli/shared.js";
import type { ConnectionKind } from "./connections.js";
import { Incoming } from "./incoming.js";
import type { Service } from "./service.js";

/** Connections at once: each costs some kilobytes before anybody has said who he is. */
const CONNECTION_COUNT = 20_000;

/** So long far ends may take to read that the back end goes. */
const LAST_WORD_MS = 1000;

/** RFC 8323, 8. */
const SCHEMES: Readonly<Record<ConnectionKind, string>> = {
	tcp: "coap+tcp",
	tls: "coaps+tcp",
	ws: "coap+ws",
	wss: "coaps+ws",
};

/** RFC 8323, 8.2 and 8.4: what a client may ask for before it says anything; over WebSocket HTTP comes first. */
const PROTOCOLS: Readonly<Record<"tls" | "wss", string[]>> = { tls: ["coap"], wss: ["http/1.1"] };

/** What a server with TLS shows; both in PEM. */
export interface Certificate {
	readonly cert: string;
	readonly key: string;
}

/** A port for connections of one kind. */
export type ConnectionPort =
	| { readonly kind: "tcp" | "ws"; readonly at: HostPort }
	| { readonly kind: "tls" | "wss"; readonly at: HostPort; readonly certificate: Certificate };

/** All connections of the back end, whichever port they came by. */
export class Listeners {
	readonly #service: Service;
	readonly #servers: NetServer[] = [];
	readonly #incoming = new Map<string, Incoming>();

	constructor(service: Service) {
		this.#service = service;
	}

	/** Opens a port; gives its URI with the port that was given. Throws when the address is in use. */
	async listen(port: ConnectionPort): Promise<string> {
		const { host } = port.at;
		const server = this.#create(port);
		server.maxConnections = CONNECTION_COUNT;
		await new Promise<void>((resolve, reject) => {
			server.once("error", reject);
			server.listen(port.at.port, host, () => resolve());
		});
		this.#servers.push(server);
		const address = server.address();
		const given = address !== null && typeof address === "object" ? address.port : port.at.port;
		return `${SCHEMES[port.kind]}://${formatHostPort(host, given)}`;
	}

	#create(port: ConnectionPort): NetServer {
		const accept = (socket: Socket): void => this.#accept(port.kind, socket);
		if (!("certificate" in port)) return createServer({ noDelay: true }, accept);
		const options = { ...port.certificate, ALPNProtocols: PROTOCOLS[port.kind], noDelay: true };
		return createTlsServer(options, accept).on("tlsClientError", () => {});
	}

	#accept(kind: ConnectionKind, socket: Socket): void {
		const { remoteAddress, remotePort } = socket;
		if (remoteAddress === undefined || remotePort === undefined) return void socket.destroy();
		const address = `${kind}:${formatHostPort(remoteAddress, remotePort)}`;
		const incoming = new Incoming(address, socket, this.#service, kind === "ws" || kind === "wss");
		this.#incoming.set(address, incoming);
		socket.on("close", () => this.#incoming.delete(address));
		incoming.begin();
	}

	transmit(bytes: Uint8Array, address: string): void {
		this.#incoming.get(address)?.send(bytes);
	}

	/** Ends a connection once what was written has left. */
	end(address: string): void {
		this.#incoming.get(address)?.end();
	}

	/** Closes all ports and connections; who still has to read a last word gets a moment for it. */
	async close(): Promise<void> {
		for (const server of this.#servers) server.close();
		const late = setTimeout(() => {
			for (const incoming of this.#incoming.values()) incoming.destroy();
		}, LAST_WORD_MS);
		for (const incoming of this.#incoming.values()) incoming.end();
		await Promise.all(Array.from(this.#incoming.values(), ({ closed }) => closed));
		clearTimeout(late);
	}
}
