// The verb `reach`: what a device has learned of the NAT before it, and what it does to stay reachable, in plain words.

import { keepaliveTimes, learningNumbers, messageLengths } from "../../firmware/reach/constants.js";
import type { InstanceNode, Node, ResourceNode } from "../backend/node.js";
import type { DeviceResponse } from "./backend-client.js";
import { connect, type Options, operatorOptions, print, printResponse } from "./operator.js";
import { type Cli, EXIT, Failure } from "./shared.js";
import { table } from "./table.js";
import { watch } from "./watch.js";

/** Adds the verb `reach`. */
export function registerReach(cli: Cli): void {
	const what = "How a device stays reachable: its NAT binding as learned, keepalive, cost and failures";
	operatorOptions(cli.command("reach <ENDPOINT>", what))
		.option("--watch", "Go on, and say what changes until Ctrl-C")
		.example("  $ pinhole reach compressor-1")
		.example("  $ pinhole reach compressor-1 --watch")
		.example("  $ pinhole reach compressor-1 --json")
		.action(run);
}

/** Network Binding. */
const OBJECT = "/33101";

async function run(endpointName: string, options: Options): Promise<number> {
	const client = connect(options);
	if (options.watch === true) {
		return watch(client, endpointName, options, {
			isOwn: ({ res }) => res === OBJECT,
			begin: async () => told(endpointName, await client.ask("POST", endpointName, `${OBJECT}/observe`)),
			end: () => client.forget(endpointName, OBJECT),
			format: (content) => formatBindings(bindingsOf(content)),
		});
	}
	const response = told(endpointName, await client.ask("GET", endpointName, OBJECT));
	if (options.json === true && response.success) {
		print(JSON.stringify({ endpoint: endpointName, bindings: bindingsOf(response.content) }));
		return EXIT.success;
	}
	return printResponse(options, response, () => print(formatBindings(bindingsOf(response.content))));
}

function told(endpointName: string, response: DeviceResponse): DeviceResponse {
	if (!response.status.endsWith("(404)")) return response;
	throw new Failure(`${endpointName} tells nothing of its bindings: it has no object 33101.`, EXIT.deviceError);
}

/** One account's binding; what the device does not say is absent. Times are seconds. */
export interface Binding {
	readonly shortServerId: number;
	readonly transport: string;
	readonly network?: string;
	/** It was seen alive after so much silence (0: not yet), and dead after so much. */
	readonly lowerBound: number;
	readonly upperBound?: number;
	readonly keepalive: string;
	readonly interval?: number;
	readonly rebindings: number;
	readonly unreachableTime: number;
	/** Absent in its first hour, and where they are not counted. */
	readonly bytesPerDay?: number;
	readonly wakeUpsPerDay?: number;
	/** What these two stand on; 0: they are not counted. */
	readonly costPeriod: number;
	/** Per cent. */
	readonly loss: number;
	/** Whether the back end's offer to measure is used: "none", "waiting", "measuring". */
	readonly probe: string;
	/** The newest first. */
	readonly failures: readonly { readonly kind: string; readonly secondsAgo: number }[];
}

/** The instances of a node of the whole object. */
export function bindingsOf(content: unknown): Binding[] {
	const node = content as Node;
	return node.kind === "obj" ? node.instances.map(bindingOf) : [];
}

function bindingOf({ resources }: InstanceNode): Binding {
	const byId = new Map(resources.map((resource) => [resource.id, resource]));
	const upperBound = numberOf(byId.get(2));
	const interval = numberOf(byId.get(3));
	const bytesPerDay = numberOf(byId.get(7));
	const wakeUpsPerDay = numberOf(byId.get(8));
	const network = textOf(byId.get(10));
	const ages = listOf(byId.get(12));
	return {
		shortServerId: numberOf(byId.get(0)) ?? 0,
		transport: textOf(byId.get(9)) ?? "",
		...(network !== undefined && network !== "" && { network }),
		lowerBound: numberOf(byId.get(1)) ?? 0,
		...(upperBound !== undefined && { upperBound }),
		keepalive: textOf(byId.get(4)) ?? "none",
		...(interval !== undefined && { interval }),
		rebindings: numberOf(byId.get(5)) ?? 0,
		unreachableTime: numberOf(byId.get(6)) ?? 0,
		...(bytesPerDay !== undefined && { bytesPerDay }),
		...(wakeUpsPerDay !== undefined && { wakeUpsPerDay }),
		costPeriod: numberOf(byId.get(15)) ?? 0,
		loss: numberOf(byId.get(13)) ?? 0,
		probe: textOf(byId.get(14)) ?? "none",
		failures: listOf(byId.get(11)).map((kind, place) => ({ kind, secondsAgo: Number(ages[place] ?? 0) })),
	};
}

function textOf(resource: ResourceNode | undefined): string | undefined {
	return resource === undefined || resource.kind === "multiResource" ? undefined : String(resource.value);
}

function numberOf(resource: ResourceNode | undefined): number | undefined {
	const text = textOf(resource);
	return text === undefined ? undefined : Number(text);
}

function listOf(resource: ResourceNode | undefined): string[] {
	return resource?.kind === "multiResource" ? Object.values(resource.values).map(String) : [];
}

/** A paragraph for each binding. */
export function formatBindings(bindings: readonly Binding[]): string {
	return bindings.length === 0 ? "(no bindings)" : bindings.map(formatBinding).join("\n\n");
}

function formatBinding(binding: Binding): string {
	const { shortServerId, transport, network, loss } = binding;
	const where = network === undefined ? "" : `, network ${network}`;
	const rows = [
		["  binding", formatBounds(binding)],
		["  keepalive", formatKeepalive(binding)],
		["  cost", formatCost(binding)],
		// A connection repeats by itself what was lost.
		...(transport === "udp" ? [["  loss", `about ${loss} % of the datagrams`]] : []),
		["  unreachable", formatUnreachable(binding)],
		["  last trouble", formatFailures(binding)],
	];
	return `Server ${shortServerId} over ${transport}${where}\n${table(rows)}`;
}

/** Nothing longer is measured, nor of use. */
const LONGEST = learningNumbers.longestMs / 1000;

function formatBounds({ lowerBound, upperBound, probe }: Binding): string {
	const isFound = upperBound === undefined ? lowerBound >= LONGEST : lowerBound > 0;
	// What is known is measured again and again, of which there is nothing to say.
	const next = probe === "measuring" ? "; being measured" : probe === "waiting" && !isFound ? "; to be measured" : "";
	const most = upperBound === undefined ? undefined : `dead after ${time(upperBound)}`;
	if (lowerBound === 0) return (most === undefined ? "nothing seen yet" : `seen ${most}, nothing known of less`) + next;
	const more = most ?? (isFound ? "longer is not asked" : undefined);
	return `seen alive after ${time(lowerBound)} of silence${more === undefined ? "" : `, ${more}`}${next}`;
}

/** What each kind is (docs/reach.md). */
const KINDS: Readonly<Record<string, string>> = {
	refresh: "one byte that nobody answers",
	ping: "a ping that is answered",
	check: "an Update, which also tells the address",
};

function formatKeepalive({ keepalive, interval }: Binding): string {
	const what = KINDS[keepalive];
	if (what === undefined) return keepalive === "none" ? "none needed" : keepalive;
	return interval === undefined ? what : `every ${time(interval)}: ${what}`;
}

/** A device that speaks more often than this many seconds never counts a wake-up, as its radio never goes to rest. */
const REST = 10;

/** A whole day is counted; the first one also pays for registering and measuring: then the schedule is told as well. */
function formatCost({ bytesPerDay, wakeUpsPerDay, costPeriod, ...binding }: Binding): string {
	const bytes = scheduledBytes(binding);
	const alone = bytes === undefined ? "" : `; the keepalive alone makes ${count(bytes)} bytes a day`;
	if (bytesPerDay === undefined || wakeUpsPerDay === undefined)
		return (costPeriod === 0 ? "not counted" : `too early to say after ${time(costPeriod)}`) + alone;
	const isRestless = (binding.interval ?? REST) < REST;
	const wakeUps = isRestless ? "without rest for the radio" : `and ${plural(wakeUpsPerDay, "wake-up")}`;
	const figures = `${count(bytesPerDay)} bytes ${wakeUps}`;
	return costPeriod >= DAY
		? `${figures} in the last day`
		: `${figures} a day, as in its first ${time(costPeriod)}${alone}`;
}

/** What a day costs on which nobody speaks and nothing is lost, without keys, to two digits. */
function scheduledBytes({ transport, keepalive, interval }: Omit<Binding, "costPeriod">): number | undefined {
	if (interval === undefined || KINDS[keepalive] === undefined) return undefined;
	const { refresh, ...lengths } = messageLengths;
	const isStream = transport !== "udp";
	const ping = isStream ? lengths.streamPing : lengths.ping;
	const check = isStream ? lengths.streamCheck : lengths.check;
	const each = (length: number, seconds: number): number => (length * DAY) / seconds;
	const hourly = each(check, keepaliveTimes.toldMs / 1000);
	let bytes: number;
	if (keepalive === "check") bytes = each(check, interval);
	else if (keepalive === "ping") bytes = each(ping, interval) + hourly;
	else bytes = each(refresh, interval) + each(ping, keepaliveTimes.acknowledgedMs / 1000) + hourly;
	return Number(bytes.toPrecision(2));
}

function formatUnreachable({ unreachableTime, rebindings }: Binding): string {
	return `${time(unreachableTime)} since its start, as far as it noticed; ${plural(rebindings, "rebinding")}`;
}

const FAILURES: Readonly<Record<string, string>> = {
	unanswered: "no answer",
	moved: "another address",
	expired: "binding dead",
	"unknown-address": "unknown to the server",
	forgotten: "registration forgotten by the server",
	"no-way": "no way out",
};

/** The newest first. */
function formatFailures({ failures }: Binding): string {
	if (failures.length === 0) return "none that it noticed";
	return failures.map(({ kind, secondsAgo }) => `${FAILURES[kind] ?? kind} ${time(secondsAgo)} ago`).join("; ");
}

const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;

/** "45 s", "12 min", "3 h 20 min", "2 d 4 h": the two greatest units. */
function time(seconds: number): string {
	if (seconds < 2 * MINUTE) return `${Math.round(seconds)} s`;
	if (seconds < HOUR) return pair(seconds, MINUTE, "min", 1, "s");
	return seconds < DAY ? pair(seconds, HOUR, "h", MINUTE, "min") : pair(seconds, DAY, "d", HOUR, "h");
}

function pair(seconds: number, greater: number, name: string, lesser: number, lesserName: string): string {
	const whole = Math.floor(seconds / greater);
	const rest = Math.floor((seconds - whole * greater) / lesser);
	return rest === 0 ? `${whole} ${name}` : `${whole} ${name} ${rest} ${lesserName}`;
}

function plural(number: number, word: string): string {
	return `${count(number)} ${word}${number === 1 ? "" : "s"}`;
}

function count(number: number): string {
	return number.toLocaleString("en-US");
}
