// What the peers do to stay reachable, as their sources say and as they were measured: one row each.

import type { Weight } from "./oracle.js";

interface Common {
	readonly name: string;
	/** For the tables. */
	readonly title: string;
	/** Where interval and sizes come from. */
	readonly source: string;
	/** What is sent when nothing else was for so long. */
	readonly everySeconds: number;
	/** Asked by the server, answered by the device; bytes on the wire with all headers. */
	readonly read: Weight;
}

/** A LwM2M client: it registers, and each exchange after that is one that its server answers. */
export interface Registrant extends Common {
	readonly kind: "registrant";
	readonly register: Weight;
	readonly keep: Weight;
	/** After so long without an Update the server forgets the registration. */
	readonly lifetimeSeconds: number;
	/** An Update tells the address; a ping proves only that something answers. */
	readonly keepTells: boolean;
	/** The server answers who pings or refreshes from an unknown address by a question: only the oracle's does. */
	readonly isAsked?: boolean;
	/** The Update is sent this long after the last one, whatever is sent for the binding meanwhile. */
	readonly updateSeconds: number;
	/** From the failure of all transmissions of a Register to the next one. */
	readonly retrySeconds: number;
}

/** A client with a DTLS session without Connection ID: what comes from another address is dropped. */
export interface SessionHolder extends Common {
	readonly kind: "session";
	readonly keep: Weight;
	/** The flights of a handshake, client and server. */
	readonly handshake: readonly Weight[];
	/** A new session after so long without a word from the server. */
	readonly silenceSeconds: number;
}

/** A client on one TCP connection; sizes are those of TLS records, TCP adds its own. */
export interface StreamHolder extends Common {
	readonly kind: "stream";
	readonly keep: Weight;
	/** The flights of TLS handshake, CONNECT and SUBSCRIBE. */
	readonly handshake: readonly Weight[];
	/** A ping that was not answered for so long ends the connection. */
	readonly silenceSeconds: number;
	readonly reconnectSeconds: number;
}

export type Peer = Registrant | SessionHolder | StreamHolder;

const LWM2M_READ: Weight = { up: 40, down: 40 };
/** Beside the payload of a datagram: IPv4 and UDP. */
export const UDP_HEADERS = 28;
/** RFC 8613 with a Partial IV of two bytes: what a protected request and response weigh more. */
export const OSCORE: Weight = Object.freeze({ up: 15, down: 11 });

function registrant(
	name: string,
	title: string,
	source: string,
	row: Pick<Registrant, "register" | "keep" | "lifetimeSeconds" | "everySeconds"> & Partial<Registrant>,
): Registrant {
	const defaults = { keepTells: true, updateSeconds: row.everySeconds, retrySeconds: 60, read: LWM2M_READ };
	return { kind: "registrant", name, title, source, ...defaults, ...row };
}

function mqtt(seconds: number): StreamHolder {
	return {
		kind: "stream",
		name: `mqtt-${seconds}`,
		title: `MQTT over TLS, keepalive ${seconds} s`,
		source:
			"mosquitto 2.0.11, TLS 1.3, P-256, the same for each keepalive: PINGREQ and PINGRESP with their ACKs measured " +
			"at 128 + 76 B, connecting at 987 + 2,097 B in 17 packets; a ping that nobody answers within " +
			"the keepalive ends the connection",
		everySeconds: seconds,
		read: { up: 48, down: 44 },
		keep: { up: 24, down: 24 },
		handshake: [
			{ up: 330, down: 1_560 },
			{ up: 160, down: 26 },
			{ up: 48, down: 27 },
		],
		silenceSeconds: seconds,
		reconnectSeconds: 1,
	};
}

/** The peers in the order of the tables. */
export const peers: readonly Peer[] = [
	registrant(
		"update-25",
		"Update each 25 s",
		"a constant of 25 s, as SIP outbound (RFC 5626) and WireGuard choose; the Update of a plain registration",
		{ everySeconds: 25, lifetimeSeconds: 86_400, register: { up: 206, down: 48 }, keep: { up: 48, down: 34 } },
	),
	registrant(
		"ping-25",
		"CoAP ping each 25 s",
		"libcoap's session keepalive set to 25 s: an Empty CON and its RST, which tell no address; the Update comes late",
		{
			everySeconds: 25,
			lifetimeSeconds: 86_400,
			register: { up: 206, down: 48 },
			keep: { up: 32, down: 32 },
			keepTells: false,
			updateSeconds: 86_307,
		},
	),
	registrant(
		"anjay",
		"Anjay",
		"Anjay 3.14: Update at lifetime - min(lifetime / 2, 93 s) of 86,400 s; Register 245 + 45 B, Update 45 + 40 B",
		{ everySeconds: 86_307, lifetimeSeconds: 86_400, register: { up: 245, down: 45 }, keep: { up: 45, down: 40 } },
	),
	registrant(
		"wakaama",
		"Wakaama",
		"Wakaama f91cfe0: lifetime 300 s, Update at lifetime - 93 s; Register 223 + 41 B, Update 41 + 36 B",
		{ everySeconds: 207, lifetimeSeconds: 300, register: { up: 223, down: 41 }, keep: { up: 41, down: 36 } },
	),
	registrant(
		"zephyr",
		"Zephyr",
		"Zephyr: lifetime 30 s by default, Update 6 s before its end; sizes by header arithmetic: 206 + 48 B, 48 + 34 B",
		{ everySeconds: 24, lifetimeSeconds: 30, register: { up: 206, down: 48 }, keep: { up: 48, down: 34 } },
	),
	{
		kind: "session",
		name: "golioth",
		title: "Golioth",
		source:
			"Golioth SDK: an empty DELETE after 9 s of idleness, a new session after 30 s without a word; sizes by header " +
			"arithmetic for DTLS 1.2 PSK: 63 + 63 B, handshake 413 + 352 B",
		everySeconds: 9,
		read: { up: 71, down: 77 },
		keep: { up: 63, down: 63 },
		handshake: [
			{ up: 112, down: 88 },
			{ up: 144, down: 169 },
			{ up: 157, down: 95 },
		],
		silenceSeconds: 30,
	},
	mqtt(25),
	mqtt(60),
	mqtt(120),
];
