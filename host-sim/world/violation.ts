// What a broken invariant is called.

/** An invariant does not hold; the message says which, where, and what was seen. */
export class Violation extends Error {}
