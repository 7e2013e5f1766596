// What the device tells servers of its bindings (/33101): read when asked, and told to observers without more messages
// than it is worth, as each of them is itself traffic that a binding sees.

import { encodeText } from "../bytes.js";
import { hashBytes } from "../coap/hash.js";
import type { Instant } from "../contract.js";
import type { Model } from "../lwm2m/model.js";
import type { ObjectHandler, ReadableName, TypedInstance } from "../lwm2m/object.js";
import { NetworkBinding } from "../lwm2m/objects/network-binding.js";
import type { ReachStatus } from "../reach/reach.js";
import { reportTimes } from "./constants.js";

type Resources = (typeof NetworkBinding)["resources"];
type Name = ReadableName<Resources>;
type Answer = ReturnType<NonNullable<ObjectHandler<Resources>["read"]>>;

/** The name of a network may say where people are: "mark" tells networks apart and no more, "none" not even that. */
export type NetworkPrivacy = "name" | "mark" | "none";

/** What a report needs of an account. */
export interface Reported {
	readonly shortServerId: number;
	/** Its instance of the Server object. */
	readonly server: { readonly instanceId: number };
	readonly transport: string;
	reachStatus(now: Instant): ReachStatus;
}

/** One account's instance, and what its observers were told last: a whole status would cost more memory. */
interface Entry {
	readonly account: Reported;
	readonly instance: TypedInstance<Resources>;
	lower: number;
	upper: number;
	interval: number;
	kind: string;
	rebindings: number;
	network: string;
	transport: string;
	failureAt: Instant;
	/** When they were told the figures that grow all the time. */
	figuresAt: Instant;
}

const BEFORE = Number.NEGATIVE_INFINITY;
/** FNV's, as good as any other. */
const MARK_SEED = 0x811c9dc5;
/** Ages of failures are whole seconds: the same one may seem to have been a little later. */
const SAME_MS = 2_000;

export class BindingReport implements ObjectHandler<Resources> {
	readonly #privacy: NetworkPrivacy;
	readonly #entries: Entry[] = [];
	#now: Instant = 0;
	#lookedAt: Instant = BEFORE;
	/** The status of one account at one instant: a Read asks for each resource by itself. */
	#status: ReachStatus | undefined;
	#statusOf: Reported | undefined;

	constructor(privacy: NetworkPrivacy = "mark") {
		this.#privacy = privacy;
	}

	/** Adds an instance for each account; called once, by the agent. */
	attach(model: Model, accounts: readonly Reported[]): void {
		const network = this.#privacy === "none" ? undefined : { network: null };
		for (let i = 0; i < accounts.length; i++) {
			const account = accounts[i]!;
			const { shortServerId, server } = account;
			const values = { ...NOTHING_STORED, ...network, shortServerId };
			const instance = model.add(NetworkBinding, server.instanceId, values, this);
			this.#entries.push({ account, instance, ...NOTHING_TOLD });
		}
	}

	/** The agent is awake for something else: now and then it is looked what observers should hear. */
	handleTime(now: Instant): void {
		this.#now = now;
		this.#status = undefined;
		if (now - this.#lookedAt < reportTimes.lookMs) return;
		this.#lookedAt = now;
		for (let i = 0; i < this.#entries.length; i++) look(now, this.#entries[i]!);
	}

	read(instanceId: number, name: Name): Answer {
		for (let i = 0; i < this.#entries.length; i++) {
			const { account } = this.#entries[i]!;
			if (account.server.instanceId !== instanceId) continue;
			return name === "transport" ? account.transport : this.valueOf(this.statusOf(account), name);
		}
		return undefined;
	}

	private statusOf(account: Reported): ReachStatus {
		if (this.#status === undefined || this.#statusOf !== account) this.#status = account.reachStatus(this.#now);
		this.#statusOf = account;
		return this.#status;
	}

	private valueOf(status: ReachStatus, name: Exclude<Name, "transport">): Answer {
		switch (name) {
			case "lowerBound":
				return seconds(status.provenSeconds);
			case "upperBound":
				return seconds(status.upperSeconds);
			case "interval":
				return seconds(status.intervalSeconds);
			case "keepalive":
				return status.kind;
			case "rebindings":
				return status.rebindingCount;
			case "unreachableTime":
				return seconds(status.unreachableSeconds);
			case "bytesPerDay":
				return figure(status.bytesPerDay);
			case "wakeUpsPerDay":
				return figure(status.wakeupsPerDay);
			case "network":
				return status.network === "" ? undefined : this.nameOf(status.network);
			case "lastFailures":
				return status.failures.map(({ kind }) => kind);
			case "failureAges":
				return status.failures.map(({ secondsAgo }) => Math.round(secondsAgo));
			case "loss":
				return Math.round(1000 * status.loss) / 10;
			case "probe":
				return status.probe;
			case "costPeriod":
				return Math.round(status.countedSeconds);
			case "shortServerId":
				return undefined;
			default:
				return name satisfies never;
		}
	}

	/** A mark is the same for the same name, on every device; whoever can guess the name can check it. */
	private nameOf(network: string): string {
		if (this.#privacy === "name") return network;
		const bytes = encodeText(network);
		const text = hashBytes(MARK_SEED, bytes, 0, bytes.length).toString(16);
		return "0000000".slice(text.length - 1) + text;
	}
}

/** All but the Short Server ID is the handler's to say. */
const NOTHING_STORED = Object.freeze({
	lowerBound: null,
	upperBound: null,
	interval: null,
	keepalive: null,
	rebindings: null,
	unreachableTime: null,
	bytesPerDay: null,
	wakeUpsPerDay: null,
	transport: null,
	lastFailures: null,
	failureAges: null,
	loss: null,
	probe: null,
	costPeriod: null,
});

const NOTHING_TOLD = Object.freeze({
	lower: 0,
	upper: 0,
	interval: 0,
	kind: "",
	rebindings: 0,
	network: "",
	transport: "",
	failureAt: BEFORE,
	figuresAt: 0,
});

/** What happened is told at once, the figures that change all the time once an hour. */
function look(now: Instant, entry: Entry): void {
	const { account, instance } = entry;
	const { transport } = account;
	const status = account.reachStatus(now);
	const { provenSeconds, upperSeconds, intervalSeconds, kind, rebindingCount, network } = status;
	if (provenSeconds !== entry.lower) instance.touch("lowerBound");
	if (upperSeconds !== entry.upper) instance.touch("upperBound");
	if (intervalSeconds !== entry.interval) instance.touch("interval");
	if (kind !== entry.kind) instance.touch("keepalive");
	if (rebindingCount !== entry.rebindings) instance.touch("rebindings");
	if (network !== entry.network) instance.touch("network");
	if (transport !== entry.transport) instance.touch("transport");
	entry.lower = provenSeconds;
	entry.upper = upperSeconds;
	entry.interval = intervalSeconds;
	entry.kind = kind;
	entry.rebindings = rebindingCount;
	entry.network = network;
	entry.transport = transport;
	const newest = status.failures[0];
	if (newest !== undefined && now - 1000 * newest.secondsAgo > entry.failureAt + SAME_MS) {
		instance.touch("lastFailures");
		entry.failureAt = now - 1000 * newest.secondsAgo;
	}
	if (now - entry.figuresAt < reportTimes.figuresMs) return;
	entry.figuresAt = now;
	instance.touch("unreachableTime");
	instance.touch("bytesPerDay");
	instance.touch("wakeUpsPerDay");
	instance.touch("loss");
	instance.touch("costPeriod");
}

/** Undefined, that is no value, for what is not known, or never. */
function seconds(value: number): number | undefined {
	return value === Number.POSITIVE_INFINITY ? undefined : Math.round(value);
}

/** Undefined, that is no value, while it is too early to say. */
function figure(value: number): number | undefined {
	return value < 0 ? undefined : Math.round(value);
}
