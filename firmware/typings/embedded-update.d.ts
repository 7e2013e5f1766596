// Update partitions of Moddable SDK 8.2.3.
declare module "embedded:update" {
	const update: import("../io/ecma-419.js").UpdateModule;
	export default update;
}
