// One Service under test: the test is the server, and the endpoint is a recorder with virtual time.

import { decodeText, encodeText } from "../../bytes.js";
import { Code, codeText } from "../../coap/codes.js";
import type { Endpoint, Message, Response } from "../../coap/endpoint.js";
import { Option } from "../../coap/options.js";
import { Model } from "../../lwm2m/model.js";
import { Path } from "../../lwm2m/path.js";
import { Service, type ServiceEvent } from "../../lwm2m/service.js";
import { toHex } from "../coap/hex.js";

/** What a request carries beside its method and path. */
export interface Ask {
	readonly accept?: number;
	readonly contentFormat?: number;
	readonly payload?: string | Uint8Array;
	readonly query?: readonly string[];
	readonly observe?: 0 | 1;
}

/** A message as the endpoint would hand it over. */
export function message(code: number, path: string, ask: Ask = {}): Message {
	const segments = path.split("/").slice(1);
	const texts: Readonly<Record<number, readonly string[]>> = {
		[Option.UriPath]: path === "/" ? [] : segments,
		[Option.UriQuery]: ask.query ?? [],
	};
	const numbers: Readonly<Record<number, number | undefined>> = {
		[Option.Accept]: ask.accept,
		[Option.ContentFormat]: ask.contentFormat,
		[Option.Observe]: ask.observe,
	};
	const text = (number: number, occurrence = 0) => texts[number]?.[occurrence];
	return {
		code,
		token: "",
		payload: typeof ask.payload === "string" ? encodeText(ask.payload) : ask.payload,
		option: () => undefined,
		uint: (number) => numbers[number],
		count: (number) => texts[number]?.length ?? (numbers[number] === undefined ? 0 : 1),
		text,
		decimal: (number, occurrence) => {
			const value = Number(text(number, occurrence) ?? "-");
			return String(value) === text(number, occurrence) && value >= 0 && value <= 65535 ? value : -1;
		},
	};
}

/** What the server got: at which instant, for which request, and the response itself. */
export interface Answer {
	readonly at: number;
	readonly exchange: number;
	readonly response: Response;
}

export class Bench {
	readonly model = new Model();
	readonly service: Service;
	readonly answers: Answer[] = [];
	/** Exchanges that the service itself ended. */
	readonly ended: number[] = [];
	/** Exchanges that the endpoint no longer knows: `respond` is refused. */
	readonly gone = new Set<number>();
	now = 0;
	#exchange = 0;
	readonly #change = new Path();

	constructor(shortServerId = 1) {
		const endpoint: Pick<Endpoint, "respond" | "cancel"> = {
			respond: (at, exchange, response) => {
				if (this.gone.has(exchange)) return false;
				this.answers.push({ at, exchange, response });
				return true;
			},
			cancel: (_now, exchange) => {
				this.ended.push(exchange);
			},
		};
		this.service = new Service(this.model, endpoint as Endpoint, shortServerId);
	}

	/** Sends a request; returns its exchange. */
	send(code: number, path: string, ask: Ask = {}): number {
		this.#exchange++;
		this.service.handleRequest(this.now, this.#exchange, message(code, path, ask));
		this.drain();
		return this.#exchange;
	}

	/** Sends a request and returns the response, which must have come at once. */
	ask(code: number, path: string, ask: Ask = {}): Response {
		const exchange = this.send(code, path, ask);
		const answer = this.answers.find((each) => each.exchange === exchange);
		if (answer === undefined) throw new Error(`no answer to ${path}`);
		return answer.response;
	}

	/** The response in one line: "2.05 0 21.5" is code, content format and text; binary formats are in hex. */
	line(code: number, path: string, ask: Ask = {}): string {
		return line(this.ask(code, path, ask));
	}

	get(path: string, ask: Ask = {}): string {
		return this.line(Code.Get, path, ask);
	}

	put(path: string, payload: string, contentFormat = 0): string {
		return this.line(Code.Put, path, { payload, contentFormat });
	}

	/** Plays what the agent does after each input: changes go to the service, then what is due. */
	drain(): void {
		while (this.model.pollChange(this.#change)) {
			const { objectId, instanceId, resourceId } = this.#change;
			this.service.handleChanged(this.now, objectId, instanceId, resourceId);
		}
		if (this.service.pollTimeout() <= this.now) this.service.handleTimeout(this.now);
	}

	/** Lets time pass, stopping at each deadline. */
	run(until: number): void {
		this.drain();
		for (let at = this.service.pollTimeout(); at <= until; at = this.service.pollTimeout()) {
			this.now = Math.max(this.now, at);
			this.drain();
		}
		this.now = until;
	}

	/** All answers to one exchange, as "instant code format text". */
	answersTo(exchange: number): string[] {
		return this.answers
			.filter((answer) => answer.exchange === exchange)
			.map(({ at, response }) => `${at} ${line(response)}`);
	}

	events(): ServiceEvent[] {
		const events: ServiceEvent[] = [];
		for (let event = this.service.pollEvent(); event !== undefined; event = this.service.pollEvent())
			events.push(event);
		return events;
	}
}

const TEXT_FORMATS: readonly number[] = [0, 40];

export function line({ code, contentFormat, payload }: Response): string {
	const status = codeText(code).slice(0, 4);
	if (contentFormat === undefined && payload === undefined) return status;
	const bytes = payload ?? new Uint8Array(0);
	const isText = contentFormat === undefined || TEXT_FORMATS.includes(contentFormat);
	return `${status} ${contentFormat} ${isText ? decodeText(bytes, 0, bytes.length) : toHex(bytes)}`;
}
