// ECMA-419 TCP over Node's net and tls: same options, same order of calls, the room of a microcontroller's socket.

import { createConnection, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectTls } from "node:tls";
import type { TcpConstructor, TcpOptions, Tcp as TcpShape } from "../../firmware/io/ecma-419.js";

/** Bytes that wait to be sent: lwIP's TCP_SND_BUF on an ESP32. */
const SEND_BUFFER_LENGTH = 5744;

abstract class Connection implements TcpShape {
	readonly #socket: Socket;
	readonly #options: TcpOptions;
	#received = Buffer.alloc(0);
	/** Written and not yet taken by the system. */
	#unsent = 0;
	#connected = false;
	#ended = false;
	#closed = false;

	constructor(socket: Socket, connected: "connect" | "secureConnect", options: TcpOptions) {
		this.#socket = socket;
		this.#options = options;
		socket.setNoDelay(options.nodelay ?? false);
		socket.once(connected, () => {
			this.#connected = true;
			this.#tellRoom();
		});
		socket.on("data", (bytes: Buffer) => {
			this.#received = Buffer.concat([this.#received, bytes]);
			this.#tellReceived();
		});
		socket.on("error", (error: NodeJS.ErrnoException) => this.#end(error));
		socket.on("close", () => this.#end());
		socket.on("end", () => this.#end());
	}

	read(count = this.#received.length): ArrayBuffer | undefined {
		if (this.#received.length === 0) return undefined;
		const bytes = this.#received.subarray(0, count);
		this.#received = this.#received.subarray(bytes.length);
		return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
	}

	write(buffer: ArrayBufferLike | ArrayBufferView): number {
		// The caller uses its buffer again as soon as we return; the socket sends later.
		const bytes = ArrayBuffer.isView(buffer)
			? Buffer.from(Buffer.from(buffer.buffer, buffer.byteOffset, buffer.byteLength))
			: Buffer.from(new Uint8Array(buffer));
		if (this.#closed || this.#ended || bytes.length > this.#room) throw new Error("no room");
		this.#unsent += bytes.length;
		this.#socket.write(bytes, () => {
			this.#unsent -= bytes.length;
			this.#tellRoom();
		});
		return this.#room;
	}

	close(): void {
		if (this.#closed) return;
		this.#closed = true;
		// What was written leaves, then the connection ends; whoever does not end his side is left alone all the same.
		this.#socket.end(() => this.#socket.destroySoon());
	}

	get #room(): number {
		return SEND_BUFFER_LENGTH - this.#unsent;
	}

	#tellRoom(): void {
		if (!this.#closed && !this.#ended) this.#options.onWritable?.call(this, this.#room);
	}

	#tellReceived(): void {
		if (!this.#closed && this.#received.length > 0) this.#options.onReadable?.call(this, this.#received.length);
	}

	/** The peer's end, or a failure: told once, after all that came before was read. */
	#end(error?: NodeJS.ErrnoException): void {
		if (this.#ended) return;
		this.#tellReceived();
		this.#ended = true;
		if (!this.#closed) this.#options.onError?.call(this, this.#connected ? undefined : this.reasonOf(error));
	}

	/** Why there never was a connection; TCP alone says nothing. */
	protected reasonOf(_error: NodeJS.ErrnoException | undefined): string | undefined {
		return undefined;
	}
}

export class Tcp extends Connection {
	constructor(options: TcpOptions) {
		super(createConnection({ host: options.address, port: options.port }), "connect", options);
	}
}

/** What TLS needs to know beyond the address: whom to trust, and who we are. */
export type TlsSettings = Pick<ConnectionOptions, "ca" | "rejectUnauthorized" | "pskCallback" | "ciphers">;

/** What OpenSSL has against a server, in the words of the engine's TLS (host-sim/engine/c/shared/tls.c). */
const REASONS: Readonly<Record<string, string>> = {
	CERT_HAS_EXPIRED: "the certificate has expired",
	CERT_NOT_YET_VALID: "the certificate is not valid yet",
	DEPTH_ZERO_SELF_SIGNED_CERT: "the certificate's issuer is not trusted",
	ECONNRESET: "the connection ended in the handshake",
	ERR_TLS_CERT_ALTNAME_INVALID: "the certificate is for another name",
	SELF_SIGNED_CERT_IN_CHAIN: "the certificate's issuer is not trusted",
	UNABLE_TO_GET_ISSUER_CERT: "the certificate's issuer is not trusted",
	UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "the certificate's issuer is not trusted",
	UNABLE_TO_VERIFY_LEAF_SIGNATURE: "the certificate's issuer is not trusted",
};

/** TLS in the shape of TCP: these settings hold for all its connections. */
export function tlsConstructor(settings: TlsSettings): TcpConstructor {
	return class Tls extends Connection {
		constructor(options: TcpOptions) {
			const { address, applicationProtocol, host = address, port } = options;
			const ALPNProtocols = applicationProtocol === undefined ? [] : [applicationProtocol];
			// Where the server is known by its address alone, there is no name to send (RFC 6066, 3).
			const name = host === address ? {} : { servername: host };
			super(connectTls({ ...settings, ...name, host: address, port, ALPNProtocols }), "secureConnect", options);
		}

		protected override reasonOf(error: NodeJS.ErrnoException | undefined): string | undefined {
			if (error?.syscall === "connect") return undefined;
			return REASONS[error?.code ?? "ECONNRESET"] ?? "the TLS handshake failed";
		}
	};
}
