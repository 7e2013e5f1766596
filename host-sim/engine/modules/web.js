// `pinhole/web`: the few globals of the web that the test tools need. They import them, so firmware never sees them.
const print = $host.process.print;
const { set, clear } = $host.timer;

export const console = Object.freeze({
	log(...values) {
		print(values.join(" "));
	},
});

export function setTimeout(callback, delayMs = 0) {
	return set(callback, delayMs);
}

export const clearTimeout = clear;
