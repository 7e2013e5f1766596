// Modules that are not ours: what an image may import, and which manifest of the SDK brings it.

/** One module of the SDK that we have typings for. */
interface Specifier {
	/** The manifest that must be included, below $(MODDABLE); undefined: always there. */
	readonly manifest: string | undefined;
	/** The SDK's own typing, below $(MODDABLE)/typings, that ours must take the place of. */
	readonly typing: string;
}

const IO = "modules/io/manifest.json";

export const SPECIFIERS: Readonly<Record<string, Specifier>> = Object.freeze({
	crypt: { manifest: "modules/crypt/digest/manifest.json", typing: "crypt" },
	"embedded:io/serial": { manifest: IO, typing: "embedded_io/serial" },
	"embedded:io/socket/tcp": { manifest: IO, typing: "embedded_io/socket/tcp" },
	"embedded:io/socket/tcp/tls": {
		manifest: "examples/io/tcp/tlssocket/manifest.json",
		typing: "embedded_io/socket/tcp/tls",
	},
	"embedded:io/socket/udp": { manifest: IO, typing: "embedded_io/socket/udp" },
	"embedded:network/dns/resolver/udp": {
		manifest: "examples/io/udp/dns/manifest_dns.json",
		typing: "embedded_network/dns/resolver/udp",
	},
	"embedded:network/interface/wifi": { manifest: IO, typing: "embedded_network/interface/wifi" },
	"embedded:storage/flash": { manifest: "modules/io/flash/manifest.json", typing: "embedded/storage/flash" },
	"embedded:storage/key-value": { manifest: "modules/io/storage/manifest.json", typing: "embedded/storage/key-value" },
	"embedded:update": { manifest: "modules/io/update/manifest.json", typing: "embedded/update" },
	"mc/config": { manifest: undefined, typing: "mc/config" },
	time: { manifest: undefined, typing: "time" },
	timer: { manifest: undefined, typing: "timer" },
});

/** mcconfig makes this one, with its typing, where a manifest has `ffi`. */
export const FFI = "mc/ffi";
