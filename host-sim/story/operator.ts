// The operator of one device: its values and answers as text, and no answer as `undefined`.

import { BackendClient, type Body, type DeviceResponse, type ServerEvent } from "../cli/backend-client.js";
import { EXIT, Failure } from "../cli/shared.js";

/** Commands to one device: undefined where no answer came in time; they throw where the answer is an error. */
export class Operator {
	readonly #url: string;
	readonly #endpointName: string;
	#closeEvents: (() => void) | undefined;

	/** `url` as in the back end's ready line. */
	constructor(url: string, endpointName: string) {
		this.#url = url;
		this.#endpointName = endpointName;
	}

	/** The value of one resource. */
	async read(path: string, timeoutMs: number): Promise<string | undefined> {
		return contentOf(await this.#ask("GET", path, timeoutMs));
	}

	/** The status, as "CHANGED(204)". */
	async write(path: string, value: string, timeoutMs: number): Promise<string | undefined> {
		return (await this.#ask("PUT", path, timeoutMs, "", { type: "text/plain", text: value }))?.status;
	}

	/** The status, as "CHANGED(204)". */
	async execute(path: string, timeoutMs: number): Promise<string | undefined> {
		return (await this.#ask("POST", path, timeoutMs))?.status;
	}

	/** The value at the start; what follows comes as events. */
	async observe(path: string, timeoutMs: number): Promise<string | undefined> {
		return contentOf(await this.#ask("POST", `${path}/observe`, timeoutMs));
	}

	/** Takes the observation back at the device too. */
	async cancelObservation(path: string, timeoutMs: number): Promise<string | undefined> {
		return (await this.#ask("DELETE", `${path}/observe`, timeoutMs, "active"))?.status;
	}

	/** Hands over each event of this device until `close`; resolves when the stream is open. */
	async listen(handle: (event: ServerEvent) => void): Promise<void> {
		this.#closeEvents = (await this.#client(0).events(this.#endpointName, handle)).close;
	}

	close(): void {
		this.#closeEvents?.();
	}

	#client(timeoutMs: number): BackendClient {
		return new BackendClient({ url: this.#url, token: undefined, timeoutSeconds: timeoutMs / 1000 });
	}

	async #ask(
		method: string,
		rest: string,
		timeoutMs: number,
		query = "",
		body?: Body,
	): Promise<DeviceResponse | undefined> {
		try {
			const response = await this.#client(timeoutMs).ask(method, this.#endpointName, rest, query, body);
			if (response.success) return response;
			throw new Error(`${method} ${rest} was answered by ${response.status}.`);
		} catch (error) {
			if (error instanceof Failure && error.exitCode === EXIT.noAnswer) return undefined;
			throw error;
		}
	}
}

function contentOf(response: DeviceResponse | undefined): string | undefined {
	if (response === undefined) return undefined;
	return String((response.content as { readonly value?: unknown } | undefined)?.value);
}
