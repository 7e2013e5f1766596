// TLS as Moddable SDK 8.2.3 has it: a client in JavaScript over a TCP class that it is given.
declare module "embedded:io/socket/tcp/tls" {
	/** What it is told of the session, beside the options of TCP. */
	interface Secure {
		/** False: whose certificate it is does not matter. */
		readonly verify: boolean;
		/** False: no session is kept for the next connection. */
		readonly cache: boolean;
		/** Protocols for ALPN, between colons. */
		readonly applicationLayerProtocolNegotiation: string;
	}

	/** `write` gives the room that is left; `read` takes no count. */
	const TLSSocket: new (
		options: import("../../../firmware/io/ecma-419.js").TcpOptions & {
			readonly secure: Secure;
			readonly TCP: { readonly io: import("../../../firmware/io/ecma-419.js").TcpConstructor };
		},
	) => import("../../../firmware/io/ecma-419.js").Tcp;
	export default TLSSocket;
}
