// `time`: Moddable's millisecond counter, signed 32-bit that wraps.
const clock = $host.clock;

export default Object.freeze({
	get ticks() {
		return clock.ticks;
	},
	/** Milliseconds from one tick to a later one, or to now. */
	delta(start, end = clock.ticks) {
		return (end - start) | 0;
	},
});
