// What a store throws; the old value of the key, and all others, are then as they were.

/** There is no room for the value. */
export class StoreFull extends Error {
	override readonly name = "StoreFull";
}

/** The flash does not take it: every bank that could be tried is worn out or broken. */
export class StoreFailed extends Error {
	override readonly name = "StoreFailed";
}
