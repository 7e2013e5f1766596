// Moddable's timer module, as much of it as we use.
declare module "timer" {
	const Timer: import("../io/ecma-419.js").TimerModule;
	export default Timer;
}
