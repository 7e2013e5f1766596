// The global `device`: the drivers of this board with their options, and what only the board can tell.

import Serial from "embedded:io/serial";
import TCP from "embedded:io/socket/tcp";
import UDP from "embedded:io/socket/udp";
import Resolver from "embedded:network/dns/resolver/udp";
import Ethernet from "embedded:network/interface/ethernet";
import flash from "embedded:storage/flash";
import primitives from "pinhole/primitives";
import TLS from "pinhole/tls";

const native = $host.device;
const { fill } = $host.random;

globalThis.device = Object.freeze(
	{
		serial: { console: { io: Serial } },
		network: {
			udp: { io: UDP },
			tcp: { io: TCP },
			tls: { io: TLS },
			dns: { io: Resolver },
			interface: { io: Ethernet, kind: "ethernet" },
		},
		storage: { journal: { io: flash, path: "journal" } },
		random: { fill },
		primitives,
		reset: {
			get reason() {
				return native.reason;
			},
			get cause() {
				return native.cause;
			},
		},
		heap: {
			get usedBytes() {
				return native.usedBytes;
			},
		},
		/** Figures of the memory in bytes, beyond what every board has. */
		memory: native.memory,
		restart: native.restart,
	},
	true,
);
