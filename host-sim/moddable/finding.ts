// What a rule about Moddable's manifests found.

/** A file and one sentence about it. */
export interface Finding {
	readonly path: string;
	readonly message: string;
}

/** Collects findings about one file. */
export class Findings {
	readonly list: Finding[] = [];

	add(path: string, message: string): void {
		this.list.push({ path, message });
	}

	/** Adds one unless the condition holds. */
	demand(condition: boolean, path: string, message: string): void {
		if (!condition) this.add(path, message);
	}
}
