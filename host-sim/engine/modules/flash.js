// `embedded:storage/flash`: the one partition of the board's flash file.
const native = $host.flash;

const SHAPE = Object.freeze({ size: 16 * 4096, blockLength: 4096, blocks: 16 });

class Flash {
	status() {
		return SHAPE;
	}

	eraseBlock(start, end = start + 1) {
		native.erase(start, end);
	}

	read(what, offset) {
		const bytes = typeof what === "number" ? new ArrayBuffer(what) : what;
		native.read(bytes, offset);
		return bytes === what ? undefined : bytes;
	}

	write(buffer, offset) {
		native.write(buffer, offset);
	}

	close() {}
}

export default Object.freeze({
	open({ path }) {
		if (path !== "journal") throw new Error(`no partition ${path}`);
		native.open();
		return new Flash();
	},
});
