// A DHCP server for a handful of boards (RFC 2131): an address for each hardware address, the same one each time.

import { addressBytes, addressText } from "./packet.js";

export const DHCP_SERVER_PORT = 67;
export const DHCP_CLIENT_PORT = 68;

const BOOT_REQUEST = 1;
const BOOT_REPLY = 2;
const OPTIONS_OFFSET = 240;
const MAGIC_COOKIE = 0x6382_5363;

/** Option codes (RFC 2132) and message types that are used here. */
const OPTION = { mask: 1, router: 3, dns: 6, requested: 50, lease: 51, type: 53, server: 54, end: 255 } as const;
const TYPE = { discover: 1, offer: 2, request: 3, ack: 5, nak: 6 } as const;

/** What the server gives out: the addresses behind its own in the same network. */
export interface DhcpNetwork {
	/** Of the gateway, which is router and DNS server as well; its last byte is below those of the boards. */
	readonly address: string;
	readonly mask: string;
	readonly leaseSeconds: number;
	readonly leaseCount: number;
}

/** An answer, and whom it goes to: a board that has no address yet takes it at the one it is offered. */
export interface DhcpAnswer {
	readonly message: Buffer;
	readonly address: string;
}

export class DhcpServer {
	readonly #network: DhcpNetwork;
	readonly #leases = new Map<string, string>();

	constructor(network: DhcpNetwork) {
		this.#network = network;
	}

	/** Answers one message of a client; undefined for what needs no answer. */
	handle(message: Buffer): DhcpAnswer | undefined {
		if (message.length < OPTIONS_OFFSET || message[0] !== BOOT_REQUEST) return undefined;
		if (message.readUInt32BE(OPTIONS_OFFSET - 4) !== MAGIC_COOKIE) return undefined;
		const options = readOptions(message);
		const address = this.#addressOf(message.toString("hex", 28, 34));
		if (address === undefined) return undefined;
		switch (options.get(OPTION.type)?.[0]) {
			case TYPE.discover:
				return { message: this.#answer(message, TYPE.offer, address), address };
			case TYPE.request:
				return this.#handleRequest(message, options, address);
			default:
				return undefined;
		}
	}

	#handleRequest(message: Buffer, options: ReadonlyMap<number, Buffer>, address: string): DhcpAnswer | undefined {
		const server = options.get(OPTION.server);
		if (server !== undefined && addressText(server) !== this.#network.address) return undefined;
		// While renewing, the address stands in ciaddr (RFC 2131, 4.3.2).
		const current = addressText(message.subarray(12, 16));
		const asked = options.get(OPTION.requested);
		const wanted = asked === undefined ? current : addressText(asked);
		if (wanted === address) return { message: this.#answer(message, TYPE.ack, address), address };
		return { message: this.#answer(message, TYPE.nak, "0.0.0.0"), address: "255.255.255.255" };
	}

	#addressOf(hardware: string): string | undefined {
		const known = this.#leases.get(hardware);
		if (known !== undefined) return known;
		if (this.#leases.size >= this.#network.leaseCount) return undefined;
		const bytes = addressBytes(this.#network.address);
		const address = addressText(Uint8Array.of(...bytes.slice(0, 3), bytes[3]! + 1 + this.#leases.size));
		this.#leases.set(hardware, address);
		return address;
	}

	#answer(request: Buffer, type: number, address: string): Buffer {
		const { address: own, mask, leaseSeconds } = this.#network;
		const message = Buffer.alloc(OPTIONS_OFFSET);
		request.copy(message, 0, 0, 44); // type of hardware, transaction, flags, addresses, client's hardware address
		message[0] = BOOT_REPLY;
		message.set(addressBytes(address), 16);
		message.set(addressBytes(own), 20);
		message.writeUInt32BE(MAGIC_COOKIE, OPTIONS_OFFSET - 4);
		const options = [OPTION.type, 1, type, OPTION.server, 4, ...addressBytes(own)];
		if (type !== TYPE.nak) {
			const lease = Buffer.alloc(4);
			lease.writeUInt32BE(leaseSeconds);
			options.push(OPTION.lease, 4, ...lease, OPTION.mask, 4, ...addressBytes(mask));
			options.push(OPTION.router, 4, ...addressBytes(own), OPTION.dns, 4, ...addressBytes(own));
		}
		return Buffer.concat([message, Buffer.from([...options, OPTION.end])]);
	}
}

/** Options by code; what is cut off ends them. */
function readOptions(message: Buffer): Map<number, Buffer> {
	const options = new Map<number, Buffer>();
	for (let at = OPTIONS_OFFSET; at + 1 < message.length && message[at] !== OPTION.end; ) {
		const length = message[at] === 0 ? -1 : message[at + 1]!; // 0 is padding: one byte, no length
		if (length >= 0) options.set(message[at]!, message.subarray(at + 2, at + 2 + length));
		at += 2 + length;
	}
	return options;
}
