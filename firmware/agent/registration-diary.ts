// What people are told of a registration, event by event.

import { Code, codeText } from "../coap/codes.js";
import type { Instance } from "../lwm2m/instance.js";
import type { RegistrationEvent } from "../lwm2m/registration.js";
import { type Diary, seconds } from "./diary.js";

/** Writes an event down; `server` is the Server instance (/1/x) that it is about. */
export function note(diary: Diary, event: RegistrationEvent, server: Instance): void {
	switch (event.kind) {
		case "registered":
			diary.add("registered", `${event.location} LwM2M ${event.version}`);
			return diary.repaired();
		case "updated":
			diary.add("updated", "");
			return diary.repaired();
		case "forgotten":
			return diary.suspect(`the server answered the Update with ${codeText(event.code)}: registering`);
		case "lost":
			return diary.suspect("no answer to the Update");
		case "refused":
			return diary.add("waiting", `${refusal(event.code)}, next Register in ${seconds(event.retryMs)}`);
		case "unanswered":
			return diary.add("waiting", `no answer, next Register in ${seconds(event.retryMs)}`);
		case "bootstrap-needed":
			return diary.add("waiting", `a series of Registers failed; it goes on, as ${whyNoBootstrap(server)}`);
		case "deregistered":
			return diary.add("deregistered", "");
		default:
			event satisfies never;
	}
}

/** The code of an answer to a Register by which nothing is registered. */
function refusal(code: number): string {
	return code === Code.Created ? "2.01 without a location" : codeText(code);
}

/** /1/x/16, true where it is not given. */
function whyNoBootstrap(server: Instance): string {
	const wants = server.get("bootstrapOnRegistrationFailure") !== false;
	return wants ? "there is no bootstrap yet" : "the server wants no bootstrap";
}
