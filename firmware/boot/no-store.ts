// A store for starts that must not meet again what was stored before.

import type { Store } from "../contract.js";

function refuse(): never {
	throw new Error("nothing is kept before a good run");
}

/** Nothing is in it, and it takes nothing: a server is told so, and is not promised what the next start has not. */
export const noStore: Store = Object.freeze({
	read: () => undefined,
	write: refuse,
	delete: refuse,
	keys: () => [],
});
