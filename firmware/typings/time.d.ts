// Moddable's time module, as much of it as we use.
declare module "time" {
	import type { TimeModule } from "../io/ecma-419.js";

	const Time: TimeModule;
	export default Time;
}
