// What a Service tells its owner.

import { limits } from "../limits.js";

export type Operation =
	| "read"
	| "write"
	| "execute"
	| "discover"
	| "observe"
	| "cancel"
	| "write-attributes"
	| "notify"
	| "create"
	| "delete"
	| "read-composite"
	| "observe-composite"
	| "cancel-composite"
	| "write-composite"
	| "unknown";

/** For logs, and what a server's operation asks of the agent. The answer has been handed to the endpoint before. */
export type ServiceEvent =
	/** An operation was answered with a CoAP code (0x45 is 2.05). */
	| { readonly kind: "operation"; readonly operation: Operation; readonly path: string; readonly code: number }
	/** A handler of the application threw, or gave what its resource cannot hold; it was answered with 5.00. */
	| { readonly kind: "handler-failed"; readonly path: string; readonly error: string }
	/** /1/x/8 and /1/x/4 were executed, /1/x/1 was written: x is the Server instance with this Short Server ID. */
	| {
			readonly kind: "registration-update-trigger";
			readonly shortServerId: number;
			/** The binding that the Update is to take, where the argument names one. */
			readonly binding: "U" | "T" | undefined;
	  }
	| { readonly kind: "disable"; readonly shortServerId: number }
	| { readonly kind: "lifetime"; readonly shortServerId: number; readonly seconds: number }
	/** /3/0/13 was written; the agent's handleTime is to set the clock. */
	| { readonly kind: "time"; readonly unixSeconds: number }
	/** /3/0/4 and /3/0/5 were executed. */
	| { readonly kind: "reboot" }
	| { readonly kind: "factory-reset" };

/** A bounded queue: the oldest makes room, as its owner drains it after each input. */
export class ServiceEvents {
	readonly #events: ServiceEvent[] = [];

	add(event: ServiceEvent): void {
		if (this.#events.length >= limits.serviceEventCount) this.#events.shift();
		this.#events.push(event);
	}

	poll(): ServiceEvent | undefined {
		return this.#events.shift();
	}
}
