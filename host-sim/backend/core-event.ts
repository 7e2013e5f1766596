// What the core reports: to the API, to the log, to the disk and to tests.

import type { Composite } from "./composite.js";
import type { Operation } from "./operations.js";
import type { Announcement, Registration } from "./registration.js";

/** How a command ended. */
export type Outcome =
	| {
			readonly kind: "response";
			readonly code: number;
			readonly contentFormat: number | undefined;
			readonly payload: Uint8Array;
			/** Location-Path, for an instance just created. */
			readonly location: string;
			readonly roundTripMs: number;
	  }
	| { readonly kind: "no-answer" }
	/** The device answered by a Reset, or by what cannot be read. */
	| { readonly kind: "rejected" }
	/** It was never sent: longer than one datagram, one observation or one command too many. */
	| { readonly kind: "refused" };

export type CoreEvent =
	| { readonly kind: "registered"; readonly registration: Registration; readonly replaced: Registration | undefined }
	| {
			readonly kind: "updated";
			readonly registration: Registration;
			readonly said: Announcement;
			/** Another one than the registration's: the device moved, which only keys authenticate. */
			readonly previousAddress: string;
	  }
	| { readonly kind: "deregistered"; readonly registration: Registration; readonly why: "asked" | "expired" }
	| { readonly kind: "finished"; readonly command: number; readonly outcome: Outcome }
	/** A command for which nobody waits was taken up, is on its way for the first time, or came to its end. */
	| {
			readonly kind: "queue";
			readonly endpointName: string;
			readonly command: number;
			readonly operation: Operation;
			readonly outcome: Outcome | "waiting" | "sent";
	  }
	/** A command that had gone unanswered is on its way again. */
	| { readonly kind: "resent"; readonly endpointName: string; readonly operation: Operation }
	| {
			readonly kind: "notified";
			readonly endpointName: string;
			readonly path: string;
			/** Of a composite observation: what it was asked for. */
			readonly composite: Composite | undefined;
			readonly contentFormat: number | undefined;
			readonly payload: Uint8Array;
	  }
	/** LwM2M Core 1.2, 6.4.6: values that the device sent unasked. */
	| {
			readonly kind: "sent";
			readonly endpointName: string;
			readonly contentFormat: number;
			readonly payload: Uint8Array;
	  }
	/** A device in Queue Mode that can be reached now, or no longer. */
	| { readonly kind: "awake" | "sleeping"; readonly endpointName: string }
	| { readonly kind: "observation"; readonly endpointName: string; readonly path: string; readonly active: boolean };
