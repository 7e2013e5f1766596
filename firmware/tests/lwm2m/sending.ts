// A Sender under test: the endpoint is a recorder, and the test is the server.

import { addServerAccount } from "../../agent/server-account.js";
import type { Endpoint, ExchangeFailure, Request } from "../../coap/endpoint.js";
import { ContentFormat } from "../../coap/options.js";
import { decode } from "../../lwm2m/formats/codec.js";
import type { Entry } from "../../lwm2m/formats/format.js";
import { Model } from "../../lwm2m/model.js";
import { Device } from "../../lwm2m/objects/device.js";
import { Pressure } from "../../lwm2m/objects/pressure.js";
import { Temperature } from "../../lwm2m/objects/temperature.js";
import { pack, type SendOptions, type SendRecord } from "../../lwm2m/outgoing.js";
import { Path } from "../../lwm2m/path.js";
import { type SendEvent, Sender } from "../../lwm2m/send.js";
import { SeededRandom } from "../random.js";
import { message } from "./bench.js";

/** The clock of all tests that have one: instant 0 is this many seconds after 1970. */
export const EPOCH = 1_700_000_000;

export class Sending {
	readonly model = new Model();
	readonly server;
	readonly temperature;
	readonly requests: Request[] = [];
	/** Exchanges that the sender itself ended. */
	readonly cancelled: number[] = [];
	/** The endpoint takes no more requests. */
	isFull = false;
	now = 0;
	readonly sender: Sender;
	readonly #endpoint: Endpoint;
	#handle = 0;

	constructor(muteSend: boolean | "absent" = false) {
		this.server = addServerAccount(this.model, {
			serverUri: "coap://192.0.2.1",
			shortServerId: 1,
			lifetimeSeconds: 300,
			...(muteSend === "absent" ? {} : { server: { muteSend } }),
		});
		this.model.add(Device, 0, { manufacturer: "Pinhole", supportedBindingAndModes: "U", errorCode: [0] });
		this.temperature = this.model.add(Temperature, 0, { sensorValue: 21.5, sensorUnits: "Cel" });
		this.model.add(Pressure, 0, { sensorValue: 7 });
		const endpoint: Pick<Endpoint, "request" | "cancel"> = {
			request: (_now, request) => {
				if (this.isFull) return 0;
				this.requests.push(request);
				return this.requests.length;
			},
			cancel: (_now, exchange) => void this.cancelled.push(exchange),
		};
		this.#endpoint = endpoint as Endpoint;
		this.sender = new Sender({
			model: this.model,
			endpoint: this.#endpoint,
			server: this.model.find(1, 0)!,
			random: new SeededRandom(1),
		});
	}

	/** The server knows the device from now on, or no longer. */
	reach(isReachable = true): this {
		this.sender.setReachable(this.now, isReachable);
		return this;
	}

	/** Gives the handle; 0 where there is nothing to send. */
	send(what: readonly (string | SendRecord)[], options: SendOptions = {}): number {
		const outgoing = pack(this.model, this.now, this.#handle + 1, what, options);
		if (outgoing === undefined) return 0;
		this.#handle++;
		this.sender.add(this.now, outgoing);
		this.sender.handleTimeout(this.now);
		return outgoing.handle;
	}

	/** Lets time pass until an instant, from deadline to deadline. */
	run(until: number): void {
		for (let at = this.sender.pollTimeout(); at <= until; at = this.sender.pollTimeout()) {
			this.now = Math.max(this.now, at);
			this.sender.handleTimeout(this.now);
		}
		this.now = until;
	}

	/** Another way to the same server takes over. */
	move(): void {
		this.sender.move(this.now, this.#endpoint);
	}

	/** The server answers the newest request. */
	answer(code: number): void {
		this.sender.handleResponse(this.now, this.requests.length, message(code, "/"));
	}

	/** The newest request stays unanswered, say. */
	fail(why: ExchangeFailure): void {
		this.sender.handleFailed(this.now, this.requests.length, why);
	}

	/** What the sender had to say since the last call: "sent 1 2.04 Changed". */
	told(): string[] {
		const told = this.sender.takeLost() ? ["lost"] : [];
		for (let event = this.sender.pollEvent(); event !== undefined; event = this.sender.pollEvent())
			told.push(describe(event));
		return told;
	}

	/** The values of a request, the newest if not told otherwise, as "/3303/0/5700=21.5" or with "@60" for a time. */
	values(index = this.requests.length - 1): string[] {
		const { contentFormat, payload } = this.requests[index]!;
		const entries: Entry[] = [];
		if (!decode(contentFormat ?? ContentFormat.Text, payload!, new Path(), this.model, entries)) return ["unreadable"];
		return entries.map(({ objectId, instanceId, resourceId, resourceInstanceId, value, time }) => {
			const path = new Path().set(objectId, instanceId, resourceId, resourceInstanceId);
			return `${path}=${value}${time === undefined ? "" : `@${time}`}`;
		});
	}
}

function describe(event: SendEvent): string {
	return `${event.kind} ${event.handle} ${event.detail}`;
}
