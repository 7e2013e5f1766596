// `pinhole/random`: the system's true randomness.
const native = $host.random;

/** Fills a Uint8Array or an ArrayBuffer. */
export default function fill(into) {
	native.fill(into);
}
