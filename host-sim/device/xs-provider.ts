// What a device runs on when it runs on XS, as provider.ts is for Node.

import TCP from "embedded:io/socket/tcp";
import UDP from "embedded:io/socket/udp";
import Resolver from "embedded:network/dns/resolver/udp";
import primitives from "pinhole/primitives";
import fill from "pinhole/random";
import TLS from "pinhole/tls";
import Time from "time";
import Timer from "timer";
import type { Provider } from "../../firmware/main.js";
import type { Handover } from "./handover.js";

export const xsProvider: Provider = {
	udp: { io: UDP },
	tcp: { io: TCP },
	dns: { io: Resolver },
	timer: Timer,
	time: Time,
	random: {
		fill,
		uint32() {
			const word = new Uint8Array(4);
			fill(word);
			return new DataView(word.buffer).getUint32(0);
		},
	},
	primitives,
};

/** With TLS as node.ts has it, but for the system's own certificates: those the engine does not know. */
export function xsProviderFor({ credentials, trusted }: Handover): Provider {
	const tls = { io: TLS, trust: trusted, anybody: credentials !== undefined };
	return { ...xsProvider, tls };
}
