// What takes part in a world of reachability: a party behind a NAT, the service that it keeps in touch with, and what
// is counted of them.

import type { AgentEvent } from "../../firmware/agent/agent.js";
import type { Provider } from "../../firmware/main.js";
import type { CoreEvent } from "../backend/core-event.js";
import type { NatBehaviour } from "../nat/behaviour.js";
import type { Peer } from "../nat/peer.js";
import type { Rebinding } from "../nat/rebinding.js";
import type { Chance, Range } from "./chance.js";
import type { Meter } from "./meter.js";
import type { EventQueue } from "./queue.js";
import type { TcpStack } from "./tcp-stack.js";

/** Of our firmware, beyond what every cell of the matrix says. */
export interface FirmwareExtras {
	/** /1/x/7; "UT" if not given. */
	readonly binding?: string;
	/** How long it listens after each message in Queue Mode. */
	readonly awakeMs?: number;
	readonly onEvent?: (event: AgentEvent) => void;
}

export interface ReachOptions {
	readonly seed: number;
	readonly nat: NatBehaviour;
	/** Of the radio between the device and its NAT: the probability that a packet is lost, in each direction. */
	readonly loss: number;
	/** One way between NAT and service, in milliseconds. */
	readonly delayMs?: Range;
	readonly rebinding: Rebinding;
	/** How the service lives: about four restarts a day, each down for up to a minute. */
	readonly backend: "stable" | "restarts-with-state" | "restarts-without-state";
	/** "stand-in": the messages of OSCORE, to the byte as long, without its cryptography. */
	readonly security: "plain" | "oscore" | "stand-in";
	readonly deviceCount?: number;
	readonly lifetimeSeconds?: number;
	/** Of our firmware; undefined: it learns by itself. */
	readonly keepaliveMs?: number;
	/** What else our firmware is told. */
	readonly firmware?: FirmwareExtras;
	/** Of our back end: false makes it a plain LwM2M server, without the extension Reach. */
	readonly elective?: boolean;
	readonly commandsPerDay: number;
	/** Of the devices: lwIP where nothing else is said. */
	readonly tcpStack?: TcpStack;
	/** What keeps in touch instead of our firmware. */
	readonly party?: (host: Host) => Party;
	/** What it keeps in touch with instead of our back end. */
	readonly service?: (network: ServiceNetwork) => Service;
	/** What our back end reports. */
	readonly onCoreEvent?: (event: CoreEvent) => void;
	/** Each packet of a device as its radio sends or hears it, with all headers; also one that is lost then. */
	readonly onTraffic?: (now: number, host: number, isUp: boolean, length: number) => void;
	/** Each packet as it arrives at the service. */
	readonly onArrive?: (now: number, host: number, length: number) => void;
}

/** A machine behind the NAT, as what runs on it sees it. */
export interface Host {
	readonly index: number;
	readonly name: string;
	/** What a board lends to the firmware, in ECMA-419's way. */
	readonly provider: Provider;
	readonly serverAddress: string;
	readonly serverPort: number;
	/** Of its own. */
	readonly chance: Chance;
	now(): number;
}

/** What runs on a machine behind the NAT. */
export interface Party {
	start(): void;
}

/** What a service is given. */
export interface ServiceNetwork {
	readonly queue: EventQueue;
	readonly chance: Chance;
	/** By host index. */
	readonly names: readonly string[];
	now(): number;
	/** A datagram, or a piece of a stream where `to` names a connection; the bytes are borrowed for the call. */
	send(bytes: Uint8Array, to: Peer): void;
	/** Ends a connection, once what was sent on it is through. */
	close(connection: Peer): void;
	/** Where the service now believes a host to be; undefined: it knows nothing of it. */
	handleKnown(host: number, at: Peer | undefined): void;
}

/** The public end of the line. */
export interface Service {
	/** A datagram, or a piece of a stream where `from` names a connection. */
	handleReceived(from: Peer, bytes: Uint8Array): void;
	/** A host has connected; the name is "tcp:198.18.0.0:61234". So many bytes may be sent. */
	handleConnected?(connection: Peer, room: number, host: number): void;
	/** More may be sent. */
	handleWritable?(connection: Peer, room: number): void;
	/** The connection is over, and not by the service's own close. */
	handleDisconnected?(connection: Peer): void;
	/** Asks a host for something, and says whether it answered. False: it does not know the host now. */
	command(host: number, ended: (isAnswered: boolean) => void): boolean;
	/** Everything but what is on its disk is lost; of what was asked nothing is heard any more. */
	restart(keepsState: boolean): void;
}

/** A span of time in which a command of the service would not have arrived, radio loss apart. */
export interface Outage {
	readonly at: number;
	/** Without the time in which the service was down. */
	readonly ms: number;
}

/** A span of time in which the service was down. */
export interface Down {
	readonly at: number;
	readonly until: number;
}

/** All that is known of one device since the counts last began. */
export interface Figures {
	readonly meter: Meter;
	/** Time in which the service was up and could not have reached the device; from the first registration on. */
	readonly unreachableMs: number;
	/** Those that have ended, and the one that lasts. */
	readonly outages: readonly Outage[];
	/** From the wish for an answer to the answer, repetitions and new attempts included. */
	readonly latencies: readonly number[];
	/** Commands that wait for their answer. */
	readonly openCommands: number;
	readonly rebindingsAt: readonly number[];
	readonly downs: readonly Down[];
	/** How often the service learnt where the device is. */
	readonly moves: number;
}
