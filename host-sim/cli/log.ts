// The verb `log`: what happens, as it happens.

import type { CompositeNodes } from "../backend/composite.js";
import { type Line, toLines } from "../backend/describe.js";
import type { Node } from "../backend/node.js";
import type { ServerEvent } from "./backend-client.js";
import { connect, type Options, operatorOptions, print } from "./operator.js";
import { type Cli, EXIT, Failure, runUntilStopped } from "./shared.js";

/** Adds the verb `log`. */
export function registerLog(cli: Cli): void {
	operatorOptions(cli.command("log [ENDPOINT]", "Follow what happens; with a device, each of its messages too"))
		.example("  $ pinhole log")
		.example("  $ pinhole log compressor-1")
		.action(run);
}

async function run(endpointName: string | undefined, options: Options): Promise<number> {
	const stream = await connect(options).events(endpointName, (event) => {
		print(options.json === true ? JSON.stringify({ event: event.name, ...event.data }) : formatEvent(event));
	});
	const ended = stream.ended.then(() => {
		throw new Failure("The back end has ended the stream of events.", EXIT.backendUnreachable);
	});
	return Promise.race([runUntilStopped(() => stream.close()), ended]).finally(() => stream.close());
}

type Data = ServerEvent["data"];

/** One line an event: when, who, what. */
export function formatEvent({ name, data }: ServerEvent): string {
	const time = new Date(typeof data.timestamp === "number" ? data.timestamp : Date.now()).toISOString().slice(11, 23);
	switch (name) {
		case "REGISTRATION":
			return `${time} ${text(data.endpoint)} registered from ${text(data.address)}, lifetime ${text(data.lifetime)} s`;
		case "DEREGISTRATION":
			return `${time} ${text(data.endpoint)} is no longer registered`;
		case "UPDATED": {
			const { endpoint, address } = data.registration as Data;
			const { previousAddress } = data.update as Data;
			const moved = previousAddress === undefined ? "" : `, moved from ${text(previousAddress)}, unauthenticated`;
			return `${time} ${text(endpoint)} updated from ${text(address)}${moved}`;
		}
		case "NOTIFICATION": {
			const lines = data.kind === "composite" ? nodeLines(data.val) : toLines(text(data.res), data.val as Node);
			return `${time} ${text(data.ep)} notified ${describeLines(lines)}`;
		}
		case "SEND":
			return `${time} ${text(data.ep)} sent ${describeLines(nodeLines(data.val))}`;
		case "AWAKE":
			return `${time} ${text(data.ep)} is awake`;
		case "SLEEPING":
			return `${time} ${text(data.ep)} sleeps`;
		case "COAPLOG":
			return `${time} ${text(data.ep)} ${formatMessage(data)}`;
		default:
			return `${time} ${name} ${JSON.stringify(data)}`;
	}
}

function describeLines(lines: readonly Line[]): string {
	return lines.map(({ path, value, unit }) => `${path} ${value}${unit === "" ? "" : ` ${unit}`}`).join(", ");
}

function nodeLines(val: unknown): Line[] {
	const nodes = Object.entries(val as CompositeNodes);
	return nodes.flatMap(([path, node]) => (node === null ? [] : toLines(path, node)));
}

function formatMessage({ incoming, type, code, mId, token, options, payload }: Data): string {
	const parts = [
		incoming === true ? "->" : "<-",
		text(type),
		text(code ?? "Empty"),
		`id=${text(mId)}`,
		token === "" ? "" : `token=${text(token)}`,
		text(options ?? ""),
		payload === undefined ? "" : `| ${text(payload)}`,
	];
	return parts.filter((part) => part !== "").join(" ");
}

function text(value: unknown): string {
	return String(value);
}
