// The operator's side of the HTTP API: requests whose failures become exit codes, and its events.

import { type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { EXIT, Failure, UsageError } from "./shared.js";

export interface ClientOptions {
	readonly url: string;
	readonly token: string | undefined;
	/** How long the back end waits for a device. */
	readonly timeoutSeconds: number;
	/** Given: nobody waits, and the back end keeps what is asked for so long. */
	readonly queueSeconds?: number | undefined;
}

/** What a device answered, as the API says it. */
export interface DeviceResponse {
	readonly status: string;
	readonly success: boolean;
	readonly content?: unknown;
	readonly objectLinks?: readonly {
		readonly url: string;
		readonly attributes: Readonly<Record<string, string | null>>;
	}[];
	/** Where a created instance is: "3303/2". */
	readonly location?: string;
	readonly errormessage?: string;
	/** The number of a command that waits for its device; there is no answer yet. */
	readonly command?: number;
}

/** One server-sent event. */
export interface ServerEvent {
	readonly name: string;
	readonly data: Readonly<Record<string, unknown>>;
}

export interface Body {
	readonly type: "application/json" | "text/plain";
	readonly text: string;
}

/** What the back end may take longer than the device. */
const GRACE_MS = 5000;

export class BackendClient {
	readonly #options: ClientOptions;

	constructor(options: ClientOptions) {
		if (!/^https?:\/\/[^/]+\/?$/.test(options.url)) {
			throw new UsageError(`--backend needs a URL such as http://127.0.0.1:8080, not "${options.url}".`);
		}
		this.#options = { ...options, url: options.url.replace(/\/$/, "") };
	}

	/** All registrations. */
	async devices(): Promise<readonly Readonly<Record<string, unknown>>[]> {
		return JSON.parse(await this.#call("GET", "/api/clients")) as readonly Readonly<Record<string, unknown>>[];
	}

	/** Asks a device; `rest` is what follows its name: "/3/0/9", "/3/0/9/observe". */
	async ask(method: string, endpointName: string, rest: string, query = "", body?: Body): Promise<DeviceResponse> {
		const { timeoutSeconds, queueSeconds } = this.#options;
		const wait = queueSeconds === undefined ? `timeout=${timeoutSeconds}` : `queue=${queueSeconds}`;
		const parameters = [wait, query].filter((one) => one !== "").join("&");
		const text = await this.#call(method, `${clientPath(endpointName)}${rest}?${parameters}`, body, endpointName);
		return JSON.parse(text) as DeviceResponse;
	}

	/** Forgets an observation without asking the device. */
	async forget(endpointName: string, path: string, query = ""): Promise<void> {
		const rest = query === "" ? "" : `?${query}`;
		await this.#call("DELETE", `${clientPath(endpointName)}${path}/observe${rest}`, undefined, endpointName);
	}

	/** Wakes a device by SMS; tells what was sent to which number. */
	async trigger(
		endpointName: string,
		wish: { readonly number: string | undefined; readonly instance: number | undefined },
	): Promise<{ readonly to: string; readonly bytes: number; readonly secure: boolean }> {
		const body: Body = { type: "application/json", text: JSON.stringify(wish) };
		const text = await this.#call("POST", `${clientPath(endpointName)}/trigger`, body, endpointName);
		return JSON.parse(text) as { to: string; bytes: number; secure: boolean };
	}

	/** Hands each event to a listener until the back end ends the stream; resolves once it is open. */
	async events(
		endpointName: string | undefined,
		listener: (event: ServerEvent) => void,
	): Promise<{ readonly ended: Promise<void>; close(): void }> {
		const query = endpointName === undefined ? "" : `?ep=${encodeURIComponent(endpointName)}`;
		const response = await this.#open("GET", `/api/event${query}`, undefined, 0);
		if (response.statusCode !== 200) throw refusal(response.statusCode ?? 0, await readAll(response), "");
		const ended = readEvents(response, listener);
		return { ended, close: () => response.destroy() };
	}

	async #call(method: string, path: string, body?: Body, endpointName = ""): Promise<string> {
		const response = await this.#open(method, path, body, this.#options.timeoutSeconds * 1000 + GRACE_MS);
		const text = await readAll(response);
		if (response.statusCode === 200 || response.statusCode === 202) return text;
		throw refusal(response.statusCode ?? 0, text, endpointName, this.#options.timeoutSeconds);
	}

	#open(method: string, path: string, body: Body | undefined, timeoutMs: number): Promise<IncomingMessage> {
		const { url, token } = this.#options;
		const headers = {
			// Leshan gives its events only to those who ask for them by type.
			...(path.startsWith("/api/event") ? { accept: "text/event-stream" } : {}),
			...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
			...(body === undefined ? {} : { "content-type": body.type, "content-length": Buffer.byteLength(body.text) }),
		};
		return new Promise((resolve, reject) => {
			const open = url.startsWith("https:") ? httpsRequest : httpRequest;
			const request: ClientRequest = open(`${url}${path}`, { method, headers }, resolve);
			request.on("error", (error) => reject(unreachable(url, error)));
			if (timeoutMs > 0) request.setTimeout(timeoutMs, () => request.destroy(new Error("it does not answer")));
			request.end(body?.text);
		});
	}
}

function clientPath(endpointName: string): string {
	return `/api/clients/${encodeURIComponent(endpointName)}`;
}

function unreachable(url: string, error: Error): Failure {
	const why = "code" in error ? String(error.code) : error.message;
	return new Failure(
		`There is no back end at ${url} (${why}): start one by pinhole backend, or name it by --backend.`,
		EXIT.backendUnreachable,
	);
}

/** Every answer of the API but 200, in the operator's words. */
function refusal(statusCode: number, text: string, endpointName: string, timeoutSeconds = 0): Failure {
	if (statusCode === 504) {
		return new Failure(
			`No answer from ${endpointName} within ${timeoutSeconds} s; --timeout waits longer.`,
			EXIT.noAnswer,
		);
	}
	if (statusCode === 400 && /no registered client/i.test(text)) {
		return new Failure(
			`There is no device ${endpointName}: pinhole devices lists those that are registered.`,
			EXIT.noSuchDevice,
		);
	}
	if (statusCode === 401) return new Failure("The back end wants a --token, or $PINHOLE_TOKEN.", EXIT.usage);
	return new Failure(
		text === "" ? `The back end answered ${statusCode}.` : text,
		statusCode >= 500 ? EXIT.deviceError : EXIT.usage,
	);
}

async function readAll(response: IncomingMessage): Promise<string> {
	response.setEncoding("utf8");
	let text = "";
	for await (const piece of response) text += piece as string;
	return text;
}

/** Reads a stream of events (HTML, 9.2.6: fields of one event, then an empty line). */
async function readEvents(response: IncomingMessage, listener: (event: ServerEvent) => void): Promise<void> {
	response.setEncoding("utf8");
	let rest = "";
	try {
		for await (const piece of response) {
			// Leshan ends its lines by CR LF.
			const blocks = (rest + (piece as string)).replaceAll("\r\n", "\n").split("\n\n");
			rest = blocks.pop() ?? "";
			for (const block of blocks) {
				const name = /^event: ?(.*)$/m.exec(block)?.[1];
				const data = /^data: ?(.*)$/m.exec(block)?.[1];
				if (name !== undefined && data !== undefined) listener({ name, data: JSON.parse(data) });
			}
		}
	} catch (error) {
		if (error instanceof SyntaxError) throw error;
		// The connection was cut, by either side: the stream has ended.
	}
}
