// An observation from the operator's side: the value now, then each notification until Ctrl-C.

import type { BackendClient, DeviceResponse, ServerEvent } from "./backend-client.js";
import { type Options, print, printResponse } from "./operator.js";
import { EXIT, Failure, runUntilStopped } from "./shared.js";

/** What is observed, and how. */
export interface Watched {
	/** Whether the data of a NOTIFICATION is of this observation. */
	isOwn(data: ServerEvent["data"]): boolean;
	begin(): Promise<DeviceResponse>;
	end(): Promise<void>;
	format(content: unknown): string;
}

/** Prints the value now and each notification; gives the exit code. */
export async function watch(
	client: BackendClient,
	endpointName: string,
	options: Options,
	watched: Watched,
): Promise<number> {
	const early: ServerEvent[] = [];
	let show = (event: ServerEvent): void => void early.push(event);
	// The stream is open before the first value is asked for, so that no notification goes by unheard.
	const stream = await client.events(endpointName, (event) => {
		if (event.name === "NOTIFICATION" && watched.isOwn(event.data)) show(event);
		else if (options.json !== true && PRESENCE[event.name] !== undefined) print(stamp(PRESENCE[event.name]!));
	});
	try {
		const response = await watched.begin();
		const exitCode = printResponse(options, response, () => print(stamp(watched.format(response.content))));
		if (exitCode !== EXIT.success) return exitCode;
		show = ({ data }) => print(options.json === true ? JSON.stringify(data) : stamp(watched.format(data.val)));
		early.forEach(show);
		const ended = stream.ended.then(() => {
			throw new Failure("The back end has ended the stream of events.", EXIT.backendUnreachable);
		});
		return await Promise.race([runUntilStopped(() => watched.end()), ended]);
	} finally {
		stream.close();
	}
}

/** In Queue Mode it is worth knowing why nothing comes. */
const PRESENCE: Readonly<Record<string, string>> = {
	SLEEPING: "(the device sleeps)",
	AWAKE: "(the device is awake)",
};

/** The time before the first line, and nothing before the others. */
function stamp(text: string): string {
	const time = `${new Date().toISOString().slice(11, 19)}  `;
	return time + text.replaceAll("\n", `\n${" ".repeat(time.length)}`);
}
