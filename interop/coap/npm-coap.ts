// npm `coap` as foreign client and server.

import { createSocket } from "node:dgram";
import { Agent, createServer, type IncomingMessage, request as npmRequest, type OutgoingMessage } from "coap";
import { type ForeignClient, type ForeignReply, type ForeignServer, freePort, until } from "./foreign.js";
import { LARGE } from "./resources.js";

/** With a socket of its own the agent outlives its requests, and so can answer a late notification by a Reset. */
function createAgent(): Agent {
	const socket = createSocket("udp4").unref();
	return new Agent({ type: "udp4", socket });
}

export const npmClient: ForeignClient = {
	ask(port, { method, path, confirmable = true, payload, accept, token, blockLength, conditions = {} }) {
		const [pathname = "", query = ""] = path.split("?");
		const request = npmRequest({
			...{ agent: createAgent(), hostname: "127.0.0.1", port, pathname, query, method, confirmable },
			...(token === undefined ? {} : { token: Buffer.from(token) }),
		});
		if (accept !== undefined) request.setOption("Accept", accept === 60 ? "application/cbor" : "text/plain");
		// It cuts a large payload into blocks only when told the size of one: 2^(6 + 4).
		if (payload !== undefined && payload.length > 1024) request.setOption("Block1", Buffer.of(6));
		if (blockLength !== undefined) request.setOption("Block2", Buffer.of(Math.log2(blockLength) - 4));
		for (const [name, value] of Object.entries(conditions)) request.setOption(name, Buffer.from(value));
		return new Promise((resolve, reject) => {
			request.on("error", reject);
			request.on("response", (response) => resolve(replyOf(response)));
			request.end(payload);
		});
	},
	observe(port, path) {
		const heard: string[] = [];
		let stream: { close(): void } | undefined;
		const request = npmRequest({ agent: createAgent(), hostname: "127.0.0.1", port, pathname: path, observe: true });
		request.on("error", () => {});
		request.on("response", (response) => {
			stream = response as unknown as { close(): void };
			response.on("data", (piece: Buffer) => heard.push(piece.toString()));
		});
		request.end();
		return {
			heard: (count) => until(() => heard, count),
			async stop() {
				stream?.close();
			},
		};
	},
};

function replyOf(response: IncomingMessage): ForeignReply {
	// Its `headers` keep the last of a repeated option only; its list of options is not in its types.
	const { options } = response as unknown as { options: readonly { name: string; value: Buffer }[] };
	const format = response.headers["Content-Format"];
	const all = (wanted: string): string[] =>
		options.filter(({ name }) => name === wanted).map(({ value }) => `${value}`);
	const path = all("Location-Path").map((one) => `/${one}`);
	const query = all("Location-Query").join("&");
	const [entityTag] = all("ETag");
	return {
		code: response.code,
		payload: response.payload.toString(),
		...(format === undefined ? {} : { contentFormat: String(format) }),
		...(path.length === 0 ? {} : { location: path.join("") + (query === "" ? "" : `?${query}`) }),
		...(entityTag === undefined ? {} : { entityTag }),
	};
}

type Handler = (request: IncomingMessage, response: OutgoingMessage, state: State) => void;

interface State {
	test: string;
	readonly timers: Set<NodeJS.Timeout>;
}

const SEPARATE_MS = 1500;
const CHANGE_MS = 100;
const METHOD_CODES: Readonly<Record<string, string>> = { GET: "2.05", PUT: "2.04", POST: "2.01", DELETE: "2.02" };

const HANDLERS: Readonly<Record<string, Handler>> = {
	"/test": (request, response, state) => {
		if (request.method === "PUT" || request.method === "POST") state.test = request.payload.toString();
		response.code = METHOD_CODES[request.method] ?? "4.05";
		response.end(request.method === "GET" ? state.test : "");
	},
	"/separate": (_request, response, state) => {
		state.timers.add(setTimeout(() => response.end("late"), SEPARATE_MS));
	},
	"/seg1/seg2/seg3": (_request, response) => void response.end("three segments"),
	"/query": (request, response) => void response.end(request.url.split("?")[1]),
	"/large": (_request, response) => void response.end(LARGE),
	"/large-update": (request, response) => void response.end(String(request.payload.length)),
	"/multi-format": (request, response) => {
		const cbor = request.headers.Accept === "application/cbor";
		response.setOption("Content-Format", cbor ? "application/cbor" : "text/plain");
		response.end(cbor ? Buffer.from([0x65, ...Buffer.from("plain")]) : "plain");
	},
	"/create": (_request, response) => {
		response.setOption(
			"Location-Path",
			["location1", "location2"].map((one) => Buffer.from(one)),
		);
		response.code = "2.01";
		response.end();
	},
	"/obs": (request, response, state) => {
		if (request.headers.Observe !== 0) return void response.end("0");
		let value = 0;
		const timer = setInterval(() => response.write(String(++value)), CHANGE_MS);
		state.timers.add(timer);
		response.on("finish", () => clearInterval(timer));
		response.write("0");
	},
};

/** A server with the resources of the cases; /obs changes all the time. */
export async function startNpmServer(): Promise<ForeignServer> {
	const port = await freePort();
	const state: State = { test: "Hello", timers: new Set() };
	const server = createServer((request, response) => {
		const handler = HANDLERS[request.url.split("?")[0] ?? ""];
		if (handler !== undefined) return handler(request, response, state);
		response.code = "4.04";
		response.end();
	});
	await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", () => resolve()));
	return {
		port,
		async close() {
			for (const timer of state.timers) clearInterval(timer);
			await new Promise<void>((resolve) => server.close(() => resolve()));
		},
	};
}
