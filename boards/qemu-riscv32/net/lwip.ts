// lwIP for the board.

import { join } from "node:path";
import { type DebianSource, fetchDebianSource } from "../../../host-sim/engine/debian-source.js";

const PACKAGE: DebianSource = {
	title: "lwIP 2.1.3",
	pool: "l/lwip",
	file: "lwip_2.1.3+dfsg1.orig.tar.xz",
	sha256: "0a8276d09fc4e97bbba2f953d74af2388fc2195ea156be9d7589e297a68fde24",
	folder: "lwip-2.1.3",
	parts: ["src/core", "src/include", "src/netif", "COPYING"],
};

/** What the board compiles of lwIP: IPv4, UDP, TCP, DHCP, DNS over Ethernet. */
const FILES = [
	...["def", "dns", "inet_chksum", "init", "ip", "mem", "memp", "netif", "pbuf", "sys", "tcp", "tcp_in", "tcp_out"],
	...["timeouts", "udp"],
	...["dhcp", "etharp", "icmp", "ip4", "ip4_addr"].map((name) => `ipv4/${name}`),
].map((name) => `core/${name}.c`);

/** lwIP's sources on this machine. */
export interface Lwip {
	readonly sources: readonly string[];
	/** Folder for -I; that of lwipopts.h and arch/cc.h comes beside it. */
	readonly include: string;
	/** For the names of what is built from them. */
	readonly hash: string;
}

/** Fetches what is not here yet; throws an Error of one sentence where it cannot. */
export async function fetchLwip(): Promise<Lwip> {
	const folder = await fetchDebianSource(PACKAGE);
	return {
		sources: [...FILES, "netif/ethernet.c"].map((path) => join(folder, "src", path)),
		include: join(folder, "src/include"),
		hash: PACKAGE.sha256,
	};
}
