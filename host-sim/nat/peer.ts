// The other side of a datagram, written "192.0.2.1:5683": one string serves as Map key, log text and JSON member.

/** An IPv4 address and a UDP port, as "127.0.0.1:5683". */
export type Peer = string;

export function peerOf(address: string, port: number): Peer {
	return `${address}:${port}`;
}

/** The address alone: what address-dependent behaviour compares (RFC 4787, 4.1). */
export function addressOf(peer: Peer): string {
	return peer.slice(0, peer.lastIndexOf(":"));
}

export function portOf(peer: Peer): number {
	return Number(peer.slice(peer.lastIndexOf(":") + 1));
}
