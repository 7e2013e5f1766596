// The verb `reach`: what a device has learned of the NAT before it, and what it does to stay reachable, in plain words.

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
	/** It was alive after so much silence, and dead after so much. */
	readonly lowerBound: number;
	readonly upperBound?: number;
	readonly keepalive: string;
	readonly interval?: number;
	readonly rebindings: number;
	readonly unreachableTime: number;
	readonly bytesPerDay: number;
	readonly wakeUpsPerDay: number;
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
		bytesPerDay: numberOf(byId.get(7)) ?? 0,
		wakeUpsPerDay: numberOf(byId.get(8)) ?? 0,
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
	const { shortServerId, transport, network, loss, failures } = binding;
	const where = network === undefined ? "" : `, network ${network}`;
	const rows = [
		["  binding", formatBounds(binding)],
		["  keepalive", formatKeepalive(binding)],
		["  unreachable", formatUnreachable(binding)],
		["  cost", `${count(binding.bytesPerDay)} bytes and ${plural(binding.wakeUpsPerDay, "wake-up")} a day`],
		["  loss", `${loss} % of the datagrams`],
		["  failures", failures.length === 0 ? "none" : failures.map(formatFailure).join("; ")],
	];
	return `Server ${shortServerId} over ${transport}${where}\n${table(rows)}`;
}

const PROBES: Readonly<Record<string, string>> = { waiting: "; to be measured", measuring: "; being measured" };

function formatBounds({ lowerBound, upperBound, probe }: Binding): string {
	const least = lowerBound === 0 ? "not known yet" : `lives for at least ${time(lowerBound)} of silence`;
	const most = upperBound === undefined ? "" : `, and is dead after ${time(upperBound)}`;
	return least + most + (PROBES[probe] ?? "");
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

function formatUnreachable({ unreachableTime, rebindings }: Binding): string {
	return `${time(unreachableTime)} since its start, as far as it noticed; ${plural(rebindings, "rebinding")}`;
}

const FAILURES: Readonly<Record<string, string>> = {
	unanswered: "no answer",
	moved: "another address",
	expired: "binding dead",
	"unknown-address": "unknown to the server",
	"no-way": "no way out",
};

function formatFailure({ kind, secondsAgo }: Binding["failures"][number]): string {
	return `${FAILURES[kind] ?? kind} ${time(secondsAgo)} ago`;
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
