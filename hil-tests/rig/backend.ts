// The back end of one test: a real one in this process, on a free port, asked over its own HTTP API.

import type { Credential } from "../../host-sim/backend/credentials.js";
import { type Server, startServer } from "../../host-sim/backend/server.js";
import { BackendClient, type DeviceResponse, type ServerEvent } from "../../host-sim/cli/backend-client.js";
import { createLogger, EXIT, Failure, parseHostPort } from "../../host-sim/cli/shared.js";

/** How long a question may take where the test says nothing else. */
const ANSWER_SECONDS = 5;

export interface BackendOptions {
	/** The address of this computer that the boards reach. */
	readonly address: string;
	/** Each line of its log. */
	readonly onLog: (line: string) => void;
}

/** A registration, as far as tests look at it. */
export interface Registration {
	readonly endpoint: string;
	readonly registrationId: string;
	readonly address: string;
	readonly lifetime: number;
}

/** The back end as a test's other hand. */
export class Backend {
	/** Every event so far, oldest first. */
	readonly events: ServerEvent[] = [];
	readonly #options: BackendOptions;
	readonly #listeners = new Set<(event: ServerEvent) => void>();
	#server: Server;
	/** The devices that have keys; only these may register where there are any. */
	#credentials: readonly Credential[] | undefined;
	#closeEvents: () => void = () => {};

	private constructor(options: BackendOptions, server: Server) {
		this.#options = options;
		this.#server = server;
	}

	static async open(options: BackendOptions): Promise<Backend> {
		const backend = new Backend(options, await start(options, 0, 0));
		await backend.listen();
		return backend;
	}

	/** "127.0.0.1:5683": where the NAT sends to. */
	get coap(): string {
		return this.#server.coap;
	}

	/** The same for connections. */
	get connections(): string {
		return this.#server.connections[0]!.replace(/^.*:\/\//, "");
	}

	/** Ends it and starts it anew on the same ports; it has forgotten every registration. */
	async restart(): Promise<void> {
		const { port } = parseHostPort(this.#server.coap, "coap");
		const connectionPort = parseHostPort(this.connections, "connections").port;
		await this.close();
		this.#server = await start(this.#options, port, connectionPort, this.#credentials);
		await this.listen();
	}

	/** Starts it anew with keys of devices: from now on nobody else may register. */
	async secure(credentials: readonly Credential[]): Promise<void> {
		this.#credentials = credentials;
		await this.restart();
	}

	async registrations(): Promise<readonly Registration[]> {
		return (await this.client(ANSWER_SECONDS).devices()) as unknown as readonly Registration[];
	}

	/** The registration of a device; undefined: there is none. */
	async registration(endpointName: string): Promise<Registration | undefined> {
		return (await this.registrations()).find(({ endpoint }) => endpoint === endpointName);
	}

	/** Any request of the API to a device; a device that does not answer is a Failure. */
	ask(
		method: "GET" | "PUT" | "POST" | "DELETE",
		endpointName: string,
		path: string,
		options: { readonly text?: string; readonly query?: string; readonly seconds?: number } = {},
	): Promise<DeviceResponse> {
		const { text, query = "", seconds = ANSWER_SECONDS } = options;
		const body = text === undefined ? undefined : ({ type: "text/plain", text } as const);
		return this.client(seconds).ask(method, endpointName, path, query, body);
	}

	/** The value of one resource as text; throws where the answer is no value. */
	async read(endpointName: string, path: string, seconds?: number): Promise<string> {
		const response = await this.ask("GET", endpointName, path, seconds === undefined ? {} : { seconds });
		if (!response.success) throw new Error(`Read ${path} was answered by ${response.status}.`);
		return String((response.content as { readonly value?: unknown } | undefined)?.value);
	}

	/** Writes one resource; resolves only when the device has acknowledged it. */
	async write(endpointName: string, path: string, text: string, seconds?: number): Promise<void> {
		const response = await this.ask("PUT", endpointName, path, seconds === undefined ? { text } : { text, seconds });
		if (!response.success) throw new Error(`Write ${path} was answered by ${response.status}.`);
	}

	/** Whether the device answers a Read within the time. */
	async reaches(endpointName: string, path: string, seconds: number): Promise<boolean> {
		try {
			await this.read(endpointName, path, seconds);
			return true;
		} catch (error) {
			if (error instanceof Failure && error.exitCode === EXIT.noAnswer) return false;
			throw error;
		}
	}

	/** The first event that fits, of those from number `since` on, or that is still to come. */
	event(
		fits: (event: ServerEvent) => boolean,
		options: { readonly within: number; readonly since?: number },
	): Promise<ServerEvent> {
		const { within, since = this.events.length } = options;
		const found = this.events.slice(since).find(fits);
		if (found !== undefined) return Promise.resolve(found);
		const wait = new Promise<ServerEvent>((resolve, reject) => {
			const done = () => {
				clearTimeout(timer);
				this.#listeners.delete(listener);
			};
			const listener = (event: ServerEvent) => {
				if (!fits(event)) return;
				done();
				resolve(event);
			};
			const timer = setTimeout(() => {
				done();
				reject(new Error(`the back end saw no such event within ${within} ms; since then: ${this.names(since)}`));
			}, within);
			this.#listeners.add(listener);
		});
		// A test that has failed meanwhile does not come back to it.
		wait.catch(() => {});
		return wait;
	}

	async close(): Promise<void> {
		this.#closeEvents();
		await this.#server.close();
	}

	private names(since: number): string {
		const names = this.events.slice(since).map(({ name }) => name);
		return names.length === 0 ? "none" : names.join(", ");
	}

	private client(timeoutSeconds: number): BackendClient {
		return new BackendClient({ url: this.#server.http, token: undefined, timeoutSeconds });
	}

	private async listen(): Promise<void> {
		const stream = await this.client(ANSWER_SECONDS).events(undefined, (event) => {
			this.events.push(event);
			for (const listener of [...this.#listeners]) listener(event);
		});
		this.#closeEvents = stream.close;
	}
}

function start(
	{ address, onLog }: BackendOptions,
	port: number,
	connectionPort: number,
	credentials?: readonly Credential[],
): Promise<Server> {
	return startServer({
		coap: { host: address, port },
		ports: [{ kind: "tcp", at: { host: address, port: connectionPort } }],
		http: { host: "127.0.0.1", port: 0 },
		data: undefined,
		token: undefined,
		credentials,
		log: createLogger("info", (line) => onLog(line.trimEnd())),
	});
}
