// One agent is one device: it owns the server accounts, their paths and their schedule. Sans-IO by the poll contract.

import type { Instant, Machine, PathId, Protection, Random, Store, Transmit } from "../contract.js";
import { limits } from "../limits.js";
import type { Instance } from "../lwm2m/instance.js";
import type { Model } from "../lwm2m/model.js";
import type { Later } from "../lwm2m/object.js";
import { Security } from "../lwm2m/objects/security.js";
import { Server } from "../lwm2m/objects/server.js";
import { pack, type SendOptions, type SendRecord } from "../lwm2m/outgoing.js";
import { Path } from "../lwm2m/path.js";
import type { Service } from "../lwm2m/service.js";
import type { Traffic } from "../lwm2m/traffic.js";
import { FixedInterval } from "../reach/fixed-interval.js";
import { LearningReach } from "../reach/learning.js";
import { Memory } from "../reach/memory.js";
import type { Reach, ReachStatus } from "../reach/reach.js";
import { NoSecurity } from "../security/no-security.js";
import { Account } from "./account.js";
import type { AccountStatus } from "./account-options.js";
import type { BindingReport } from "./binding-report.js";
import type { Protect } from "./oscore-account.js";
import { routesOf } from "./routes.js";
import type { ServerUri, Transport } from "./server-uri.js";
import { type SmsOptions, type TriggerCounts, type TriggerOutcome, Triggers } from "./triggers.js";

export type PathClosed = "refused" | "reset" | "ended" | "unreachable" | "limit" | "tls-alert";
export type RestartReason = "execute" | "update" | "factory-reset";

/** What the core wants done outside; rare. The shell answers each with the handle… of the same name. */
export type Command =
	| {
			readonly kind: "open";
			readonly path: PathId;
			readonly transport: Transport;
			/** The name that TLS and HTTP want to see; not for "udp" and "tcp". */
			readonly host?: string;
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
		| "asleep"
		/** A server has what was sent unasked, or never will. */
		| "sent"
		| "unsent";
	readonly shortServerId: number;
	readonly detail: string;
	/** Of "sent" and "unsent": what `send` returned. */
	readonly handle?: number;
}

export interface AgentOptions {
	readonly endpointName: string;
	/** Holds at least one Security (0) and the Server (1) instance with the same Short Server ID. */
	readonly model: Model;
	readonly random: Random;
	/**
	 * How long a binding may stay unchecked, in milliseconds; `Infinity` for no keepalive; undefined: as long as it is
	 * learned that bindings live. A list goes by account.
	 */
	readonly keepaliveMs?: number | readonly (number | undefined)[] | undefined;
	/** Keeps what was learned of networks over a power loss. */
	readonly store?: Store | undefined;
	/** What counts for Connectivity Statistics (7), where the model has it. */
	readonly traffic?: Traffic | undefined;
	/** For accounts with OSCORE (/0/x/17). */
	readonly protect?: Protect | undefined;
	/** How long the device listens after each message in Queue Mode; 93 s if not given. A list goes by account. */
	readonly awakeMs?: number | readonly (number | undefined)[] | undefined;
	/** What tells servers of the bindings (/33101), if anything does. */
	readonly bindings?: BindingReport | undefined;
	/** How the device is woken by SMS (/1/x/21), where it has a modem. */
	readonly sms?: SmsOptions | undefined;
	/** False: nothing is sent that only servers with the extension Reach understand (docs/reach-extension.md). */
	readonly elective?: boolean | undefined;
}

export class Agent implements Machine {
	readonly #model: Model;
	readonly #accounts: Account[] = [];
	readonly #change = new Path();
	readonly #traffic: Traffic | undefined;
	#sendCount = 0;
	readonly #bindings: BindingReport | undefined;
	readonly #triggers: Triggers | undefined;
	/** Servers with an order (/1/x/13), lowest first, from the one on whose turn it is; undefined: none waits. */
	#turns: Account[] | undefined;

	/** Throws when the model holds no usable account, with a sentence that says what is missing. */
	constructor(options: AgentOptions) {
		this.#model = options.model;
		this.#traffic = options.traffic;
		this.#bindings = options.bindings;
		this.#triggers = options.sms && new Triggers(this.#accounts, options.sms.acceptsPlain === true);
		const instances = options.model.instances;
		for (let i = 0; i < instances.length; i++) {
			const security = instances[i]!;
			if (security.definition.objectId !== Security.objectId || security.get("bootstrapServer") === true) continue;
			if (this.#accounts.length === limits.accountCount) throw new RangeError("too many server accounts");
			this.#accounts.push(createAccount(options, security, this.#accounts.length));
		}
		if (this.#accounts.length === 0) throw new RangeError("the model holds no Security instance (/0) of a server");
		this.#bindings?.attach(this.#model, this.#accounts);
	}

	/** Begins to register with every server. */
	start(now: Instant): void {
		const turns: Account[] = [];
		for (let i = 0; i < this.#accounts.length; i++) {
			const account = this.#accounts[i]!;
			if (this.standsBehind(account) !== undefined) continue;
			const order = account.priorityOrder;
			if (order === undefined) account.start(now);
			else turns.splice(placeIn(turns, order), 0, account);
		}
		if (turns.length === 0) return;
		this.#turns = turns;
		turns[0]!.start(now);
		this.startNext(now);
	}

	/** The account of the same server, by its Short Server ID, that comes before this one. */
	private standsBehind(account: Account): Account | undefined {
		let before: Account | undefined;
		for (let i = 0; this.#accounts[i] !== account; i++)
			if (this.#accounts[i]!.shortServerId === account.shortServerId) before = this.#accounts[i]!;
		return before;
	}

	/**
	 * A second account of a server is another way to it: it begins when all ways of the one before were tried in vain,
	 * and ends when that one is registered again.
	 */
	private relieve(now: Instant): void {
		for (let i = 1; i < this.#accounts.length; i++) {
			const account = this.#accounts[i]!;
			const before = this.standsBehind(account);
			if (before === undefined) continue;
			const isExhausted = before.pollExhausted();
			if (account.isRunning) {
				if (!before.isReached) continue;
				before.takeSends(now, account);
				account.stop(now);
			} else if (isExhausted && !before.isReached) {
				account.start(now);
				account.takeSends(now, before);
			}
		}
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

	/** How the binding of each account stands, in the same order. */
	reachStatuses(now: Instant): ReachStatus[] {
		return this.#accounts.map((account) => account.reachStatus(now));
	}

	/** De-registers from every server; each account says "deregistered" when it is done, answered or not. */
	stop(now: Instant): void {
		this.#turns = undefined;
		for (let i = 0; i < this.#accounts.length; i++) this.#accounts[i]!.stop(now);
	}

	/** This run of the device ends, once everything is sent that is due: what it says to its connections. */
	farewell(): void {
		for (let i = 0; i < this.#accounts.length; i++) this.#accounts[i]!.farewell();
	}

	handleOpened(now: Instant, path: PathId): void {
		this.account(path).handleOpened(now, path);
	}

	handleClosed(now: Instant, path: PathId, _why: PathClosed, detail?: string): void {
		this.account(path).handleClosed(now, path, detail);
		this.startNext(now);
	}

	/** Of a stream: it takes so many bytes now; first right after it was opened. */
	handleWritable(now: Instant, path: PathId, room: number): void {
		this.account(path).handleWritable(now, path, room);
	}

	/** A whole datagram from this path's peer only, or any piece of a stream; the bytes are borrowed for the call. */
	handleReceived(now: Instant, path: PathId, bytes: Uint8Array): void {
		this.#traffic?.handleReceived(now, bytes.length);
		this.#bindings?.handleTime(now);
		this.account(path).handleReceived(now, path, bytes);
		this.relieve(now);
		this.startNext(now);
		this.handleOrders(now);
		this.handleChanges(now);
	}

	/** The data of a short message: a server may want to hear of the device. Nothing answers it. */
	handleTrigger(now: Instant, bytes: Uint8Array): TriggerOutcome {
		const outcome = this.#triggers?.handle(now, bytes) ?? "unwanted";
		this.startNext(now);
		return outcome;
	}

	/** What came of all short messages; undefined without a modem. */
	get triggerCounts(): Readonly<TriggerCounts> | undefined {
		return this.#triggers?.counts;
	}

	/** An empty list: the name could not be resolved. */
	handleResolved(now: Instant, query: number, addresses: readonly string[]): void {
		this.account(query).handleResolved(now, query, addresses);
		this.startNext(now);
	}

	/** A label of the network (interface, SSID or APN, gateway); undefined: the link is down. */
	handleNetwork(now: Instant, label: string | undefined): void {
		for (let i = 0; i < this.#accounts.length; i++) this.#accounts[i]!.handleNetwork(now, label);
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

	/**
	 * Tells the servers what paths hold now, or records (LwM2M Core 1.2, 6.4.6). Gives the handle by which the events
	 * "sent" and "unsent" speak of it; 0: nothing of it is there. Throws a RangeError for what can never be sent.
	 */
	send(now: Instant, what: readonly (string | SendRecord)[], options: SendOptions): number {
		const outgoing = pack(this.#model, now, this.#sendCount + 1, what, options);
		if (outgoing === undefined) return 0;
		this.#sendCount++;
		const { shortServerId } = options;
		for (let i = 0; i < this.#accounts.length; i++) {
			const account = this.#accounts[i]!;
			const isMeant = shortServerId === undefined || shortServerId === account.shortServerId;
			if (isMeant && !this.isSpokenFor(i)) account.send(now, outgoing);
		}
		return outgoing.handle;
	}

	/** Whether another account speaks to the same server: one that stands behind and runs, or the one before. */
	private isSpokenFor(index: number): boolean {
		const account = this.#accounts[index]!;
		for (let i = 0; i < this.#accounts.length; i++) {
			const other = this.#accounts[i]!;
			if (i === index || other.shortServerId !== account.shortServerId) continue;
			if (i > index ? other.isRunning : !account.isRunning) return true;
		}
		return false;
	}

	/** When the device next has something to say, if until then no server speaks to it (Queue Mode); undefined: awake. */
	asleepUntil(): Instant | undefined {
		for (let i = 0; i < this.#accounts.length; i++) if (this.#accounts[i]!.isListening) return undefined;
		return this.pollTimeout();
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
		this.#bindings?.handleTime(now);
		for (let i = 0; i < this.#accounts.length; i++) this.#accounts[i]!.handleTimeout(now);
		this.relieve(now);
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
	const { model, random, keepaliveMs } = options;
	const shortServerId = security.get("shortServerId") as number;
	const server = findServer(model, shortServerId);
	if (server === undefined) throw new RangeError(`no Server instance (/1) has the Short Server ID ${shortServerId}`);
	if (security.get("securityMode") !== NO_SECURITY) throw new RangeError("only security mode 3 (NoSec) is built yet");
	const routes = routesOf(security, server);
	return new Account({
		shortServerId,
		security,
		routes,
		content: contentOf(options, server, index),
		session: new NoSecurity(),
		protection: protectionOf(options, security),
		reach: createReach(options, typeof keepaliveMs === "object" ? keepaliveMs[index] : keepaliveMs, routes[0]!),
		random,
		firstPath: index,
	});
}

/** Told how long a binding lives, or to learn it. */
function createReach(options: AgentOptions, keepaliveMs: number | undefined, { host, port }: ServerUri): Reach {
	const { random, store } = options;
	if (keepaliveMs !== undefined) return new FixedInterval(keepaliveMs, random);
	return new LearningReach(random, new Memory(store, `${host}:${port}`));
}

/** Only what is given: each member of an object costs 16 bytes. */
function contentOf({ awakeMs, elective, endpointName, model, sms }: AgentOptions, server: Instance, index: number) {
	const windowMs = typeof awakeMs === "object" ? awakeMs[index] : awakeMs;
	return {
		endpointName,
		model,
		server,
		...(sms?.number !== undefined && { smsNumber: sms.number }),
		...(elective === false && { elective }),
		...(windowMs !== undefined && { awakeMs: windowMs }),
	};
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
