// Moddable's timer module, as much of it as we use.
declare module "timer" {
	import type { TimerModule } from "../io/ecma-419.js";

	const Timer: TimerModule;
	export default Timer;
}
