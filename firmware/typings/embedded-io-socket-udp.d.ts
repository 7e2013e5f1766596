// ECMA-419 UDP as Moddable SDK 8.2.3 has it; the SDK's own typings lack close().
declare module "embedded:io/socket/udp" {
	const UDP: import("../io/ecma-419.js").UdpConstructor;
	export default UDP;
}
