// XS has Object.freeze(value, true); Node has not, and the firmware runs on both.

/** Freezes a tree of plain objects and arrays in place. For tables at module level only: it walks by recursion. */
export function deepFreeze<T extends object>(tree: T): T {
	for (const child of Object.values(tree) as unknown[])
		if (typeof child === "object" && child !== null && !Object.isFrozen(child)) deepFreeze(child);
	return Object.freeze(tree);
}
