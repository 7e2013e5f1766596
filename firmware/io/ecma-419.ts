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

/**
 * ECMA-419 TCP socket that this side opens, as in Moddable SDK 8.2.3. It is connected once `onWritable` is called for
 * the first time; the peer's end and every failure are `onError`, once all that came before was read.
 */
export interface Tcp {
	/** Up to `count` bytes, by default all that are there; undefined when there is none. */
	read(count?: number): ArrayBuffer | undefined;
	/** All or nothing: throws when there is no room for it. Gives the room that is left. */
	write(buffer: ArrayBufferLike | ArrayBufferView): number;
	/** What was written before still goes out. */
	close(): void;
}

export interface TcpOptions {
	readonly address: string;
	readonly port: number;
	/** What a TLS socket asks the certificate and SNI to be; plain TCP ignores it. */
	readonly host?: string;
	/** What TLS is to agree on for the protocol inside (RFC 7301). */
	readonly applicationProtocol?: string;
	readonly nodelay?: boolean;
	/** So many bytes can be read. */
	readonly onReadable?: (this: Tcp, count: number) => void;
	/** So many bytes can be written; first when it is connected, then whenever there is more room. */
	readonly onWritable?: (this: Tcp, count: number) => void;
	/** TLS says in words of its own why there is no connection: not ECMA-419's, and not there on every board. */
	readonly onError?: (this: Tcp, why?: string) => void;
}

/** Plain TCP, or TLS over it: the same shape, chosen by the transport. Throws where there is no socket left. */
export type TcpConstructor = new (options: TcpOptions) => Tcp;

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

/** ECMA-419 serial port. `write` throws when there is no room: `onWritable` says how many bytes there is room for. */
export interface Serial {
	/** Up to `count` bytes, by default all; undefined when there is none. */
	read(count?: number): ArrayBuffer | undefined;
	write(buffer: ArrayBufferLike | ArrayBufferView): void;
	close(): void;
}

/** Further options (port, receive, transmit, device) are the board's own. */
export interface SerialOptions {
	readonly baud?: number;
	readonly format?: "buffer";
	readonly onReadable?: (this: Serial, count: number) => void;
	readonly onWritable?: (this: Serial, count: number) => void;
}

export type SerialConstructor = new (options: SerialOptions) => Serial;

/** One partition of the flash. Erased bytes are 0xFF; a write can only clear bits. */
export interface Flash {
	/** Sizes in bytes; `blocks` of `blockLength` each, the unit of erasing. */
	status(): { readonly size: number; readonly blockLength: number; readonly blocks: number };
	/** Erases the blocks from `start` up to, not including, `end` (default: one block). */
	eraseBlock(start: number, end?: number): void;
	read(count: number, offset: number): ArrayBuffer;
	read(into: Uint8Array, offset: number): void;
	/** Offset and length are multiples of four (what all chips take). */
	write(buffer: ArrayBufferLike | ArrayBufferView, offset: number): void;
	close(): void;
}

/** `embedded:storage/flash`: the partitions by name. */
export interface FlashModule {
	open(options: { readonly path: string; readonly mode?: "r" | "r+" }): Flash;
}

/** `embedded:storage/key-value`, keys and path of at most 15 characters; a write is committed when it returns. */
export interface KeyValue {
	read(key: string): ArrayBuffer | undefined;
	write(key: string, value: ArrayBufferLike | ArrayBufferView): void;
	delete(key: string): void;
	close(): void;
}

export interface KeyValueModule {
	open(options: { readonly path: string; readonly mode?: "r" | "r+"; readonly format?: "buffer" }): KeyValue;
}

/** `embedded:update`: the partition that boots next. `close` before `complete` changes nothing. */
export interface Update {
	write(buffer: ArrayBufferLike | ArrayBufferView, offset?: number): void;
	complete(): void;
	close(): void;
}

export interface UpdateModule {
	open(options: { readonly partition: Flash; readonly mode?: "a" | "w"; readonly byteLength?: number }): Update;
}

/** ECMA-419 network interface, Ethernet and Wi-Fi alike; `connection` is below 500 until it has an address. */
export interface NetworkInterface {
	readonly connection: number;
	readonly address?: string;
	readonly MAC?: string;
	readonly SSID?: string;
	readonly BSSID?: string;
	readonly RSSI?: number;
	connect(options: { readonly SSID?: string; readonly password?: string }): void;
	disconnect(): void;
	close(): void;
}

export type NetworkInterfaceConstructor = new (options: {
	readonly onChanged?: (this: NetworkInterface, property: string) => void;
}) => NetworkInterface;
