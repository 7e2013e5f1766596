// NATs as they are met, one row each: what was measured or documented, and where from.

import { defaultBehaviour, type NatBehaviour, type WhenForgotten } from "./behaviour.js";

const SECOND = 1000;
const HOUR = 3600 * SECOND;

/** net/netfilter/nf_conntrack_proto_udp.c: a binding is no stream before this age. */
const STREAM_AFTER_MS = 2000;

/** What every Linux router does, of whatever time-outs: masquerading over connection tracking. */
const linux: NatBehaviour = {
	...defaultBehaviour,
	mapping: "address-and-port-dependent",
	filtering: "address-and-port-dependent",
	inboundRefresh: true,
	portPreservation: true,
	firstPort: 1024,
	// nf_conntrack_tcp_timeout_established and _syn_recv.
	tcp: { establishedMs: 432_000 * SECOND, transitoryMs: 60 * SECOND, whenForgotten: "picked-up" },
};

function linuxOf(udpSeconds: number, streamSeconds: number): NatBehaviour {
	const stream = { timeoutMs: streamSeconds * SECOND, afterMs: STREAM_AFTER_MS };
	return { ...linux, udpTimeoutMs: udpSeconds * SECOND, stream };
}

function tcpOf(establishedMs: number, transitoryMs: number, whenForgotten: WhenForgotten): NatBehaviour["tcp"] {
	return { establishedMs, transitoryMs, whenForgotten };
}

/** One lifetime for all bindings of UDP, outbound traffic alone refreshes, everything else as strict as it comes. */
export function plainNat(lifetimeMs: number): NatBehaviour {
	return { ...defaultBehaviour, udpTimeoutMs: lifetimeMs };
}

/** By name. */
export const natProfiles = {
	/** Linux since 2018, as it comes. */
	"linux-30-120": linuxOf(30, 120),
	/** Linux before that, and the security groups of AWS. */
	"linux-30-180": linuxOf(30, 180),
	/** The median of carrier-grade NATs, not cellular (IMC 2016); the mapping depends on the destination. */
	"cgn-35": { ...plainNat(35 * SECOND), mapping: "address-and-port-dependent" },
	/** The median of cellular ones. */
	"cgn-65": { ...plainNat(65 * SECOND), mapping: "address-and-port-dependent" },
	/** The same with RFC 4787's endpoint-independent filter, which RFC 6888 recommends: anybody gets in. */
	"cgn-65-open": { ...plainNat(65 * SECOND), filtering: "endpoint-independent" },
	/** As endpoint-independent as RFC 4787 wishes, but strict about the address. */
	"cgn-65-address": { ...plainNat(65 * SECOND), mapping: "address-dependent", filtering: "address-dependent" },
	/** The median of home gateways for traffic of both directions (IMC 2010); a TCP connection lives an hour. */
	"home-180": { ...plainNat(180 * SECOND), portPreservation: true, tcp: tcpOf(HOUR, 240 * SECOND, "silent") },
	/** What RFC 4787 recommends: VPP, Cisco IOS. */
	"rfc-300": plainNat(300 * SECOND),
	/** AWS' NAT gateway: both protocols alike, and a RST for a connection that it forgot. */
	"aws-350": { ...plainNat(350 * SECOND), tcp: tcpOf(350 * SECOND, 350 * SECOND, "reset") },
	/** Google's Cloud NAT. */
	"gcp-30": { ...plainNat(30 * SECOND), tcp: tcpOf(1200 * SECOND, 30 * SECOND, "silent") },
	/** Azure's NAT gateway: 4 minutes for all. */
	"azure-240": { ...plainNat(240 * SECOND), tcp: tcpOf(240 * SECOND, 240 * SECOND, "reset") },
	/** A network that lets no datagram out: 3 to 5 % of all (RFC 9308, 2). */
	"udp-blocked": { ...plainNat(30 * SECOND), blocksUdp: true },
} as const satisfies Readonly<Record<string, NatBehaviour>>;

export const profileNames = Object.keys(natProfiles) as (keyof typeof natProfiles)[];
