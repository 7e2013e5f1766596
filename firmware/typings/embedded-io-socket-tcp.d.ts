// ECMA-419 TCP socket as Moddable SDK 8.2.3 has it.
declare module "embedded:io/socket/tcp" {
	const TCP: import("../io/ecma-419.js").TcpConstructor;
	export default TCP;
}
