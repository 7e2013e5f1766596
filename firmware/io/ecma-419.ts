// The shapes of ECMA-419 and of Moddable's timer that the shell is given, as Moddable's own clients are: by option.

/** A datagram as `read()` returns it: the bytes, and where they came from as own properties. */
export type Datagram = ArrayBuffer & { readonly address: string; readonly port: number };

/** ECMA-419 UDP socket, in the argument order of Moddable SDK 8.2.3. */
export interface Udp {
	read(): Datagram | undefined;
	write(buffer: ArrayBufferLike | ArrayBufferView, address: string, port: number): void;
	close(): void;
}

export interface UdpOptions {
	readonly port?: number;
	readonly onReadable?: (this: Udp, count: number) => void;
}

export type UdpConstructor = new (options: UdpOptions) => Udp;

/** Moddable's `timer` module. */
export interface TimerModule {
	set(callback: () => void, delayMs?: number, repeatMs?: number): TimerId;
	clear(id: TimerId | undefined): void;
}

export type TimerId = number | object;

/** Moddable's `time` module: `ticks` are milliseconds, on a microcontroller signed 32-bit that wrap. */
export interface TimeModule {
	readonly ticks: number;
}

/** ECMA-419 domain name resolver (`embedded:network/dns/resolver/udp` of the SDK). */
export interface Resolver {
	resolve(options: {
		readonly host: string;
		readonly onResolved: (host: string, address: string) => void;
		readonly onError: (error: unknown) => void;
	}): void;
	close(): void;
}

export type ResolverConstructor = new (options: object) => Resolver;
