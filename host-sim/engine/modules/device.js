// `pinhole/device`: what a board has as its global `device`, played by the desktop with the modules beside it.

import Serial from "embedded:io/serial";
import TCP from "embedded:io/socket/tcp";
import UDP from "embedded:io/socket/udp";
import Resolver from "embedded:network/dns/resolver/udp";
import flash from "embedded:storage/flash";
import NetworkInterface from "pinhole/network-interface";
import primitives from "pinhole/primitives";
import fill from "pinhole/random";
import TLS from "pinhole/tls";

const { restart, reason, cause } = $host.board;
const { collect, bytes } = $host.measure;

export default Object.freeze(
	{
		serial: { console: { io: Serial } },
		network: {
			udp: { io: UDP },
			tcp: { io: TCP },
			tls: { io: TLS },
			dns: { io: Resolver },
			interface: { io: NetworkInterface, kind: "ethernet" },
		},
		storage: { journal: { io: flash, path: "journal" } },
		random: { fill },
		primitives,
		reset: {
			get reason() {
				return reason();
			},
			get cause() {
				return cause();
			},
		},
		heap: {
			get usedBytes() {
				collect();
				return bytes();
			},
		},
		restart,
	},
	true,
);
