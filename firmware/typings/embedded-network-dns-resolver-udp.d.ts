// ECMA-419 domain name resolver of Moddable SDK 8.2.3.
declare module "embedded:network/dns/resolver/udp" {
	const Resolver: import("../io/ecma-419.js").ResolverConstructor;
	export default Resolver;
}
