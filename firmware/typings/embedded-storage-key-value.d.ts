// Key-value storage of Moddable SDK 8.2.3, as much of it as we use.
declare module "embedded:storage/key-value" {
	const keyValue: import("../io/ecma-419.js").KeyValueModule;
	export default keyValue;
}
