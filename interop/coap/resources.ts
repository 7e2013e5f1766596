// The resources that ETSI's CoAP cases ask for, as far as our Endpoint reaches, and what came of each request.

import { encodeText } from "../../firmware/bytes.js";
import { Code } from "../../firmware/coap/codes.js";
import type { Message } from "../../firmware/coap/endpoint.js";
import { ContentFormat, Option } from "../../firmware/coap/options.js";
import type { Answer } from "./peer.js";

/** Longer than one block of 1024 bytes, and no multiple of any block. */
export const LARGE = Array.from({ length: 210 }, (_, i) => `line ${i}\n`).join("");

/** Later than any endpoint waits before it sends an Empty ACK. */
const SEPARATE_MS = 2500;

const LINKS = [
	'</test>;rt="Type1";if="If1"',
	'</separate>;title="answers late"',
	'</large>;sz=1890;rt="block"',
	'</obs>;obs;rt="observe"',
];

const METHODS = ["GET", "POST", "PUT", "DELETE"] as const;

/** A server's state: what was written, and how often each request was carried out. */
export class TestServer {
	/** "PUT /test", in order. */
	readonly carriedOut: string[] = [];
	text = "Hello";
	/** What /obs says. */
	observed = "0";
	#created = false;

	readonly serve = (request: Message): Answer | Promise<Answer> => {
		const path = this.#path(request);
		const method = METHODS[request.code - 1] ?? "other";
		this.carriedOut.push(`${method} ${path}`);
		switch (path) {
			case "/test":
				return this.#test(request);
			case "/separate": {
				const answer = text(this.text);
				return new Promise((resolve) => setTimeout(resolve, SEPARATE_MS, answer));
			}
			case "/seg1/seg2/seg3":
				return text("three segments");
			case "/query":
				return text(this.#queries(request));
			case "/multi-format":
				return this.#multiFormat(request);
			case "/create":
				return { code: Code.Created, locationPath: "/location1/location2/location3" };
			case "/location-query":
				return { code: Code.Created, locationPath: "/location", locationQuery: ["first=1", "second=2"] };
			case "/validate":
				return this.#validate(request);
			case "/create1":
				if (this.#created && request.count(Option.IfNoneMatch) > 0) return { code: Code.PreconditionFailed };
				this.#created = true;
				return { code: Code.Created };
			case "/large":
				return text(LARGE);
			case "/large-update":
			case "/large-create":
				return request.payload?.length === LARGE.length
					? { code: path === "/large-create" ? Code.Created : Code.Changed }
					: { code: Code.RequestEntityIncomplete };
			case "/obs":
				if (request.code === Code.Get) return this.observation(request.uint(Option.Observe) === 0);
				this.observed = Buffer.from(request.payload ?? []).toString();
				return { code: Code.Changed };
			case "/.well-known/core":
				return { ...text(this.#links(request)), contentFormat: ContentFormat.LinkFormat };
			default:
				return { code: Code.NotFound };
		}
	};

	/** A notification, or the first answer. */
	observation(accepted = true): Answer {
		return { ...text(this.observed), observe: accepted };
	}

	#test(request: Message): Answer {
		if (request.code === Code.Get) return text(this.text);
		if (request.code === Code.Delete) return { code: Code.Deleted };
		this.text = Buffer.from(request.payload ?? []).toString();
		return { code: request.code === Code.Put ? Code.Changed : Code.Created };
	}

	/** The entity tag is made of the text. */
	#validate(request: Message): Answer {
		const entityTag = encodeText(`e-${this.text}`);
		if (request.code === Code.Get) {
			const known = texts(request, Option.ETag).includes(`e-${this.text}`);
			return known ? { code: Code.Valid, entityTag } : { ...text(this.text), entityTag };
		}
		if (!texts(request, Option.IfMatch).includes(`e-${this.text}`)) return { code: Code.PreconditionFailed };
		this.text = Buffer.from(request.payload ?? []).toString();
		return { code: Code.Changed };
	}

	#multiFormat(request: Message): Answer {
		const accept = request.uint(Option.Accept) ?? ContentFormat.Text;
		if (accept === ContentFormat.Text) return text("plain");
		if (accept !== ContentFormat.Cbor) return { code: Code.NotAcceptable };
		return { code: Code.Content, contentFormat: accept, payload: new Uint8Array([0x65, ...encodeText("plain")]) };
	}

	#links(request: Message): string {
		const query = this.#queries(request);
		return LINKS.filter((link) => query === "" || link.includes(`;${query.replace("=", '="')}"`)).join(",");
	}

	#path(request: Message): string {
		return texts(request, Option.UriPath)
			.map((segment) => `/${segment}`)
			.join("");
	}

	#queries(request: Message): string {
		return texts(request, Option.UriQuery).join("&");
	}
}

function texts(request: Message, option: number): string[] {
	return Array.from({ length: request.count(option) }, (_, i) => request.text(option, i) ?? "");
}

function text(value: string): Answer {
	return { code: Code.Content, contentFormat: ContentFormat.Text, payload: encodeText(value) };
}
