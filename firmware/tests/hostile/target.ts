// The device under attack: a whole agent, registered, with a model that has a case for each operation.

import { Agent } from "../../agent/agent.js";
import { addServerAccount } from "../../agent/server-account.js";
import { Code } from "../../coap/codes.js";
import { DatagramMessage } from "../../coap/message.js";
import { Option } from "../../coap/options.js";
import type { Transmit } from "../../contract.js";
import { limits } from "../../limits.js";
import { fits, type Instance } from "../../lwm2m/instance.js";
import { Model } from "../../lwm2m/model.js";
import type { StoredValue } from "../../lwm2m/object.js";
import { Actuation } from "../../lwm2m/objects/actuation.js";
import { Device } from "../../lwm2m/objects/device.js";
import { Temperature } from "../../lwm2m/objects/temperature.js";
import { Cabinet } from "../lwm2m/machine.js";
import { SeededRandom } from "../random.js";
import { message } from "./message.js";

/** More datagrams, events, commands or deadlines than this after one datagram would be endless work. */
const MOST_STEPS = 64;

/** Longer than the Disable Timeout that the device begins with; an enemy may write another one. */
const PATIENCE_MS = 6000;

/** Operations that may change the model. */
const CHANGING: readonly string[] = Object.freeze(["write", "create", "delete", "write-composite", "execute"]);

/** Whether "write /3306/0/5851 2.04 Changed" changed the model. */
function mayChange(operation: string): boolean {
	const [name, , code] = operation.split(" ");
	return CHANGING.includes(name!) && code!.startsWith("2.");
}

function createModel(): Model {
	const model = new Model();
	addServerAccount(model, {
		serverUri: "coap://192.0.2.1:5683",
		shortServerId: 1,
		lifetimeSeconds: 86_400,
		server: {
			defaultMinimumPeriod: 0,
			defaultMaximumPeriod: 0,
			disable: null,
			disableTimeout: 5,
			registrationUpdateTrigger: null,
		},
	});
	model.add(Device, 0, {
		manufacturer: "Pinhole",
		availablePowerSources: [1, 5],
		errorCode: [3],
		resetErrorCode: null,
		currentTime: null,
		supportedBindingAndModes: "U",
	});
	model.add(Temperature, 0, { sensorValue: 21.5, sensorUnits: "Cel" });
	// Longer than a block: reading it leaves a transfer behind.
	model.add(Temperature, 1, { sensorValue: 40, applicationType: "x".repeat(1300) });
	model.add(Actuation, 0, { onOff: false, dimmer: 30 });
	const values = { secret: "s", blob: new Uint8Array([0, 255]), numbers: [7, 8], link: "3303:0", count: 0 };
	const execute = () => "changed" as const;
	model.add(Cabinet, 0, { ...values, internal: "i", name: "cabinet", go: null }, { execute });
	model.allowCreate(Cabinet, 3, { numbers: [], count: null }, { execute });
	return model;
}

export class Target {
	now = 0x7fff_f000;
	/** True: nobody answers what the device asks, but the enemy in the server's name. */
	deserted: boolean;
	/** How often the device registered. */
	registrations = 0;
	readonly model = createModel();
	readonly agent: Agent;
	/** What was answered to the newest datagram; -1 for nothing. */
	answerCode = -1;
	/** "read /3/0/0 2.05 Content" of the newest datagram. */
	operations: string[] = [];
	/** How many datagrams the device sent in all, and how many bytes for the newest datagram. */
	sentCount = 0;
	sentBytes = 0;
	/** The newest datagram of the device. */
	readonly sent: Transmit = { bytes: new Uint8Array(limits.messageLength), length: 0, path: 0 };
	readonly #parsed = new DatagramMessage();
	readonly #replies: Uint8Array[] = [];
	#path = -1;
	#isOpen = false;
	#held: readonly (StoredValue | null | undefined)[] = [];

	constructor(deserted = false) {
		const { model } = this;
		this.deserted = deserted;
		this.agent = new Agent({ endpointName: "target", model, random: new SeededRandom(7), keepaliveMs: 20_000 });
		this.agent.start(this.now);
		this.#settle();
		this.#held = this.#snapshot();
	}

	/** One datagram of the server, and everything that follows from it at this instant. */
	receive(bytes: Uint8Array): void {
		this.answerCode = -1;
		this.sentBytes = 0;
		this.operations = [];
		if (this.#isOpen) this.agent.handleReceived(this.now, this.#path, bytes);
		this.#settle();
		this.#checkModel();
	}

	/** Lets time pass from deadline to deadline. */
	run(milliseconds: number): void {
		const end = this.now + milliseconds;
		let steps = 0;
		for (let at = this.agent.pollTimeout(); at <= end; at = this.agent.pollTimeout()) {
			steps = at > this.now ? 0 : steps + 1;
			bound(steps, "deadlines at one instant");
			this.now = Math.max(this.now, at);
			this.agent.handleTimeout(this.now);
			this.#settle();
		}
		this.now = end;
	}

	/** A server may send a device away (/1/x/4): waits for its return, and where that takes long, starts it anew. */
	comeBack(): void {
		if (this.#isOpen) return;
		const at = this.agent.pollTimeout();
		if (at === Number.POSITIVE_INFINITY) throw new Error("the device is gone for ever");
		this.run(Math.min(at - this.now, PATIENCE_MS));
		if (!this.#isOpen) this.agent.start(this.now);
		this.#settle();
	}

	/** De-registers and registers: what was observed is observed no longer. */
	startAgain(): void {
		this.agent.stop(this.now);
		this.#settle();
		this.agent.start(this.now);
		this.#settle();
	}

	/** The value of a plain Read as text; undefined where it was not answered by 2.05. */
	read(path: string): string | undefined {
		this.receive(message({ code: Code.Get, messageId: 0xffff, token: "0123456789abcdef", path }));
		if (this.answerCode !== Code.Content) return undefined;
		this.#parsed.decode(this.sent.bytes.subarray(0, this.sent.length));
		return String.fromCharCode(...(this.#parsed.payload ?? []));
	}

	#settle(): void {
		let steps = 0;
		for (;;) {
			this.#drain();
			const reply = this.#replies.shift();
			if (reply === undefined) return;
			bound(++steps, "exchanges");
			if (this.#isOpen) this.agent.handleReceived(this.now, this.#path, reply);
		}
	}

	#drain(): void {
		const { agent } = this;
		let steps = 0;
		for (let command = agent.pollCommand(); command !== undefined; command = agent.pollCommand()) {
			bound(++steps, "commands");
			if (command.kind === "close") this.#isOpen = false;
			if (command.kind !== "open") continue;
			this.#path = command.path;
			this.#isOpen = true;
			agent.handleOpened(this.now, command.path);
		}
		while (agent.pollTransmit(this.now, this.sent)) {
			bound(++steps, "datagrams");
			this.#handleSent(this.sent.bytes.subarray(0, this.sent.length));
		}
		for (let event = agent.pollEvent(); event !== undefined; event = agent.pollEvent()) {
			bound(++steps, "events");
			if (event.kind === "operation") this.operations.push(event.detail);
			else if (event.kind === "registered") this.registrations++;
		}
	}

	/** Reads what the device sends, by the parser that is under attack itself, and plays the server when it registers. */
	#handleSent(bytes: Uint8Array): void {
		const parsed = this.#parsed;
		this.sentCount++;
		this.sentBytes += bytes.length;
		if (parsed.decode(bytes) !== "ok") throw new Error("the device sent what is no message");
		const { code, messageId, token } = parsed;
		if (code >= 0x20) this.answerCode = code;
		if (this.deserted) return;
		if (code === Code.Post && parsed.count(Option.UriPath) === 1)
			this.#replies.push(
				message({
					type: "ACK",
					code: Code.Created,
					messageId,
					token,
					options: [
						[Option.LocationPath, "rd"],
						[Option.LocationPath, "1"],
					],
				}),
			);
		else if (code === Code.Post) this.#replies.push(message({ type: "ACK", code: Code.Changed, messageId, token }));
		else if (code === Code.Delete) this.#replies.push(message({ type: "ACK", code: Code.Deleted, messageId, token }));
	}

	/** A value changes only by an operation that said so, and what is held always fits its resource. */
	#checkModel(): void {
		if (this.#isUnchanged()) return;
		if (!this.operations.some(mayChange))
			throw new Error(`the model changed by: ${this.operations.join(", ") || "nothing"}`);
		for (const { definition, instanceId, values } of this.model.instances)
			for (const [index, resource] of definition.table.entries()) {
				const value = values[index];
				if (value !== undefined && value !== null && !fits(resource, value))
					throw new Error(`/${definition.objectId}/${instanceId}/${resource.id} holds ${String(value)}`);
			}
		this.#held = this.#snapshot();
	}

	#snapshot(): (StoredValue | null | undefined)[] {
		const all: (StoredValue | null | undefined)[] = [];
		for (const instance of this.model.instances) for (let i = 0; i < width(instance); i++) all.push(instance.values[i]);
		return all;
	}

	/** By identity: a stored array is never written in place. */
	#isUnchanged(): boolean {
		const instances = this.model.instances;
		let at = 0;
		for (let i = 0; i < instances.length; i++) {
			const instance = instances[i]!;
			for (let index = 0; index < width(instance); index++)
				if (!Object.is(instance.values[index], this.#held[at++])) return false;
		}
		return at === this.#held.length;
	}
}

function width(instance: Instance): number {
	return instance.definition.table.length;
}

function bound(steps: number, what: string): void {
	if (steps > MOST_STEPS) throw new Error(`endless work: ${what}`);
}
