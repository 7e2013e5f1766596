// Which part of the project a file belongs to.

/** Folders of the firmware that are sans-IO; the modules beside main.ts are too. */
const CORE =
	/^firmware\/(?:(?:coap|lwm2m|security|reach|sms|equipment|agent|store|console)\/|(?!main\.ts$)[\w-]+\.ts$)/;

/** The synchronous state machines: no clock, no timer, no socket, nothing of a platform. */
export function isCore(path: string): boolean {
	return CORE.test(path);
}

/** Tests, and the benches on which they stand. */
export function isTest(path: string): boolean {
	return path.endsWith(".test.ts") || path.endsWith("/bench.ts") || path.startsWith("firmware/tests/");
}

/** The simulated world, machines and flash, but command line and files: a seed gives the same run on each engine. */
const WORLD = /^host-sim\/(?:world\/(?!sim\.ts$|pcap-ring\.ts$)|machines\/|flash\/(?!file))/;

/** A file that XS runs: the firmware and the simulated world, and their tests but those for Node alone. */
export function runsOnXs(path: string): boolean {
	return (path.startsWith("firmware/") || WORLD.test(path)) && !/\.(node|property)\.test\.ts$/.test(path);
}

/** The firmware's own modules: preloaded into read-only memory on a device. */
export function isPreloaded(path: string): boolean {
	return path.startsWith("firmware/") && !isTest(path) && !path.startsWith("firmware/typings/");
}
