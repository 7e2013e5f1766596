// One agent is one device: it owns the server accounts, their paths and their schedule. Sans-IO by the poll contract.

import type { Instant, Machine, PathId, Protection, Random, Transmit } from "../contract.js";
import { limits } from "../limits.js";
import type { Instance } from "../lwm2m/instance.js";
import type { Model } from "../lwm2m/model.js";
import type { Later } from "../lwm2m/object.js";
import { Security } from "../lwm2m/objects/security.js";
import { Server } from "../lwm2m/objects/server.js";
import { Path } from "../lwm2m/path.js";
import type { Service } from "../lwm2m/service.js";
import type { Traffic } from "../lwm2m/traffic.js";
import { FixedInterval } from "../reach/fixed-interval.js";
import { NoSecurity } from "../security/no-security.js";
import { Account } from "./account.js";
import type { AccountStatus } from "./account-options.js";
import type { Protect } from "./oscore-account.js";
import { parseServerUri } from "./server-uri.js";

/** TLS and WebSocket framing live in the shell; only "udp" is carried out today. */
export type Transport = "udp" | "tcp" | "tls" | "ws" | "wss";
export type PathClosed = "refused" | "reset" | "ended" | "unreachable" | "limit" | "tls-alert";
export type RestartReason = "execute" | "update" | "factory-reset";

/** What the core wants done outside; rare. The shell answers each with the handle… of the same name. */
export type Command =
	| {
			readonly kind: "open";
			readonly path: PathId;
			readonly transport: Transport;
			readonly address: string;
			readonly port: number;
	  }
	| { readonly kind: "close"; readonly path: PathId }
	| { readonly kind: "resolve"; readonly query: number; readonly host: string }
	| { readonly kind: "restart"; readonly why: RestartReason };

/** For people, logs and tests only; nothing in the firmware depends on it. */
export interface AgentEvent {
	readonly kind:
		| "registered"
		| "updated"
		| "waiting"
		| "suspect"
		| "repaired"
		| "deregistered"
		| "operation"
		/** In Queue Mode. */
		| "awake"
		| "asleep";
	readonly shortServerId: number;
	readonly detail: string;
}

export interface AgentOptions {
	readonly endpointName: string;
	/** Holds at least one Security (0) and the Server (1) instance with the same Short Server ID. */
	readonly model: Model;
	readonly random: Random;
	/** How long a binding may stay unchecked, in milliseconds; `Infinity` for no keepalive. A list goes by account. */
	readonly keepaliveMs: number | readonly number[];
	/** What counts for Connectivity Statistics (7), where the model has it. */
	readonly traffic?: Traffic | undefined;
	/** For accounts with OSCORE (/0/x/17). */
	readonly protect?: Protect | undefined;
}

export class Agent implements Machine {
	readonly #model: Model;
	readonly #accounts: Account[] = [];
	readonly #change = new Path();
	readonly #traffic: Traffic | undefined;
	/** Servers with an order (/1/x/13), lowest first, from the one on whose turn it is; undefined: none waits. */
	#turns: Account[] | undefined;

	/** Throws when the model holds no usable account, with a sentence that says what is missing. */
	constructor(options: AgentOptions) {
		this.#model = options.model;
		this.#traffic = options.traffic;
		const instances = options.model.instances;
		for (let i = 0; i < instances.length; i++) {
			const security = instances[i]!;
			if (security.definition.objectId !== Security.objectId || security.get("bootstrapServer") === true) continue;
			if (this.#accounts.length === limits.accountCount) throw new RangeError("too many server accounts");
			this.#accounts.push(createAccount(options, security, this.#accounts.length));
		}
		if (this.#accounts.length === 0) throw new RangeError("the model holds no Security instance (/0) of a server");
	}

	/** Begins to register with every server. */
	start(now: Instant): void {
		const turns: Account[] = [];
		for (let i = 0; i < this.#accounts.length; i++) {
			const account = this.#accounts[i]!;
			const order = account.priorityOrder;
			if (order === undefined) account.start(now);
			else turns.splice(placeIn(turns, order), 0, account);
		}
		if (turns.length === 0) return;
		this.#turns = turns;
		turns[0]!.start(now);
		this.startNext(now);
	}

	/** LwM2M Core, /1/x/13 and 15: whose turn it is lets the next one begin when it is registered, or has failed. */
	private startNext(now: Instant): void {
		const turns = this.#turns;
		if (turns === undefined) return;
		while (turns.length > 0 && turns[0]!.letsPass) {
			turns.shift();
			turns[0]?.start(now);
		}
		if (turns.length === 0) this.#turns = undefined;
	}

	/** For people: how each account stands, in the order of the Security instances (/0). */
	statuses(): AccountStatus[] {
		return this.#accounts.map((account) => account.status);
	}

	/** De-registers from every server; each account says "deregistered" when it is done, answered or not. */
	stop(now: Instant): void {
		this.#turns = undefined;
		for (let i = 0; i < this.#accounts.length; i++) this.#accounts[i]!.stop(now);
	}

	handleOpened(now: Instant, path: PathId): void {
		this.account(path).handleOpened(now, path);
	}

	handleClosed(now: Instant, path: PathId, _why: PathClosed): void {
		this.account(path).handleClosed(now, path);
		this.startNext(now);
	}

	/** A whole datagram from this path's peer only; the bytes are borrowed for the call. */
	handleReceived(now: Instant, path: PathId, bytes: Uint8Array): void {
		this.#traffic?.handleReceived(now, bytes.length);
		this.account(path).handleReceived(now, path, bytes);
		this.startNext(now);
		this.handleOrders(now);
		this.handleChanges(now);
	}

	/** An empty list: the name could not be resolved. */
	handleResolved(now: Instant, query: number, addresses: readonly string[]): void {
		this.account(query).handleResolved(now, query, addresses);
		this.startNext(now);
	}

	/** A label of the network (interface, SSID or APN, gateway); undefined: the link is down. */
	handleNetwork(now: Instant, label: string | undefined): void {
		for (let i = 0; i < this.#accounts.length; i++) this.#accounts[i]!.handleNetwork(now, label !== undefined);
	}

	/** Unix time from SNTP, a real-time clock or the user; a server's write to /3/0/13 does the same. */
	handleTime(now: Instant, unixSeconds: number): void {
		this.#model.handleTime(now, unixSeconds);
	}

	/** The application changed resources: observers are told as their attributes say. */
	handleModelChanged(now: Instant): void {
		this.handleChanges(now);
	}

	/** Completes what a handler put off by `Later`; a value for a Read, a Status for the others. False: nobody waits. */
	complete(now: Instant, later: Later, result: Parameters<Service["complete"]>[2]): boolean {
		let waited = false;
		for (let i = 0; i < this.#accounts.length; i++) if (this.#accounts[i]!.complete(now, later, result)) waited = true;
		this.handleOrders(now);
		this.handleChanges(now);
		return waited;
	}

	pollCommand(): Command | undefined {
		for (let i = 0; i < this.#accounts.length; i++) {
			const command = this.#accounts[i]!.pollCommand();
			if (command !== undefined) return command;
		}
		return undefined;
	}

	/** False: nothing to send. A send that fails in the shell is a lost datagram. */
	pollTransmit(now: Instant, out: Transmit): boolean {
		for (let i = 0; i < this.#accounts.length; i++)
			if (this.#accounts[i]!.pollTransmit(now, out)) {
				this.#traffic?.handleSent(now, out.length);
				return true;
			}
		return false;
	}

	pollEvent(): AgentEvent | undefined {
		for (let i = 0; i < this.#accounts.length; i++) {
			const event = this.#accounts[i]!.pollEvent();
			if (event !== undefined) return event;
		}
		return undefined;
	}

	pollTimeout(): Instant {
		let timeoutAt = Number.POSITIVE_INFINITY;
		for (let i = 0; i < this.#accounts.length; i++) {
			const at = this.#accounts[i]!.pollTimeout();
			if (at < timeoutAt) timeoutAt = at;
		}
		return timeoutAt;
	}

	handleTimeout(now: Instant): void {
		for (let i = 0; i < this.#accounts.length; i++) this.#accounts[i]!.handleTimeout(now);
		this.startNext(now);
		this.handleChanges(now);
	}

	/** What one account's server wants of another account. */
	private handleOrders(now: Instant): void {
		for (let i = 0; i < this.#accounts.length; i++) {
			const order = this.#accounts[i]!.pollOrder();
			if (order === undefined) continue;
			for (let j = 0; j < this.#accounts.length; j++)
				if (this.#accounts[j]!.shortServerId === order.shortServerId) this.#accounts[j]!.handleOrder(now, order);
		}
	}

	private handleChanges(now: Instant): void {
		const change = this.#change;
		while (this.#model.pollChange(change)) {
			const { objectId, instanceId, resourceId } = change;
			for (let i = 0; i < this.#accounts.length; i++)
				this.#accounts[i]!.handleChanged(now, objectId, instanceId, resourceId);
		}
	}

	/** Paths and queries are numbered in steps of limits.accountCount from the account's index: see Way. */
	private account(path: PathId): Account {
		return this.#accounts[path % limits.accountCount]!;
	}
}

function createAccount(options: AgentOptions, security: Instance, index: number): Account {
	const { endpointName, model, random, keepaliveMs } = options;
	const shortServerId = security.get("shortServerId") as number;
	const server = findServer(model, shortServerId);
	if (server === undefined) throw new RangeError(`no Server instance (/1) has the Short Server ID ${shortServerId}`);
	if (security.get("securityMode") !== NO_SECURITY) throw new RangeError("only security mode 3 (NoSec) is built yet");
	return new Account({
		shortServerId,
		uri: parseServerUri(security.get("serverUri") as string),
		content: { endpointName, model, server },
		session: new NoSecurity(),
		protection: protectionOf(options, security),
		reach: new FixedInterval(typeof keepaliveMs === "number" ? keepaliveMs : keepaliveMs[index]!, random),
		random,
		firstPath: index,
	});
}

function protectionOf({ model, protect }: AgentOptions, security: Instance): Protection | undefined {
	if (security.get("oscoreSecurityMode") === undefined) return undefined;
	if (protect === undefined) throw new RangeError("the account has OSCORE, and this device was made without it");
	return protect(model, security);
}

/** /0/x/2: NoSec. */
const NO_SECURITY = 3;

function findServer(model: Model, shortServerId: number): Instance | undefined {
	for (let i = 0; i < model.instances.length; i++) {
		const instance = model.instances[i]!;
		if (instance.definition.objectId === Server.objectId && instance.get("shortServerId") === shortServerId)
			return instance;
	}
	return undefined;
}

/** Behind all whose order is not higher. */
function placeIn(turns: readonly Account[], order: number): number {
	let place = turns.length;
	while (place > 0 && turns[place - 1]!.priorityOrder! > order) place--;
	return place;
}
