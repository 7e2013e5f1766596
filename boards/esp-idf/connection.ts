// Connections of the SDK as the shell takes them: TCP, and its TLS as a wrapper and nothing more.

import TCP from "embedded:io/socket/tcp";
import TLSSocket from "embedded:io/socket/tcp/tls";
import type { Tcp, TcpConstructor, TcpOptions } from "../../firmware/io/ecma-419.js";

/** What they have in common; `read` gives all that is there. */
interface Socket {
	read(): ArrayBuffer | undefined;
	write(buffer: ArrayBufferLike | ArrayBufferView): number | undefined;
	close(): void;
}

/** What one is told, without the shell's `this`. */
type Callbacks = Required<Pick<TcpOptions, "onReadable" | "onWritable" | "onError">>;

/** Gives pieces of what was read: told a count, the SDK's sockets throw where less is there, or go on for ever. */
abstract class Connection implements Tcp {
	readonly #socket: Socket;
	#rest: ArrayBuffer | undefined;
	#isClosed = false;

	constructor(options: TcpOptions, open: (callbacks: Callbacks) => Socket) {
		this.#socket = open({
			onReadable: (count) => options.onReadable?.call(this, count),
			onWritable: (count) => options.onWritable?.call(this, count),
			onError: () => options.onError?.call(this),
		});
	}

	read(count?: number): ArrayBuffer | undefined {
		const bytes = this.#rest ?? (this.#isClosed ? undefined : this.#socket.read());
		this.#rest = undefined;
		if (bytes === undefined || bytes.byteLength === 0) return undefined;
		if (count === undefined || count >= bytes.byteLength) return bytes;
		this.#rest = bytes.slice(count);
		return bytes.slice(0, count);
	}

	/** A socket that has failed gives nothing, and says so later. */
	write(buffer: ArrayBufferLike | ArrayBufferView): number {
		return this.#socket.write(buffer) ?? 0;
	}

	close(): void {
		if (this.#isClosed) return;
		this.#isClosed = true;
		this.#socket.close();
	}
}

/** TCP by lwIP. */
export class TcpConnection extends Connection {
	constructor(options: TcpOptions) {
		super(options, (callbacks) => new TCP({ ...options, ...callbacks }));
	}
}

/** Whatever the SDK's TLS throws at what a peer says ends the connection, and not the firmware. */
class GuardedTcp extends TCP {
	constructor(options: TcpOptions) {
		const { onReadable, onWritable, onError } = options;
		const guarded = (callback: TcpOptions["onReadable"]) =>
			function (this: Tcp, count: number): void {
				try {
					callback?.call(this, count);
				} catch {
					onError?.call(this);
				}
			};
		super({ ...options, onReadable: guarded(onReadable), onWritable: guarded(onWritable) });
	}
}

/**
 * TLS for accounts whose keys say who the server is, inside. The SDK's own looks at no name in a certificate, and takes
 * an alert in the handshake for its end: it proves nothing, and who needs that proof is refused.
 */
export class TlsWrapper extends Connection {
	constructor(options: TcpOptions & { readonly anybody?: boolean; readonly trust?: string }) {
		const { address, anybody = false, applicationProtocol = "", host = address, trust } = options;
		if (!anybody || trust !== undefined) throw new Error("this board's TLS proves no certificate");
		const secure = { verify: false, cache: false, applicationLayerProtocolNegotiation: applicationProtocol };
		super(options, (callbacks) => new TLSSocket({ ...options, ...callbacks, host, secure, TCP: { io: GuardedTcp } }));
	}
}

/** The constructors, in the board's way. */
export const connections: Readonly<Record<"tcp" | "tls", { readonly io: TcpConstructor }>> = Object.freeze({
	tcp: Object.freeze({ io: TcpConnection }),
	tls: Object.freeze({ io: TlsWrapper }),
});
