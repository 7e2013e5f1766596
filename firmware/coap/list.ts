// Short lists that live as long as the endpoint: searched and shortened without garbage.

/** The item of a list that has this handle. */
export function withHandle<T extends { readonly handle: number }>(list: readonly T[], handle: number): T | undefined {
	for (let i = 0; i < list.length; i++) if (list[i]!.handle === handle) return list[i];
	return undefined;
}

/** Takes an item out of a list in place. */
export function removeItem<T>(list: T[], item: T): void {
	const index = list.indexOf(item);
	if (index < 0) return;
	list.copyWithin(index, index + 1);
	list.pop();
}
