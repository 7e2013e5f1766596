// Moddable's time module, as much of it as we use.
declare module "time" {
	const Time: import("../io/ecma-419.js").TimeModule;
	export default Time;
}
