// The HTTP driver of the tests: the routes of Leshan's demo server, which our back end has, too.

import { request as httpRequest, type IncomingMessage } from "node:http";

/** A value, or a tree of them, as the API shows and takes it. Members depend on `kind`. */
export interface ApiNode {
	readonly kind: "root" | "obj" | "instance" | "singleResource" | "multiResource" | "resourceInstance";
	readonly id?: number;
	readonly type?: string;
	readonly value?: unknown;
	readonly values?: Readonly<Record<string, unknown>>;
	readonly resources?: readonly ApiNode[];
	readonly instances?: readonly ApiNode[];
	readonly objects?: readonly ApiNode[];
}

export interface ApiLink {
	readonly url: string;
	readonly attributes: Readonly<Record<string, string | null>>;
}

/** What the API answered to a command. */
export interface Answer {
	/** The HTTP status: 200 whenever the device answered, whatever it said. */
	readonly httpStatus: number;
	/** The body as it came. */
	readonly text: string;
	/** The device's answer, as "CONTENT(205)"; the text where there is none. */
	readonly status: string;
	readonly success: boolean;
	/** For Read-Composite and Write-Composite, a node for each path. */
	readonly content?: ApiNode & Readonly<Record<string, ApiNode | null>>;
	readonly objectLinks?: readonly ApiLink[];
	readonly location?: string;
	readonly errormessage?: string;
}

/** The members of a registration that both back ends have. */
export interface ApiRegistration {
	readonly endpoint: string;
	readonly registrationId: string;
	readonly registrationDate: number;
	readonly lastUpdate: number;
	readonly address: string;
	readonly lwM2mVersion: string;
	readonly lifetime: number;
	readonly bindingMode: string;
	readonly rootPath: string;
	readonly objectLinks: readonly ApiLink[];
	readonly secure: boolean;
	readonly queuemode: boolean;
	readonly additionalRegistrationAttributes: Readonly<Record<string, string>>;
	readonly availableInstances: Readonly<Record<string, readonly number[]>>;
}

/** Formats by the API's names. */
export type FormatName = "TEXT" | "OPAQUE" | "CBOR" | "TLV" | "JSON" | "SENML_JSON" | "SENML_CBOR";

/** Commands to one device. None throws for what a device or back end answers. */
export class Driver {
	readonly endpointName: string;
	readonly #url: string;

	/** `url` as "http://127.0.0.1:8080". */
	constructor(url: string, endpointName: string) {
		this.#url = url;
		this.endpointName = endpointName;
	}

	/** The registration, undefined while there is none. */
	async registration(): Promise<ApiRegistration | undefined> {
		const { httpStatus, text } = await this.ask("GET", "");
		return httpStatus === 200 ? (JSON.parse(text) as ApiRegistration) : undefined;
	}

	/** All registrations. */
	async registrations(): Promise<readonly ApiRegistration[]> {
		return JSON.parse((await this.#call("GET", "/api/clients")).text) as ApiRegistration[];
	}

	read(path: string, format?: FormatName): Promise<Answer> {
		return this.ask("GET", `${path}${query({ format })}`);
	}

	/** Replaces what is at the path unless told otherwise. */
	write(path: string, node: ApiNode, options: { format?: FormatName; replace?: boolean } = {}): Promise<Answer> {
		return this.ask("PUT", `${path}${query(options)}`, node);
	}

	execute(path: string, argument = ""): Promise<Answer> {
		return this.ask("POST", path, argument === "" ? undefined : argument);
	}

	discover(path: string): Promise<Answer> {
		return this.ask("GET", `${path}/discover`);
	}

	create(path: string, instance: ApiNode, format?: FormatName): Promise<Answer> {
		return this.ask("POST", `${path}${query({ format })}`, instance);
	}

	remove(path: string): Promise<Answer> {
		return this.ask("DELETE", path);
	}

	/** Write-Attributes: `{ pmin: 1 }`. Leshan takes every parameter for an attribute, so there can be no other. */
	attributes(path: string, attributes: Readonly<Record<string, number>>): Promise<Answer> {
		return this.ask("PUT", `${path}/attributes${query(attributes)}`);
	}

	observe(path: string, format?: FormatName): Promise<Answer> {
		return this.ask("POST", `${path}/observe${query({ format })}`);
	}

	/** Cancels by asking the device. */
	cancel(path: string): Promise<Answer> {
		return this.ask("DELETE", `${path}/observe?active`);
	}

	/** Forgets an observation: the next notification is answered by a Reset. */
	forget(path: string): Promise<Answer> {
		return this.ask("DELETE", `${path}/observe`);
	}

	readComposite(paths: readonly string[], format: FormatName): Promise<Answer> {
		return this.ask("GET", `/composite${compositeQuery(paths, format)}`);
	}

	writeComposite(nodes: Readonly<Record<string, ApiNode>>, format: FormatName): Promise<Answer> {
		return this.ask("PUT", `/composite${query({ nodeformat: format })}`, nodes);
	}

	observeComposite(paths: readonly string[], format: FormatName): Promise<Answer> {
		return this.ask("POST", `/composite/observe${compositeQuery(paths, format)}`);
	}

	cancelComposite(paths: readonly string[]): Promise<Answer> {
		return this.ask("DELETE", `/composite/observe?active&paths=${paths.join(",")}`);
	}

	/** Any request below the device's own path. A body that is an object goes as JSON, a string as plain text. */
	async ask(method: string, rest: string, body?: unknown): Promise<Answer> {
		const path = `/api/clients/${encodeURIComponent(this.endpointName)}${rest}`;
		const { httpStatus, text } = await this.#call(method, path, body);
		if (httpStatus !== 200 || !text.startsWith("{")) return { httpStatus, text, status: text, success: false };
		return { httpStatus, text, ...(JSON.parse(text) as Omit<Answer, "httpStatus" | "text">) };
	}

	/** The device's events from now on; resolves once the back end has accepted the listener. */
	async events(): Promise<EventStream> {
		const response = await this.#open("GET", `/api/event?ep=${encodeURIComponent(this.endpointName)}`);
		if (response.statusCode !== 200) throw new Error(`no events: HTTP ${response.statusCode}`);
		return new EventStream(response);
	}

	async #call(method: string, path: string, body?: unknown): Promise<{ httpStatus: number; text: string }> {
		const response = await this.#open(method, path, body);
		response.setEncoding("utf8");
		let text = "";
		for await (const piece of response) text += piece as string;
		return { httpStatus: response.statusCode ?? 0, text };
	}

	#open(method: string, path: string, body?: unknown): Promise<IncomingMessage> {
		const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
		const headers = {
			// Leshan answers 405 to whoever does not name this type for its events.
			accept: path.startsWith("/api/event") ? "text/event-stream" : "*/*",
			...(text === undefined ? {} : { "content-type": text === body ? "text/plain" : "application/json" }),
			...(text === undefined ? {} : { "content-length": Buffer.byteLength(text) }),
		};
		return new Promise((resolve, reject) => {
			httpRequest(`${this.#url}${path}`, { method, headers }, resolve).on("error", reject).end(text);
		});
	}
}

function query(parameters: Readonly<Record<string, string | number | boolean | undefined>>): string {
	const given = Object.entries(parameters).filter(([, value]) => value !== undefined);
	return given.length === 0 ? "" : `?${given.map(([name, value]) => `${name}=${value}`).join("&")}`;
}

/** Leshan fails on a composite request whose formats are not both named. */
function compositeQuery(paths: readonly string[], format: FormatName): string {
	return query({ paths: paths.join(","), pathformat: format, nodeformat: format });
}

/** One server-sent event. */
export interface ApiEvent {
	readonly name: string;
	readonly data: Readonly<Record<string, unknown>>;
}

/** Events as they came, in order; kept until somebody takes them. */
export class EventStream {
	readonly #response: IncomingMessage;
	readonly #arrived: ApiEvent[] = [];
	#rest = "";
	#wake: () => void = () => {};

	constructor(response: IncomingMessage) {
		this.#response = response;
		response.setEncoding("utf8");
		response.on("data", (piece: string) => this.#read(piece));
		response.on("error", () => {});
	}

	/** Lines end as HTML, 9.2.6 allows: Leshan's by CR LF, ours by LF. */
	#read(piece: string): void {
		const blocks = (this.#rest + piece).replaceAll("\r\n", "\n").split("\n\n");
		this.#rest = blocks.pop() ?? "";
		for (const block of blocks) {
			const name = /^event: ?(.*)$/m.exec(block)?.[1];
			const data = /^data: ?(.*)$/m.exec(block)?.[1];
			if (name !== undefined && data !== undefined) this.#arrived.push({ name, data: JSON.parse(data) });
		}
		this.#wake();
	}

	/** The next event of that name that a condition accepts; those before it are dropped. Throws when none comes. */
	async next(
		name: string,
		timeoutMs: number,
		accepts: (data: ApiEvent["data"]) => boolean = () => true,
	): Promise<ApiEvent["data"]> {
		const deadline = Date.now() + timeoutMs;
		const passed: string[] = [];
		for (;;) {
			for (let event = this.#arrived.shift(); event !== undefined; event = this.#arrived.shift()) {
				if (event.name === name && accepts(event.data)) return event.data;
				passed.push(event.name);
			}
			const waitMs = deadline - Date.now();
			if (waitMs <= 0) throw new Error(`no ${name} within ${timeoutMs} ms, but ${passed.join(", ") || "nothing"}`);
			await new Promise<void>((resolve) => {
				const timer = setTimeout(resolve, waitMs);
				this.#wake = () => {
					clearTimeout(timer);
					resolve();
				};
			});
		}
	}

	/** Whether an event of that name comes within a time. */
	async comes(name: string, timeoutMs: number): Promise<boolean> {
		return this.next(name, timeoutMs).then(
			() => true,
			() => false,
		);
	}

	/** Forgets what has come so far. */
	drop(): void {
		this.#arrived.length = 0;
	}

	close(): void {
		this.#response.destroy();
	}
}
