// What Register, Update and De-register look like (LwM2M Core, 6.2; LwM2M Transport, 6.4.3).

import { encodeText } from "../bytes.js";
import { Code } from "../coap/codes.js";
import type { Request } from "../coap/endpoint.js";
import { ContentFormat } from "../coap/options.js";
import { encodeWindow, REACH_UNDERSTOOD } from "../coap/reach-option.js";
import { registrationTimes as times } from "./constants.js";
import { isQueued } from "./queue-mode.js";
import type { RegistrationContent, Version } from "./registration.js";

/** LwM2M 1.2 calls a lifetime of 0 infinite; to the versions before it this is the longest there is. */
const LONGEST_LIFETIME = 0xffff_ffff;

const NO_QUERY: readonly string[] = Object.freeze([]);

/**
 * Register: who we are, for how long, in which version, how to be reached, and all we have. `failedAttempts` before
 * it: a server that was down has a whole fleet to answer when it is back, so that most go without the last repetitions.
 */
export function registerRequest(content: RegistrationContent, version: Version, failedAttempts: number): Request {
	const { endpointName, model, server } = content;
	const query = [
		`ep=${endpointName}`,
		lifetimeParameter(server.get("lifetime") as number, version),
		`lwm2m=${version}`,
	];
	addBinding(query, server.get("binding") as string, version);
	if (content.smsNumber !== undefined && server.get("trigger") === true) query.push(`sms=${content.smsNumber}`);
	const list = encodeText(model.links(version));
	return request(Code.Post, "/rd", query, list, retransmissions(failedAttempts), reachOption(content));
}

function retransmissions(failedAttempts: number): number | undefined {
	if (failedAttempts % times.patientAttempts === 0) return undefined;
	return failedAttempts < times.briefAttempts ? times.checkRetransmit : 1;
}

/** What our own servers are told beside: that they are understood, and how long the device listens in Queue Mode. */
function reachOption({ awakeMs, elective, server }: RegistrationContent): Uint8Array | undefined {
	if (elective === false) return undefined;
	const hasWindow = awakeMs !== undefined && isQueued(server.get("binding") as string);
	return hasWindow ? encodeWindow(awakeMs / 1000) : REACH_UNDERSTOOD;
}

/** Update: that we live, and what changed; `lifetimeSeconds` and `hasList` only where they did. */
export function updateRequest(
	content: RegistrationContent,
	version: Version,
	location: string,
	lifetimeSeconds: number | undefined,
	hasList: boolean,
	maxRetransmit: number | undefined,
): Request {
	const query = lifetimeSeconds === undefined ? NO_QUERY : [lifetimeParameter(lifetimeSeconds, version)];
	const list = hasList ? encodeText(content.model.links(version)) : undefined;
	return request(Code.Post, location, query, list, maxRetransmit);
}

/** De-register. */
export function deregisterRequest(location: string): Request {
	return request(Code.Delete, location, NO_QUERY, undefined, times.checkRetransmit);
}

/** Urgent: it waits behind none of the requests to which it may open the way. */
function request(
	code: number,
	path: string,
	query: readonly string[],
	list: Uint8Array | undefined,
	maxRetransmit: number | undefined,
	reach?: Uint8Array,
): Request {
	return {
		code,
		confirmable: true,
		path,
		query,
		contentFormat: list === undefined ? undefined : ContentFormat.LinkFormat,
		accept: undefined,
		observe: undefined,
		payload: list,
		maxRetransmit,
		urgent: true,
		reach,
	};
}

function lifetimeParameter(seconds: number, version: Version): string {
	return `lt=${seconds === 0 && version !== "1.2" ? LONGEST_LIFETIME : seconds}`;
}

/** Queue Mode is a letter of the binding in LwM2M 1.0, and a parameter of its own since. */
function addBinding(query: string[], binding: string, version: Version): void {
	if (!isQueued(binding) || version === "1.0") {
		query.push(`b=${binding}`);
		return;
	}
	query.push(`b=${binding.replace("Q", "")}`, "Q");
}
