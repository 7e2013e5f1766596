// ECMA-419 domain name resolver of Moddable SDK 8.2.3.
declare module "embedded:network/dns/resolver/udp" {
	import type { ResolverConstructor } from "../io/ecma-419.js";

	const Resolver: ResolverConstructor;
	export default Resolver;
}
