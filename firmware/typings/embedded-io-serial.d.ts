// ECMA-419 serial port as Moddable SDK 8.2.3 has it.
declare module "embedded:io/serial" {
	const Serial: import("../io/ecma-419.js").SerialConstructor;
	export default Serial;
}
