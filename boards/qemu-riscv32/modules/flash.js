// `embedded:storage/flash`: the partitions of flash bank 1 by name.
const Flash = $host.Flash;

export default Object.freeze({
	open(options) {
		return new Flash(options);
	},
});
