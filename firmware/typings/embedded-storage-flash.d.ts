// Flash partitions of Moddable SDK 8.2.3.
declare module "embedded:storage/flash" {
	const flash: import("../io/ecma-419.js").FlashModule;
	export default flash;
}
