// Server-sent events: every listener gets every event of its device, or of all.

import type { ServerResponse } from "node:http";
import type { RenderedEvent } from "./render.js";
import { renderEvent } from "./render.js";
import type { Service } from "./service.js";

/** A listener that does not read is dropped rather than remembered for. */
const BUFFER_LENGTH = 1 << 20;

/** A comment from time to time shows that the connection lives, to proxies too. */
const HEARTBEAT_MS = 10_000;

interface EventListener {
	readonly response: ServerResponse;
	/** Undefined: all devices, without the CoAP log. */
	readonly endpointName: string | undefined;
}

/** All open event streams of one service. */
export class EventFeed {
	readonly #listeners = new Set<EventListener>();
	readonly #heartbeat: NodeJS.Timeout;

	/** `offsetMs` makes Unix milliseconds of the service's instants. */
	constructor(service: Service, offsetMs: number) {
		service.listen((event) => {
			if (event.kind === "datagram" && !this.#isWatched(event.endpointName)) return;
			const rendered = renderEvent(event, offsetMs, Date.now());
			if (rendered !== undefined) this.#send(rendered);
		});
		this.#heartbeat = setInterval(() => this.#write(": alive\n\n"), HEARTBEAT_MS);
		this.#heartbeat.unref();
	}

	/** Makes an event stream of a response. */
	open(response: ServerResponse, endpointName: string | undefined): void {
		const listener: EventListener = { response, endpointName };
		response.writeHead(200, {
			"content-type": "text/event-stream; charset=utf-8",
			"cache-control": "no-store",
			connection: "keep-alive",
		});
		response.write(": welcome\n\n");
		this.#listeners.add(listener);
		response.on("close", () => this.#listeners.delete(listener));
	}

	/** Ends all streams. */
	close(): void {
		clearInterval(this.#heartbeat);
		for (const { response } of this.#listeners) response.end();
	}

	#isWatched(endpointName: string): boolean {
		for (const listener of this.#listeners) if (listener.endpointName === endpointName) return true;
		return false;
	}

	#send({ name, endpointName, data, onRequest }: RenderedEvent): void {
		const text = `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
		this.#write(text, ({ endpointName: wanted }) => wanted === endpointName || (wanted === undefined && !onRequest));
	}

	#write(text: string, wants: (listener: EventListener) => boolean = () => true): void {
		for (const listener of this.#listeners) {
			if (!wants(listener)) continue;
			if (listener.response.writableLength > BUFFER_LENGTH) listener.response.destroy();
			else listener.response.write(text);
		}
	}
}
