// The modules of this board that Moddable has, too, and that the firmware does not use (yet).

declare module "embedded:io/socket/tcp" {
	/** ECMA-419 TCP socket, as in Moddable SDK 8.2.3. */
	export interface Tcp {
		readonly remoteAddress: string;
		readonly remotePort: number;
		/** Up to `count` bytes, by default all; undefined when there is none. */
		read(count?: number): ArrayBuffer | undefined;
		/** How many bytes were read into it. */
		read(into: Uint8Array): number | undefined;
		/** All or nothing; gives the room that is left. */
		write(buffer: ArrayBufferLike | ArrayBufferView): number;
		close(): void;
	}

	const TCP: new (options: {
		readonly address: string;
		readonly port: number;
		readonly nodelay?: boolean;
		readonly onReadable?: (this: Tcp, count: number) => void;
		readonly onWritable?: (this: Tcp, count: number) => void;
		readonly onError?: (this: Tcp) => void;
	}) => Tcp;
	export default TCP;
}
