// ECMA-419 UDP as Moddable SDK 8.2.3 has it; the SDK's own typings lack close().
declare module "embedded:io/socket/udp" {
	import type { UdpConstructor } from "../io/ecma-419.js";

	const UDP: UdpConstructor;
	export default UDP;
}
